package local

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/identity"
	"github.com/flowmage/flowmage/tasks/interpreter"
	"github.com/flowmage/flowmage/tasks/prerequisite"
	"github.com/flowmage/flowmage/templates"
)

// rig is one installed environment that the steps of TestReal share.
type rig struct {
	root   string
	path   string // PATH, with a uv first on it that does not run: pip installs here, TestRealUV of package interpreter has uv do it
	story  *bytes.Buffer
	local  *Local
	server Server
	port   int
}

// somePort gives a port that is free now.
func somePort(t *testing.T) int {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", addressOf(0))
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close() //nolint:errcheck // nothing was sent
	return listener.Addr().(*net.TCPAddr).Port
}

// open gives a Local as a new command would.
func (r *rig) open() *Local {
	r.local = New(Options{Root: r.root, Environ: append(os.Environ(), "PATH="+r.path), Console: console.New(r.story, r.story)})
	r.local.port = r.port
	return r.local
}

func (r *rig) up(t *testing.T) Server {
	t.Helper()
	start := time.Now()
	server, err := r.open().Up(t.Context(), Wanted{Requirements: []string{"flows/one/requirements.txt"}})
	if err != nil {
		t.Fatalf("Up: %s", told(err))
	}
	t.Logf("Up took %v", time.Since(start))
	return server
}

// told gives all of an error.
func told(err error) string {
	var b bytes.Buffer
	console.New(&b, &b).Fault(err)
	return b.String()
}

// TestReal installs the locked environment from an index and works with a real server. Its steps build on each other.
func TestReal(t *testing.T) { //nolint:tparallel // the steps build on each other
	t.Parallel()
	prerequisite.Whole(t)
	shims := t.TempDir()
	if err := os.WriteFile(filepath.Join(shims, "uv"), []byte("#!/bin/sh\nexit 1\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	r := &rig{root: t.TempDir(), path: shims + string(os.PathListSeparator) + os.Getenv("PATH"), story: &bytes.Buffer{}, port: somePort(t)}
	t.Cleanup(func() {
		if _, err := r.open().Down(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Log(r.story.String())
		}
	})
	write(t, filepath.Join(r.root, "flows", "one", "requirements.txt"), "# ours\ntabulate>=0.9\n")
	write(t, filepath.Join(r.root, "queue.py"), "raise SystemExit('a module of the user was imported in place of Python\\'s')\n")
	start := time.Now()
	server, err := r.open().Up(t.Context(), Wanted{Requirements: []string{"flows/one/requirements.txt"}})
	if err != nil {
		f, ok := errors.AsType[*fault.Error](err)
		if ok && (strings.Contains(f.What, "package index is not reachable") || strings.Contains(f.What, "Python 3")) && !prerequisite.Everything() {
			t.Skip("no package index within reach, or no Python: " + f.What)
		}
		t.Fatal(told(err))
	}
	t.Logf("the first Up took %v", time.Since(start))
	if !strings.Contains(r.story.String(), " with pip on ") {
		t.Error("pip has not installed it:\n" + r.story.String())
	}
	r.server = server
	if !server.Started {
		t.Error("the first Up did not start the server")
	}
	for _, step := range []struct {
		name string
		run  func(*testing.T, *rig)
	}{
		{"packages are importable", realPackages},
		{"dump has the head revision", realRevision},
		{"up again changes nothing", realAgain},
		{"lost note", realLostNote},
		{"killed server", realKilled},
		{"server on a taken port", realTaken},
		{"hung server", realHung},
		{"worker", realWorker},
		{"conflicting requirement", realConflict},
		{"interrupted installation of packages", realCancelled},
		{"status and down", realDown},
	} {
		if !t.Run(step.name, func(t *testing.T) { step.run(t, r) }) {
			return
		}
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func realPackages(t *testing.T, r *rig) {
	t.Helper()
	env, err := r.local.python.Ensure(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), env.Python, "-I", "-c", "import tabulate, prefect; print(prefect.__version__)").Output()
	if err != nil {
		t.Fatal(err)
	}
	lock, _ := templates.FS.ReadFile("python/requirements.lock")
	_, locked, _ := strings.Cut(string(lock), "\nprefect==")
	if diff := cmp.Diff(strings.Fields(locked)[0], strings.TrimSpace(string(out))); diff != "" {
		t.Errorf("version (-lock +installed):\n%s", diff)
	}
}

const headRevision = `
import prefect.server.database.alembic_commands as a
from alembic.script import ScriptDirectory
from prefect.server.database import provide_database_interface
scripts = ScriptDirectory.from_config(a.alembic_config())
scripts.version_locations = [provide_database_interface().orm.versions_dir]
print(scripts.get_current_head())
`

// realRevision proves that the embedded SQL is that of the locked Prefect.
func realRevision(t *testing.T, r *rig) {
	t.Helper()
	env, err := r.local.python.Ensure(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ask := exec.CommandContext(t.Context(), env.Python, "-c", headRevision)
	ask.Dir, ask.Env = r.local.path("run"), r.local.python.Environ(env)
	head, err := ask.Output()
	if err != nil {
		t.Fatal(err)
	}
	sql, err := templates.FS.ReadFile("python/prefect-" + env.Prefect + ".sql")
	if err != nil {
		t.Fatal(err)
	}
	inserts := regexp.MustCompile(`(?m)^INSERT INTO "?(\w+)"? VALUES\((.*)\);$`).FindAllStringSubmatch(string(sql), -1)
	if len(inserts) != 1 || inserts[0][1] != "alembic_version" {
		t.Fatalf("rows in the dump: %q, want one in alembic_version", inserts)
	}
	if diff := cmp.Diff(strings.TrimSpace(string(head)), strings.Trim(inserts[0][2], "'")); diff != "" {
		t.Errorf("revision (-locked Prefect +dump):\n%s", diff)
	}
}

func realAgain(t *testing.T, r *rig) {
	t.Helper()
	story := r.story.Len()
	took := make([]time.Duration, 0, 7)
	for range 7 {
		start := time.Now()
		server, err := r.open().Up(t.Context(), Wanted{Requirements: []string{"flows/one/requirements.txt"}})
		if err != nil {
			t.Fatal(told(err))
		}
		took = append(took, time.Since(start))
		if server.Started || server.PID != r.server.PID || server.URL != r.server.URL {
			t.Fatalf("Up gave %+v, want the server %+v", server, r.server)
		}
	}
	slices.Sort(took)
	t.Logf("Up with everything there: median %v", took[3])
	if r.story.Len() != story {
		t.Errorf("it said something: %s", r.story.String()[story:])
	}
}

func realLostNote(t *testing.T, r *rig) {
	t.Helper()
	if err := os.Remove(r.local.recordPath(serverName)); err != nil {
		t.Fatal(err)
	}
	if server := r.up(t); server.PID != r.server.PID || server.URL != r.server.URL {
		t.Errorf("Up gave %+v, want the running %+v", server, r.server)
	}
}

func realKilled(t *testing.T, r *rig) {
	t.Helper()
	kill(t, r, serverName)
	server := r.up(t)
	if !server.Started || server.URL != r.server.URL {
		t.Errorf("Up gave %+v, want another process at %s", server, r.server.URL)
	}
	r.server = server
}

// kill ends a process without its being able to do anything about it.
func kill(t *testing.T, r *rig, name string) {
	t.Helper()
	rec, ok := r.local.live(t.Context(), name)
	if !ok {
		t.Fatalf("%s does not run", name)
	}
	if err := identity.Kill(rec.PID); err != nil {
		t.Fatal(err)
	}
	if !rec.id().Ended(t.Context(), 5*time.Second) {
		t.Fatal("it lives on")
	}
}

func realTaken(t *testing.T, r *rig) {
	t.Helper()
	kill(t, r, serverName)
	if port := r.local.lastPort(); !free(t.Context(), port) {
		t.Fatalf("the killed server's port %d stays taken", port)
	}
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", strings.TrimPrefix(r.server.UI, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close() //nolint:errcheck // nothing was sent
	server := r.up(t)
	if server.URL == r.server.URL {
		t.Error("the server uses the taken port")
	}
	if !strings.Contains(r.story.String(), "is taken by another program") {
		t.Errorf("the story does not tell: %s", r.story)
	}
	r.server = server
}

func realWorker(t *testing.T, r *rig) {
	t.Helper()
	spec := WorkerSpec{Pool: "rpa pool", Type: "process", APIURL: r.server.URL, Env: []string{interpreter.AuthVariable + "=" + r.server.Auth}}
	start := time.Now()
	first, err := r.open().Worker(t.Context(), spec)
	if err != nil {
		t.Fatal(told(err))
	}
	t.Logf("a worker took %v", time.Since(start))
	again, err := r.open().Worker(t.Context(), spec)
	if err != nil {
		t.Fatal(told(err))
	}
	if diff := cmp.Diff(first, again); diff != "" {
		t.Errorf("a second worker? (-first +again):\n%s", diff)
	}
	kill(t, r, workerName(spec.Pool))
	third, err := r.open().Worker(t.Context(), spec)
	if err != nil {
		t.Fatal(told(err))
	}
	if third.PID == first.PID {
		t.Error("the killed worker was not replaced")
	}
}

func realConflict(t *testing.T, r *rig) {
	t.Helper()
	write(t, filepath.Join(r.root, "flows", "two", "requirements.txt"), "tabulate\nPyDantic < 2\n")
	err := r.open().EnsurePackages(t.Context(), []string{"flows/two/requirements.txt"})
	f, ok := err.(*fault.Error) //nolint:errorlint // the very type is what the caller is promised
	if !ok {
		t.Fatalf("got %v", err)
	}
	t.Log(told(err))
	if f.Code != fault.Findings || f.Where != "flows/two/requirements.txt:2" || !strings.Contains(f.Why, "the lock has pydantic==") {
		t.Errorf("the fault names neither both lines nor the code: %s", told(err))
	}
}

func realCancelled(t *testing.T, r *rig) {
	t.Helper()
	write(t, filepath.Join(r.root, "flows", "two", "requirements.txt"), "tabulate\n")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := r.open().EnsurePackages(ctx, []string{"flows/two/requirements.txt"}); fault.CodeOf(err) != fault.Interrupted {
		t.Errorf("got %v, want an interruption", err)
	}
	if server := r.up(t); server.Started {
		t.Error("the server was started anew")
	}
}

func realDown(t *testing.T, r *rig) {
	t.Helper()
	status, err := r.open().Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if status.Server.State != Running || status.Server.URL != r.server.URL || len(status.Workers) != 1 || status.Python.Problem != "" {
		t.Errorf("status of a running environment: %+v", status)
	}
	stopped, err := r.open().Down(t.Context())
	if err != nil {
		t.Fatal(told(err))
	}
	names := make([]string, 0, len(stopped))
	for _, p := range stopped {
		names = append(names, p.Name)
	}
	if diff := cmp.Diff([]string{"worker for pool rpa pool", "Prefect server"}, names); diff != "" {
		t.Errorf("stopped (-want +got):\n%s", diff)
	}
	if status, err = r.open().Status(t.Context()); err != nil || status.Server.State != Stopped || len(status.Workers) != 0 {
		t.Errorf("status after Down: %+v, %v", status, err)
	}
	if left := r.local.scan(t.Context()); len(left) != 0 {
		t.Errorf("still running: %+v", left)
	}
	if stopped, err = r.open().Down(t.Context()); err != nil || len(stopped) != 0 {
		t.Errorf("a second Down stopped %+v, %v", stopped, err)
	}
}
