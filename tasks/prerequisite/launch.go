package prerequisite

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// ServerPython gives an interpreter with the Prefect of the server that [Server] names, for tests that need such a server to themselves.
func ServerPython(tb testing.TB) string {
	tb.Helper()
	if python := os.Getenv("FLOWMAGE_TEST_SERVER_PYTHON"); python != "" {
		return python
	}
	return Python(tb)
}

// Launched is a Prefect server of its own, with the database in a folder of its own.
type Launched struct {
	API string // with /api at the end

	command func() *exec.Cmd
	running *exec.Cmd
	log     string
}

// Launch starts a server as `prefect server start` does and waits until it answers, for two minutes at most. home becomes PREFECT_HOME and
// is made; env goes over what is left of the environment without settings for Prefect, for us and for time zones; args go to the command line.
func Launch(ctx context.Context, python, home string, env []string, args ...string) (*Launched, error) {
	port, err := freePort(ctx)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(home, 0o700); err != nil {
		return nil, err
	}
	l := &Launched{API: "http://127.0.0.1:" + port + "/api", log: filepath.Join(home, "server.log")}
	l.command = func() *exec.Cmd {
		args := append([]string{"-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", port}, args...)
		cmd := exec.CommandContext(context.WithoutCancel(ctx), python, args...)
		cmd.Dir = home // Prefect reads .env and prefect.toml of the working folder
		cmd.Env = append(append(Environ(), "PREFECT_HOME="+home, "PREFECT_SERVER_API_PORT="+port, "PREFECT_SERVER_ANALYTICS_ENABLED=false"), env...)
		return cmd
	}
	return l, l.start(ctx)
}

// Restart kills the server, as a machine that loses power does, and starts it again with the same database at the same address.
func (l *Launched) Restart(ctx context.Context) error {
	if err := l.running.Process.Kill(); err != nil {
		return err
	}
	_ = l.running.Wait() // it says that it was killed
	return l.start(ctx)
}

// Stop ends the server.
func (l *Launched) Stop() {
	_ = l.running.Process.Signal(os.Interrupt) // it may have ended by itself
	_ = l.running.Wait()                       // with the signal's code
}

func (l *Launched) start(ctx context.Context) error {
	log, err := os.OpenFile(l.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	l.running = l.command()
	l.running.Stdout, l.running.Stderr = log, log
	if err := errors.Join(l.running.Start(), log.Close()); err != nil {
		return err
	}
	if err := answers(ctx, l.API); err != nil {
		l.Stop()
		said, _ := os.ReadFile(l.log)
		return fmt.Errorf("%w\n%s", err, said)
	}
	return nil
}

func answers(ctx context.Context, api string) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return errors.New("the Prefect server never answered")
		case <-tick.C:
		}
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, api+"/health", http.NoBody)
		if err != nil {
			return err
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			continue
		}
		_ = response.Body.Close() // nothing of it is wanted
		if response.StatusCode == http.StatusOK {
			return nil
		}
	}
}

func freePort(ctx context.Context) (string, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	_, port, err := net.SplitHostPort(listener.Addr().String())
	return port, errors.Join(err, listener.Close())
}

// Environ gives this process's environment without settings for Prefect, for us and for time zones.
func Environ() []string {
	return slices.DeleteFunc(os.Environ(), func(pair string) bool {
		return strings.HasPrefix(pair, "PREFECT_") || strings.HasPrefix(pair, "FLOWMAGE_") || strings.HasPrefix(pair, "PYTHONTZPATH=")
	})
}
