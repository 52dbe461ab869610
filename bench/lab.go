package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/flowmage/flowmage/tasks/prerequisite"
)

// lab is a copy of the sample repository with a Prefect server of its own. No worker runs: what workers write now and then locks a
// server on SQLite for a minute at a time, in the turn of whoever happens to be measured.
type lab struct {
	programs

	root   string
	server *prerequisite.Launched
	url    string   // of the API
	own    []string // variables of all that runs in it
}

// testPython names an interpreter that has Prefect: one that is there needs no minute to install.
const testPython = "FLOWMAGE_TEST_PYTHON"

func open(ctx context.Context, tools programs) (*lab, error) {
	own := []string{"FLOWMAGE_CONTAINERS=off"}
	if python := os.Getenv(testPython); python != "" {
		own = append(own, pythonVariable+python)
	}
	return openWith(ctx, tools, own...)
}

// openWith opens a lab with variables of its own.
func openWith(ctx context.Context, tools programs, own ...string) (*lab, error) {
	root, err := os.MkdirTemp("", "benchmark")
	if err != nil {
		return nil, err
	}
	l := &lab{programs: tools, root: root, own: own}
	for _, dir := range []string{"flows", "core", "envs"} {
		if err := os.CopyFS(filepath.Join(root, dir), os.DirFS(dir)); err != nil {
			return nil, fmt.Errorf("start me in the repository's root: %w", err)
		}
	}
	for _, file := range []string{".dockerignore", filepath.Join("templates", "python", "requirements.lock")} {
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		at := filepath.Join(root, file)
		if err := errors.Join(os.MkdirAll(filepath.Dir(at), 0o750), os.WriteFile(at, data, 0o600)); err != nil { //nolint:gosec // our own folder
			return nil, err
		}
	}
	fmt.Fprintln(os.Stderr, "preparing a Prefect server ...")
	for _, target := range []string{"env:up", "env:down"} { // for the environment that it installs
		if _, err := l.exec(ctx, nil, l.mage, target); err != nil {
			return nil, err
		}
	}
	if l.server, err = prerequisite.Launch(ctx, l.python(), filepath.Join(root, ".server"), []string{"PYTHONTZPATH="}); err != nil {
		return nil, err
	}
	l.url = l.server.API
	if _, err := l.tool(ctx, l.url, "deploy:all", unverified); err != nil {
		l.close()
		return nil, err
	}
	return l, nil
}

func (l *lab) close() {
	l.server.Stop()
	if err := os.RemoveAll(l.root); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
}

const pythonVariable = "FLOWMAGE_PYTHON="

func (l *lab) python() string {
	for _, pair := range l.own {
		if path, ok := strings.CutPrefix(pair, pythonVariable); ok {
			return path
		}
	}
	return filepath.Join(l.root, ".flowmage", "python", "bin", "python")
}

// turn is one run of a program.
type turn struct {
	out  string
	wall time.Duration
	cpu  time.Duration // user and system, of the process and the children it waited for
	peak int64         // resident bytes at most; 0 where the system does not tell
}

// tool runs the compiled tool on the server at that address.
func (l *lab) tool(ctx context.Context, api string, args ...string) (turn, error) {
	return l.exec(ctx, []string{"PREFECT_API_URL=" + api}, l.mage, args...)
}

// prefect runs Prefect's own command line against the lab's server.
func (l *lab) prefect(ctx context.Context, api string, args ...string) (turn, error) {
	environ := []string{"PREFECT_API_URL=" + api, "PREFECT_HOME=" + filepath.Join(l.root, ".prefect-home")}
	return l.exec(ctx, environ, l.python(), append([]string{"-m", "prefect", "--no-prompt"}, args...)...)
}

func (l *lab) exec(ctx context.Context, environ []string, name string, args ...string) (turn, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = l.root
	cmd.Env = slices.Concat(prerequisite.Environ(), l.own, environ)
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

// timed takes the processor time that a contender measured itself, in nanoseconds on its output.
func timed(t turn, err error) (turn, error) {
	if err != nil {
		return t, err
	}
	n, err := strconv.ParseInt(strings.TrimSpace(t.out), 10, 64)
	t.wall = time.Duration(n)
	return t, err
}
