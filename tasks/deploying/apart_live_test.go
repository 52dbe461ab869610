//go:build e2e && linux

package deploying

import (
	"bufio"
	"context"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/lock"
	"github.com/flowmage/flowmage/tasks/ownership"
	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/prerequisite"
	"github.com/flowmage/flowmage/tasks/session"
)

// lockApart is the project whose lock they want.
const lockApart = "lock-apart"

// TestLockedProcess is no test, but what the processes of the tests below do: take the lock as every command does, say what came of it, and
// wait until somebody ends them.
func TestLockedProcess(t *testing.T) {
	project := os.Getenv("FLOWMAGE_LOCKED_PROJECT")
	if project == "" {
		return
	}
	wait, err := time.ParseDuration(os.Getenv("FLOWMAGE_LOCKED_WAIT"))
	if err != nil {
		t.Fatal(err)
	}
	api, err := prefect.New(prefect.Options{URL: os.Getenv("FLOWMAGE_TEST_API")})
	if err != nil {
		t.Fatal(err)
	}
	s := &session.Session{Console: console.New(io.Discard, os.Stdout)}
	ctx := t.Context()
	lock, _, err := takeLock(ctx, s, session.Server{API: api}, ownership.Owner{Project: project, Env: "dev"}, holder(ctx, "mage deploy:all", ""), wait)
	if err != nil {
		if fault.CodeOf(err) != fault.Refused {
			t.Fatal(err)
		}
		_, _ = os.Stdout.WriteString("refused\n")
		return
	}
	_, _ = os.Stdout.WriteString("taken\n")
	_, _ = os.Stdin.Read(make([]byte, 1))
	if err := lock.Release(ctx); err != nil {
		t.Error(err)
	}
}

// process is one that wants the lock.
type process struct {
	cmd   *exec.Cmd
	in    io.Closer
	lines *bufio.Scanner
}

// wants starts a process behind a command line, such as unshare(1).
func wants(t *testing.T, wait string, line ...string) *process {
	t.Helper()
	line = append(slices.Clone(line), os.Args[0], "-test.run=^TestLockedProcess$")
	cmd := exec.CommandContext(t.Context(), line[0], line[1:]...)
	cmd.Env = append(os.Environ(), "FLOWMAGE_LOCKED_PROJECT="+lockApart, "FLOWMAGE_LOCKED_WAIT="+wait)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p := &process{cmd, in, bufio.NewScanner(out)}
	t.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	return p
}

// says gives the next line that tells what came of it or what it waits for.
func (p *process) says() string {
	for p.lines.Scan() {
		if text := p.lines.Text(); text == "taken" || text == "refused" || strings.HasPrefix(text, "waiting") {
			return text
		}
	}
	return "nothing"
}

// end gives the lock back.
func (p *process) end() {
	_ = p.in.Close()
	for p.lines.Scan() { // until it has ended
	}
}

// In two namespaces of processes with one host name, as containers on one machine are, nobody takes the lock of the other: the second waits and
// gets it when it is given back. One that was killed is noticed at once in its own namespace.
func TestLockApart(t *testing.T) {
	t.Parallel()
	prerequisite.Server(t)
	api, err := prefect.New(prefect.Options{URL: prerequisite.Server(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(api.Close)
	owner := ownership.Owner{Project: lockApart, Env: "dev"}
	t.Cleanup(func() {
		ctx := context.WithoutCancel(t.Context())
		_ = lock.Break(ctx, api, owner)
		_ = api.DeleteLimit(ctx, "flowmage:"+lockApart+":dev")
	})
	apart := prerequisite.Unshared(t, "--mount-proc", "--uts", "--kill-child")
	for round := range prerequisite.Size(6, 20) {
		first := wants(t, "1m", apart...)
		if got := first.says(); got != "taken" {
			t.Fatalf("round %d: the first one says %q", round, got)
		}
		second := wants(t, "1m", apart...)
		if got := second.says(); !strings.HasPrefix(got, "waiting for the lock") {
			t.Fatalf("round %d: the second one says %q", round, got)
		}
		if round%5 == 0 { // a third in our own namespace has no time to wait
			if got := wants(t, "1ns").says(); !strings.HasPrefix(got, "waiting") && got != "refused" {
				t.Fatalf("round %d: the third one says %q", round, got)
			}
		}
		first.end()
		if got := second.says(); got != "taken" {
			t.Fatalf("round %d: the second one says %q once the first has ended", round, got)
		}
		second.end()
	}
	for round := range 5 {
		first := wants(t, "1m")
		if got := first.says(); got != "taken" {
			t.Fatalf("round %d: the first one says %q", round, got)
		}
		if err := first.cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		for first.lines.Scan() { // until it has ended; nobody has collected it yet
		}
		second := wants(t, "1ns")
		if got := second.says(); got != "taken" {
			t.Fatalf("round %d: the lock of a killed process is not taken over at once: %q", round, got)
		}
		second.end()
	}
}

// Only of a process whose boot and namespace are known and ours it can be said that it is gone, whatever the host is called; a holder that an
// earlier release has written says neither.
func TestHolderGone(t *testing.T) {
	t.Parallel()
	self := holder(t.Context(), "mage deploy:all", "")
	child := exec.CommandContext(t.Context(), "true")
	if err := child.Run(); err != nil {
		t.Fatal(err)
	}
	ended := self
	ended.PID = child.Process.Pid
	for name, test := range map[string]struct {
		change func(*lock.Holder)
		gone   bool
	}{
		"ended here":           {func(*lock.Holder) {}, true},
		"under another name":   {func(h *lock.Holder) { h.Host = "renamed" }, true},
		"on a clone":           {func(h *lock.Holder) { h.Boot = "00000000-0000-4000-8000-000000000000" }, false},
		"in a container":       {func(h *lock.Holder) { h.Space = "pid:[4026532758]" }, false},
		"of an earlier one":    {func(h *lock.Holder) { h.Boot, h.Space, h.Start = "", "", 0 }, false},
		"on an unknown system": {func(h *lock.Holder) { h.Boot = "" }, false},
	} {
		h := ended
		test.change(&h)
		if got := h.Gone(t.Context()); got != test.gone {
			t.Errorf("%s: gone is %v", name, got)
		}
	}
	if self.Gone(t.Context()) {
		t.Error("this process is gone")
	}
}
