package local

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/interpreter"
)

// Forward makes sure that the server, which listens on loopback only, can be reached at another address of this host, that of a network
// of containers, and gives the API's address there. The process that passes connections on outlives us, as the server does, and [Local.Down]
// stops it.
func (l *Local) Forward(ctx context.Context, host string) (string, error) {
	unlock, err := l.lock(ctx)
	if err != nil {
		return "", err
	}
	defer unlock()
	env, err := l.python.Ensure(ctx)
	if err != nil {
		return "", err
	}
	server, ok := l.noted(ctx, serverName)
	if !ok {
		return "", forwardFault(host, "the server is not running", nil)
	}
	spec := net.JoinHostPort(host, strconv.Itoa(server.Port))
	if r, runs := l.live(ctx, forwarderName); runs {
		if r.Spec == spec && r.Home == l.folder.Dir && r.Port != 0 && accepts(ctx, host, r.Port) {
			return forwarded(host, r.Port), nil
		}
		if err := l.stop(ctx, r); err != nil {
			return "", err
		}
	}
	return l.startForwarder(ctx, env, host, server.Port, spec)
}

func (l *Local) startForwarder(ctx context.Context, env interpreter.Env, host string, target int, spec string) (string, error) {
	port, err := freeOn(ctx, host, target)
	if err != nil {
		return "", forwardFault(host, "no port is free there", err)
	}
	args := []string{"forward", host, strconv.Itoa(port), strconv.Itoa(target)}
	r, err := l.launch(ctx, forwarderName, l.path("server"), env, l.python.Environ(env), args, record{Port: port, Spec: spec})
	if err != nil {
		return "", err
	}
	for limit := time.Now().Add(l.limits.stop); !accepts(ctx, host, port); pause(ctx, 50*time.Millisecond) {
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		if !r.alive(ctx) || time.Now().After(limit) {
			return "", forwardFault(host, lastLines(r.Log, 4), l.stop(ctx, r))
		}
	}
	return forwarded(host, port), nil
}

func forwarded(host string, port int) string {
	return "http://" + net.JoinHostPort(host, strconv.Itoa(port)) + "/api"
}

func accepts(ctx context.Context, host string, port int) bool {
	d := net.Dialer{Timeout: time.Second}
	conn, err := d.DialContext(ctx, "tcp", net.JoinHostPort(host, strconv.Itoa(port)))
	return err == nil && conn.Close() == nil
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

func forwardFault(host, why string, err error) error {
	return &fault.Error{
		Code: fault.Server, What: "containers can't be given a way to the embedded server", Where: host, Why: why, Err: err,
		Next: "is that the address of a Docker network of this machine? docker network inspect rpa-network",
	}
}
