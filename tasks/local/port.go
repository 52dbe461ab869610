package local

import (
	"context"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/flowmage/flowmage/tasks/folder"
)

// loopback is the only address that the embedded server listens on.
const loopback = "127.0.0.1"

// defaultPort is Prefect's own; that many neighbours are tried before any free port is taken.
const (
	defaultPort = 4200
	neighbours  = 19
)

func address(port int) string { return net.JoinHostPort(loopback, strconv.Itoa(port)) }

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
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address(0))
	if err != nil {
		return 0, 0, err
	}
	defer listener.Close() //nolint:errcheck // nothing was sent
	_, text, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		return 0, 0, err
	}
	port, err = strconv.Atoi(text)
	return port, taken, err
}

// free tells whether a server could listen there. A port that nobody answers on and that can't be had either belongs, most
// likely, to a process that is just ending: it is given a moment.
func free(ctx context.Context, port int) bool {
	for limit := time.Now().Add(time.Second); ; {
		if answers(ctx, port) {
			return false
		}
		listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address(port))
		if err == nil {
			_ = listener.Close()
			return true
		}
		if time.Now().After(limit) || !pause(ctx, 20*time.Millisecond) {
			return false
		}
	}
}

// answers tells whether anybody listens. Trying to listen would not be enough: some systems allow both a listener on all
// addresses and one on loopback.
func answers(ctx context.Context, port int) bool {
	dialer := net.Dialer{Timeout: 200 * time.Millisecond}
	conn, err := dialer.DialContext(ctx, "tcp", address(port))
	if err == nil {
		_ = conn.Close()
	}
	return err == nil
}

func (l *Local) portPath() string { return l.path("run", "port") }

func (l *Local) lastPort() int {
	data, err := folder.Read(l.portPath())
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
	return folder.WriteIfDifferent(l.portPath(), []byte(strconv.Itoa(port)+"\n"))
}
