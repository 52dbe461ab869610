package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// stock starts a Prefect server as `prefect server start` does by itself: with the system's time zones, which each read of a schedule
// walks through. It gives the API's address and what stops the server.
func (l *lab) stock(ctx context.Context) (string, func(), error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	address := listener.Addr().String()
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return "", nil, err
	}
	if err := listener.Close(); err != nil {
		return "", nil, err
	}
	home := filepath.Join(l.root, ".stock")
	if err := os.MkdirAll(home, 0o700); err != nil {
		return "", nil, err
	}
	cmd := exec.CommandContext(ctx, filepath.Join(l.root, ".flowmage", "python", "bin", "python"),
		"-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", port)
	cmd.Dir = home
	cmd.Env = append(l.environ(), "PREFECT_HOME="+home, "PREFECT_SERVER_API_PORT="+port, "PREFECT_SERVER_ANALYTICS_ENABLED=false")
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	stop := func() {
		_ = cmd.Process.Signal(os.Interrupt) // it may have ended by itself
		_ = cmd.Wait()                       // with the signal's code
	}
	api := "http://" + address + "/api"
	if err := answers(ctx, api); err != nil {
		stop()
		return "", nil, err
	}
	return api, stop, nil
}

func answers(ctx context.Context, api string) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return errors.New("the server never answered")
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

// cluster is Prefect on Postgres and Redis with two API processes behind one address.
type cluster struct{ script, dir, api string }

func (l *lab) cluster(ctx context.Context) (*cluster, error) {
	script, err := filepath.Abs(filepath.Join(".ci", "cluster"))
	if err != nil {
		return nil, err
	}
	c := &cluster{script: script, dir: filepath.Join(l.root, ".cluster")}
	var story bytes.Buffer
	cmd := exec.CommandContext(ctx, script, c.dir, "2")
	cmd.Stderr = &story
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", script, err, story.String())
	}
	c.api = strings.TrimSpace(string(out))
	return c, nil
}

func (c *cluster) stop(ctx context.Context) {
	if out, err := exec.CommandContext(ctx, c.script, "stop", c.dir).CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "%v\n%s", err, out)
	}
}

// sql runs statements in the cluster's database.
func (c *cluster) sql(ctx context.Context, statements string) error {
	port, err := os.ReadFile(filepath.Join(c.dir, "postgres", "postmaster.pid"))
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, "psql", "--quiet", "--set=ON_ERROR_STOP=1", "--host=127.0.0.1",
		"--port="+strings.Split(string(port), "\n")[3], "--username=prefect", "prefect")
	cmd.Stdin = strings.NewReader(statements)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("psql: %w\n%s", err, out)
	}
	return nil
}
