package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// lab is a copy of the sample repository with an embedded Prefect server of its own.
type lab struct {
	root, mage string
	url        string // of the API
}

func open(ctx context.Context, mage string) (*lab, error) {
	root, err := os.MkdirTemp("", "benchmark")
	if err != nil {
		return nil, err
	}
	l := &lab{root: root, mage: mage}
	for _, dir := range []string{"flows", "core", "envs"} {
		if err := os.CopyFS(filepath.Join(root, dir), os.DirFS(dir)); err != nil {
			return nil, fmt.Errorf("start me in the repository's root: %w", err)
		}
	}
	fmt.Fprintln(os.Stderr, "preparing a Prefect server ...")
	if _, err := l.tool(ctx, "", "deploy:all"); err != nil {
		return nil, err
	}
	status, err := l.tool(ctx, "", "env:status", "-json")
	if err != nil {
		return nil, err
	}
	var s struct{ Server struct{ URL string } }
	if err := json.Unmarshal([]byte(status.out), &s); err != nil {
		return nil, err
	}
	l.url = s.Server.URL
	return l, nil
}

func (l *lab) close(ctx context.Context) {
	if _, err := l.tool(ctx, l.url, "env:down"); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	if err := os.RemoveAll(l.root); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
}

// turn is one run of a program.
type turn struct {
	out  string
	wall time.Duration
	cpu  time.Duration // user and system, of the process and the children it waited for
	peak int64         // resident bytes at most; 0 where the system does not tell
}

// tool runs the compiled tool: on its own embedded server, or on the one at another address.
func (l *lab) tool(ctx context.Context, api string, args ...string) (turn, error) {
	var environ []string
	if api != "" && api != l.url {
		environ = []string{"PREFECT_API_URL=" + api}
	}
	return l.exec(ctx, environ, l.mage, args...)
}

// prefect runs Prefect's own command line against the lab's server.
func (l *lab) prefect(ctx context.Context, api string, args ...string) (turn, error) {
	environ := []string{"PREFECT_API_URL=" + api, "PREFECT_HOME=" + filepath.Join(l.root, ".prefect-home")}
	python := filepath.Join(l.root, ".flowmage", "python", "bin", "python")
	return l.exec(ctx, environ, python, append([]string{"-m", "prefect", "--no-prompt"}, args...)...)
}

// environ is this process's environment without what would change the contenders' ways.
func (l *lab) environ() []string {
	environ := slices.DeleteFunc(os.Environ(), func(pair string) bool {
		return strings.HasPrefix(pair, "PREFECT_") || strings.HasPrefix(pair, "FLOWMAGE_") || strings.HasPrefix(pair, "PYTHONTZPATH=")
	})
	return append(environ, "FLOWMAGE_CONTAINERS=off") // images have rows of their own
}

func (l *lab) exec(ctx context.Context, environ []string, name string, args ...string) (turn, error) {
	cmd := exec.CommandContext(ctx, name, args...) //nolint:gosec // what to measure is named on our own command line
	cmd.Dir = l.root
	cmd.Env = append(l.environ(), environ...)
	var out, story bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &story
	start := time.Now()
	err := cmd.Run()
	t := turn{out: out.String(), wall: time.Since(start)}
	if err != nil {
		return t, fmt.Errorf("%s %v: %w\n%s%s", filepath.Base(name), args, err, out.String(), story.String())
	}
	t.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	t.peak = peak(cmd.ProcessState)
	return t, nil
}
