package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/flowmage/flowmage/tasks/prerequisite"
)

// stock starts a Prefect server as `prefect server start` does by itself: with the system's time zones, which each read of a schedule
// walks through.
func (l *lab) stock(ctx context.Context) (*prerequisite.Launched, error) {
	return prerequisite.Launch(ctx, l.python(), filepath.Join(l.root, ".stock"), nil)
}

// cluster is Prefect on Postgres and Redis with two API processes behind HAProxy.
type cluster struct{ script, dir, api string }

func (l *lab) cluster(ctx context.Context) (*cluster, error) {
	script, err := filepath.Abs(filepath.Join(".ci", "cluster"))
	if err != nil {
		return nil, err
	}
	c := &cluster{script: script, dir: filepath.Join(l.root, ".cluster")}
	var story bytes.Buffer
	cmd := exec.CommandContext(ctx, script, c.dir, "2", "behind")
	cmd.Stderr = &story
	out, err := cmd.Output()
	if err != nil {
		c.stop(ctx)
		return nil, fmt.Errorf("%s: %w\n%s", script, err, story.String())
	}
	c.api = strings.TrimSpace(string(out))
	return c, nil
}

func (c *cluster) stop(ctx context.Context) {
	ctx = context.WithoutCancel(ctx) // above all after a Ctrl-C
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
