package local

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/flowmage/flowmage/tasks/folder"
	"github.com/flowmage/flowmage/tasks/wait"
)

// loopback is the only address that the embedded server listens on.
const loopback = "127.0.0.1"

// defaultPort is Prefect's own; that many neighbours are tried before any free port is taken.
const (
	defaultPort = 4200
	neighbours  = 19
)

func addressOf(port int) string { return net.JoinHostPort(loopback, strconv.Itoa(port)) }

// choosePort gives the port of the last start if it is free, else Prefect's default, else a neighbour or any free one; and
// the one that would have been used but is taken, 0 when there is none.
func (l *Local) choosePort(ctx context.Context) (port, taken int, err error) {
	for _, wish := range []int{l.lastPort(), l.port} {
		if wish == 0 || wish == taken {
			continue
		}
		if free(ctx, wish) {
			return wish, taken, nil
		}
		if taken == 0 {
			taken = wish
		}
	}
	for step := range neighbours {
		if port := l.port + 1 + step; free(ctx, port) {
			return port, taken, nil
		}
	}
	port, err = freeOn(ctx, loopback, 0)
	return port, taken, err
}

// freeOn gives the wanted port when nobody listens on it there, else another one.
func freeOn(ctx context.Context, host string, wanted int) (int, error) {
	var failed error
	for _, port := range []int{wanted, 0} {
		listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", net.JoinHostPort(host, strconv.Itoa(port)))
		if err != nil {
			failed = err
			continue
		}
		address, ok := listener.Addr().(*net.TCPAddr)
		if err := listener.Close(); err != nil || !ok {
			return 0, fmt.Errorf("trying a port of %s: %w", host, err)
		}
		return address.Port, nil
	}
	return 0, failed
}

// free tells whether a server could listen there. A port that nobody answers on and that can't be had either belongs, most
// likely, to a process that is just ending: it is given a moment.
func free(ctx context.Context, port int) bool {
	for limit := time.Now().Add(time.Second); ; {
		if accepts(ctx, loopback, port, 200*time.Millisecond) {
			return false
		}
		listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addressOf(port))
		if err == nil {
			_ = listener.Close()
			return true
		}
		if time.Now().After(limit) || !wait.For(ctx, 20*time.Millisecond) {
			return false
		}
	}
}

// accepts tells whether anybody listens. Trying to listen would not be enough: some systems allow both a listener on all
// addresses and one on loopback.
func accepts(ctx context.Context, host string, port int, patience time.Duration) bool {
	d := net.Dialer{Timeout: patience}
	conn, err := d.DialContext(ctx, "tcp", net.JoinHostPort(host, strconv.Itoa(port)))
	return err == nil && conn.Close() == nil
}

func (l *Local) lastPort() int {
	data, err := folder.Read(l.path("run", "port"))
	if err != nil {
		return 0
	}
	port, err := strconv.Atoi(strings.TrimSpace(string(data)))
	if err != nil || port < 1 || port > 65535 {
		return 0
	}
	return port
}

func (l *Local) rememberPort(port int) error {
	return folder.WriteIfDifferent(l.path("run", "port"), []byte(strconv.Itoa(port)+"\n"))
}
