package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// ruffRelease is the one that is measured.
const ruffRelease = "0.17.6"

// ruff is a parser in Rust as a contender: its command on the same files with nothing but the rules of syntax, on one thread. It reads the files
// itself and goes through them once, from a cold start, which is what its command can do; what it needs for an empty file is taken off.
// Where pip can't get it, nobody takes its place, and the user is told.
func (l *lab) ruff(ctx context.Context, interpreter, folder string, files []string) []contender {
	program, err := installRuff(ctx, interpreter, folder)
	if err != nil {
		fmt.Fprintf(os.Stderr, "no line for ruff: %v\n", err)
		return nil
	}
	empty := filepath.Join(folder, "empty.py")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		fmt.Fprintf(os.Stderr, "no line for ruff: %v\n", err)
		return nil
	}
	check := func(files ...string) (turn, error) {
		// Some files of the library are broken on purpose, which is no failure here.
		args := append([]string{"check", "--isolated", "--no-cache", "--select", "E9", "--quiet", "--exit-zero"}, files...)
		return l.exec(ctx, []string{"RAYON_NUM_THREADS=1"}, program, args...)
	}
	name := "ruff " + ruffRelease + ", `ruff check --select E9`: a full tree, files read too, once, less its time on an empty file"
	return []contender{{name: name, run: func(string) (turn, error) { return less(check, empty, files) }}}
}

// less gives the processor time of a program on some files, less what it takes on an empty one.
func less(run func(files ...string) (turn, error), empty string, files []string) (turn, error) {
	start, err := run(empty)
	if err != nil {
		return start, err
	}
	t, err := run(files...)
	t.wall = max(t.cpu-start.cpu, 1)
	return t, err
}

// installRuff puts ruff into a scratch environment.
func installRuff(ctx context.Context, interpreter, folder string) (string, error) {
	at := filepath.Join(folder, "ruff")
	if out, err := exec.CommandContext(ctx, interpreter, "-m", "venv", at).CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w\n%s", err, out)
	}
	args := []string{"-m", "pip", "install", "--quiet", "--only-binary=:all:", "--no-deps", "--disable-pip-version-check", "ruff==" + ruffRelease}
	if out, err := exec.CommandContext(ctx, filepath.Join(at, "bin", "python"), args...).CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w\n%s", err, out)
	}
	return filepath.Join(at, "bin", "ruff"), nil
}
