package local

import (
	"context"
	"net"
	"strconv"
	"time"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/interpreter"
	"github.com/flowmage/flowmage/tasks/wait"
)

// Forward makes sure that the server, which listens on loopback only, can be reached at another address of this host, that of a network
// of containers, and gives the API's address there. The process that passes connections on outlives us, as the server does, and [Local.Down]
// stops it.
func (l *Local) Forward(ctx context.Context, host string) (string, error) {
	env, unlock, err := l.enter(ctx)
	if err != nil {
		return "", err
	}
	defer unlock()
	server, ok := l.noted(ctx, serverName)
	if !ok {
		return "", forwardFault(host, "the server is not running", nil)
	}
	spec := net.JoinHostPort(host, strconv.Itoa(server.Port))
	if r, runs := l.live(ctx, forwarderName); runs {
		if r.Spec == spec && r.Home == l.folder.Dir && r.Port != 0 && accepts(ctx, host, r.Port, time.Second) {
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
	for limit := time.Now().Add(l.limits.stop); !accepts(ctx, host, port, time.Second); wait.For(ctx, 50*time.Millisecond) {
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

func forwardFault(host, why string, err error) error {
	return &fault.Error{
		Code: fault.Server, What: "containers can't be given a way to the embedded server", Where: host, Why: why, Err: err,
		Next: "is that the address of a Docker network of this machine? docker network inspect rpa-network",
	}
}
