package identity_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/flowmage/flowmage/tasks/identity"
	"github.com/flowmage/flowmage/tasks/prerequisite"
)

// A holder is a process of this test that shows its trace and waits for its input to end.
func TestMain(m *testing.M) {
	switch os.Getenv("IDENTITY_TEST") {
	case "leave":
		_ = json.NewEncoder(os.Stdout).Encode(identity.Left(nil)) //nolint:staticcheck // Linux needs no context
		_, _ = os.Stdin.Read(make([]byte, 1))
		return
	case "look":
		var t identity.Trace
		_ = json.Unmarshal([]byte(os.Getenv("IDENTITY_TRACE")), &t)
		_ = json.NewEncoder(os.Stdout).Encode(t.Gone(nil)) //nolint:staticcheck // Linux needs no context
		return
	}
	m.Run()
}

// leave starts a process behind a command line, and gives its trace and what ends it.
func leave(t *testing.T, line []string) (trace string, end func()) {
	t.Helper()
	line = append(slices.Clone(line), os.Args[0])
	cmd := exec.CommandContext(t.Context(), line[0], line[1:]...)
	cmd.Env = append(os.Environ(), "IDENTITY_TEST=leave")
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
	var raw json.RawMessage
	if err := json.NewDecoder(out).Decode(&raw); err != nil {
		t.Fatal(err)
	}
	end = func() {
		_ = in.Close()
		_ = cmd.Wait()
	}
	t.Cleanup(end)
	return string(raw), end
}

// look asks a process behind a command line whether it thinks that another one is gone.
func look(t *testing.T, line []string, trace string) bool {
	t.Helper()
	line = append(slices.Clone(line), os.Args[0])
	cmd := exec.CommandContext(t.Context(), line[0], line[1:]...)
	cmd.Env = append(os.Environ(), "IDENTITY_TEST=look", "IDENTITY_TRACE="+trace)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out)) == "true"
}

// Nobody in another namespace takes a process for dead, be it alive or not; in its own it is known at once.
func TestGoneAcrossNamespaces(t *testing.T) {
	t.Parallel()
	apart := prerequisite.Unshared(t, "--mount-proc", "--uts")
	blind := prerequisite.Unshared(t) // /proc shows the processes of another namespace
	trace, end := leave(t, nil)
	inside, endInside := leave(t, apart)
	sightless, endSightless := leave(t, blind)
	for name, test := range map[string]struct {
		line  []string
		trace string
	}{
		"from another namespace":              {apart, trace},
		"from one with the /proc of another":  {blind, trace},
		"of another namespace":                {nil, inside},
		"of another, from a third":            {apart, inside},
		"of one with the /proc of another":    {nil, sightless},
		"of one such, from another one such":  {blind, sightless},
		"of another, from one with our /proc": {blind, inside},
	} {
		if look(t, test.line, test.trace) {
			t.Errorf("%s a process counts as gone", name)
		}
	}
	endInside()
	endSightless()
	// A new namespace may get the number of one that has ended, with all its processes; ours can't.
	for _, ended := range []string{inside, sightless} {
		if look(t, nil, ended) {
			t.Error("a process of another namespace counts as gone")
		}
	}
	if look(t, nil, trace) {
		t.Error("a living process counts as gone")
	}
	end()
	if !look(t, nil, trace) {
		t.Error("a process that has ended is not gone")
	}
}

// A time namespace shifts the births of processes: who lives in one knows nothing of the others.
func TestGoneAcrossTimes(t *testing.T) {
	t.Parallel()
	shifted := []string{"unshare", "--time", "--boottime", "100000", "--monotonic", "100000", "--fork"}
	prerequisite.Works(t, "a namespace of times", append(slices.Clip(shifted), "true")...)
	trace, _ := leave(t, nil)
	if look(t, shifted, trace) {
		t.Error("a living process counts as gone from another time")
	}
	if inside, _ := leave(t, shifted); look(t, nil, inside) {
		t.Error("a living process of another time counts as gone")
	}
}

// Processes that /proc hides from us are not gone.
func TestGoneOfHidden(t *testing.T) {
	t.Parallel()
	prerequisite.Root(t)
	prerequisite.Program(t, "setpriv")
	prerequisite.Works(t, "a /proc of its own", "unshare", "--mount", "mount", "-o", "remount,hidepid=2", "/proc")
	trace, end := leave(t, nil)
	program := filepath.Join(t.TempDir(), "look")
	binary, err := os.ReadFile(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Dir(program)
	if err := os.WriteFile(program, binary, 0o755); err != nil {
		t.Fatal(err)
	}
	for dir := folder; len(dir) > len(os.TempDir()); dir = filepath.Dir(dir) {
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	line := []string{
		"unshare", "--mount", "sh", "-c", `mount -o remount,hidepid=2 /proc && exec setpriv --reuid=65534 --regid=65534 --clear-groups "$@"`, "sh", program,
	}
	ask := func() string {
		cmd := exec.CommandContext(t.Context(), line[0], line[1:]...)
		cmd.Env = append(os.Environ(), "IDENTITY_TEST=look", "IDENTITY_TRACE="+trace)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return strings.TrimSpace(string(out))
	}
	if got := ask(); got != "false" {
		t.Errorf("a hidden process counts as gone: %s", got)
	}
	end()
	if got := ask(); got != "true" {
		t.Errorf("a hidden process that has ended is not gone: %s", got)
	}
}

// A process that was stopped, as all are on a machine that sleeps, is not gone; one that only its parent has not noticed yet is.
func TestGoneOfStopped(t *testing.T) {
	t.Parallel()
	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(os.Environ(), "IDENTITY_TEST=leave")
	if _, err := child.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	var trace identity.Trace
	if err := json.NewDecoder(out).Decode(&trace); err != nil {
		t.Fatal(err)
	}
	if err := child.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	if trace.Gone(t.Context()) {
		t.Error("a stopped process counts as gone")
	}
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); !trace.Gone(t.Context()); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("a killed process that nobody has waited for is not gone")
		}
	}
	_ = child.Wait()
}
