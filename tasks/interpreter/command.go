package interpreter

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/identity"
)

// keptLines is how much of a command's output is kept for messages. All of it goes to the log.
const keptLines = 200

// toolError is an installer that failed, with what it said.
type toolError struct {
	command []string
	output  []string // the last lines, without colours
	log     string
	err     error
}

func (e *toolError) Error() string {
	return fmt.Sprintf("%s: %v", strings.Join(e.command[:min(2, len(e.command))], " "), e.err)
}

func (e *toolError) Unwrap() error { return e.err }

// install runs a long command, showing its last line as the step's detail and writing everything to logs/install.log. A
// cancelled context ends it with all its children. Its number is on record while it runs, so that a later command can end
// it if we are killed.
func (i *Installation) install(ctx context.Context, step *console.Step, name string, args ...string) error {
	log, err := os.OpenFile(i.folder.Path("logs", "install.log"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return i.folder.Unwritable(err)
	}
	defer log.Close() //nolint:errcheck // a log line lost at the end is no reason to fail
	fmt.Fprintf(log, "%s $ %s %s\n", time.Now().Format(time.RFC3339), name, strings.Join(args, " "))
	i.hidePasswords()
	lines := &lineTail{step: step, log: log}
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = i.folder.Root, i.installEnviron(), lines, lines
	if slices.Contains(args, requireHashes) { // of the lock nothing is to be built, whatever is wished for other packages
		cmd.Env = i.installEnviron().Without("PIP_NO_BINARY", "PIP_ONLY_BINARY", "UV_NO_BINARY*", "UV_ONLY_BINARY", "UV_NO_BUILD*")
	}
	identity.Separate(cmd)
	cmd.Cancel = func() error { return identity.Kill(cmd.Process.Pid) }
	cmd.WaitDelay = 5 * time.Second
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("starting %s: %w", name, err)
	}
	if err := i.note(ctx, cmd); err != nil {
		_ = cmd.Cancel()
	}
	err = cmd.Wait()
	i.forget()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return &toolError{command: append([]string{filepath.Base(name)}, args...), output: lines.all(), log: log.Name(), err: err}
	}
	return nil
}

// lineTail passes output to a log and keeps its last lines.
type lineTail struct {
	mu    sync.Mutex
	step  *console.Step
	log   *os.File
	rest  []byte
	lines []string
}

func (t *lineTail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	_, _ = t.log.Write(p)
	t.rest = append(t.rest, p...)
	for {
		at := bytes.IndexAny(t.rest, "\r\n")
		if at < 0 {
			return len(p), nil
		}
		t.add(string(t.rest[:at]))
		t.rest = t.rest[at+1:]
	}
}

func (t *lineTail) add(line string) {
	line = strings.TrimRight(console.Plain(line), " \t")
	if strings.TrimSpace(line) == "" {
		return
	}
	t.lines = append(t.lines, line)
	if len(t.lines) > keptLines {
		t.lines = t.lines[1:]
	}
	t.step.Detail("%s", console.Fit(strings.TrimSpace(line), 80)) // one row
}

func (t *lineTail) all() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.add(string(t.rest))
	t.rest = nil
	return t.lines
}

// telling gives the lines of a failed command that say why: from its first line that looks like an error, at most count, and
// before them what broke the connection, which pip only mentions in its warnings.
func telling(output []string, count int) string {
	var kept []string
	broken := ""
	for _, line := range output {
		low := strings.ToLower(line)
		if _, cause, found := strings.Cut(line, "connection broken by "); found {
			broken = "connection broken by " + cause + "\n"
			continue
		}
		if !strings.HasPrefix(low, "[notice]") {
			kept = append(kept, strings.TrimSpace(line))
		}
	}
	for i, line := range kept {
		if low := strings.ToLower(line); strings.HasPrefix(low, "error") || strings.HasPrefix(line, "×") {
			kept = kept[i:]
			return broken + strings.Join(kept[:min(count, len(kept))], "\n")
		}
	}
	return broken + strings.Join(kept[max(0, len(kept)-count):], "\n")
}

// outputOf gives what a failed command said; nil for another error.
func outputOf(err error) []string {
	if tool, ok := errors.AsType[*toolError](err); ok {
		return tool.output
	}
	return nil
}
