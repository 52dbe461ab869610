//go:build !windows

package local

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shirou/gopsutil/v4/process"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/folder"
	"github.com/flowmage/flowmage/tasks/identity"
	"github.com/flowmage/flowmage/tasks/interpreter"
)

// serving is a bench with an installed environment, whose servers behave as told.
func serving(t *testing.T, how string) *bench {
	t.Helper()
	b := newBench(t)
	b.python("python3", "3.12.1|1|1", "echo fine")
	b.behave(how)
	t.Cleanup(func() {
		if _, err := b.open().Down(context.WithoutCancel(t.Context())); err != nil {
			t.Error(b.told(err))
		}
	})
	return b
}

func (b *bench) behave(how string) {
	b.t.Helper()
	write(b.t, b.mode, how)
}

func (b *bench) up() Server {
	b.t.Helper()
	server, err := b.open().Up(b.t.Context(), Wanted{})
	if err != nil {
		b.t.Fatal(b.told(err))
	}
	return server
}

func TestUpTwiceAtOnce(t *testing.T) {
	t.Parallel()
	b := serving(t, "well")
	const commands = 4
	servers := make(chan Server, commands)
	for range commands {
		go func() {
			server, err := b.open().Up(t.Context(), Wanted{})
			if err != nil {
				t.Error(b.told(err))
			}
			servers <- server
		}()
	}
	pids := map[int]bool{}
	started := 0
	for range commands {
		server := <-servers
		pids[server.PID] = true
		if server.Started {
			started++
		}
	}
	if len(pids) != 1 || started != 1 || b.count("server start") != 1 {
		t.Errorf("%d servers, %d started", len(pids), started)
	}
	if !strings.Contains(b.story.String(), "waiting for another command") {
		t.Errorf("nobody told of the wait: %s", b.story)
	}
}

func TestServerHeals(t *testing.T) {
	t.Parallel()
	b := serving(t, "well")
	first := b.up()
	l := b.open()
	r, ok := l.live(t.Context(), serverName)
	if !ok || r.PID != first.PID {
		t.Fatalf("record %+v", r)
	}

	t.Log("lost note: the process is found again")
	l.forget(serverName)
	if again := b.up(); again.PID != first.PID || again.URL != first.URL {
		t.Errorf("got %+v, want %+v", again, first)
	}

	t.Log("stale note: the number belongs to another process now")
	stranger := r
	stranger.PID, stranger.Born = os.Getpid(), r.Born-int64(time.Hour/time.Millisecond)
	if err := l.save(stranger); err != nil {
		t.Fatal(err)
	}
	if again := b.up(); again.PID != first.PID {
		t.Errorf("got %+v, want %+v", again, first)
	}

	t.Log("killed while starting: the note says that it was never ready")
	if err := syscall.Kill(first.PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	r.id().Ended(t.Context(), 5*time.Second)
	r.Ready = false
	if err := l.save(r); err != nil {
		t.Fatal(err)
	}
	second := b.up()
	if second.PID == first.PID || second.URL != first.URL {
		t.Errorf("got %+v, want another process at the port of %+v", second, first)
	}

	t.Log("the repository is moved while the server runs")
	moved := filepath.Join(filepath.Dir(b.root), "moved")
	if err := os.Rename(b.root, moved); err != nil {
		t.Fatal(err)
	}
	b.root = moved
	if third := b.up(); third.PID == second.PID {
		t.Error("the server of the old place is still in use")
	}
	if _, lives := identity.Birth(t.Context(), second.PID); lives {
		t.Error("the server of the old place lives on")
	}
}

// TestCopiedFolder has a copy of a repository, with its .flowmage, beside the one whose server runs.
func TestCopiedFolder(t *testing.T) {
	t.Parallel()
	b := serving(t, "well")
	first := b.up()
	dup := *b
	dup.root = filepath.Join(filepath.Dir(b.root), "copy")
	if err := os.CopyFS(dup.root, os.DirFS(b.root)); err != nil {
		t.Fatal(err)
	}
	if stopped, err := dup.open().Down(t.Context()); err != nil || len(stopped) > 0 {
		t.Errorf("the copy stopped %+v, %v", stopped, err)
	}
	if again := b.up(); again.PID != first.PID {
		t.Error("the copy ended the server of the original")
	}
}

func TestServerThatDies(t *testing.T) {
	t.Parallel()
	b := serving(t, "die")
	_, err := b.open().Up(t.Context(), Wanted{})
	f, ok := err.(*fault.Error) //nolint:errorlint // the very type is what callers are promised
	if !ok || f.Code != fault.Server {
		t.Fatalf("got %v", err)
	}
	if !strings.HasPrefix(f.Why, "it ended while starting:\npretending: die") || f.Next == "" {
		t.Errorf("got %s", b.told(err))
	}
	b.behave("well")
	if server := b.up(); !server.Started {
		t.Error("the next Up did not heal it")
	}
	if b.open().logPath(serverName) == "" || !folder.Exists(b.open().logPath(serverName)+".1") {
		t.Error("the log of the failed start is gone")
	}
}

func TestServerThatNeverAnswers(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"silent", "foreign", "old"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			b := serving(t, how)
			l := b.open()
			l.limits.start = 500 * time.Millisecond
			_, err := l.Up(t.Context(), Wanted{})
			if fault.CodeOf(err) != fault.Server || !strings.Contains(err.Error(), "did not answer within 500ms") {
				t.Errorf("got %v", err)
			}
			if left := l.all(t.Context()); len(left) > 0 {
				t.Errorf("left behind: %+v", left)
			}
		})
	}
}

func TestInterruptedStart(t *testing.T) {
	t.Parallel()
	b := serving(t, "silent")
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		_, err := b.open().Up(ctx, Wanted{})
		done <- err
	}()
	b.eventually("the server is recorded", func() bool { return folder.Exists(b.open().recordPath(serverName)) })
	cancel()
	if err := <-done; fault.CodeOf(err) != fault.Interrupted {
		t.Fatalf("got %v, want an interruption", err)
	}
	b.behave("well")
	l := b.open()
	l.limits.start = time.Second // from the birth of the first
	if _, err := l.Up(t.Context(), Wanted{}); err != nil {
		t.Fatal(b.told(err))
	}
	if all := l.all(t.Context()); len(all) != 1 {
		t.Errorf("%d servers: %+v", len(all), all)
	}
}

func TestPortTaken(t *testing.T) {
	t.Parallel()
	b := serving(t, "well")
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", addressOf(0))
	if err != nil {
		t.Fatal(err)
	}
	taken := listener.Addr().(*net.TCPAddr).Port
	l := b.open()
	if err := l.prepare(); err != nil {
		t.Fatal(err)
	}
	if err := l.rememberPort(taken); err != nil {
		t.Fatal(err)
	}
	server := b.up()
	if server.UI == "http://"+addressOf(taken) {
		t.Error("the taken port is used")
	}
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.story.String(), "is taken by another program: the Prefect server uses") {
		t.Errorf("nobody told: %s", b.story)
	}
	if _, err := b.open().Down(t.Context()); err != nil {
		t.Fatal(err)
	}
	if again := b.up(); again.UI != server.UI {
		t.Errorf("the second start took %s, want the remembered %s", again.UI, server.UI)
	}
}

// Another command that tries ports has one for a moment only, so nobody holds it any more when we look.
func TestPortTakenForAMoment(t *testing.T) {
	t.Parallel()
	b := serving(t, "late")
	if server := b.up(); !server.Started {
		t.Errorf("nothing was started: %s", b.story)
	}
}

func TestDownAndStatus(t *testing.T) {
	t.Parallel()
	b := serving(t, "well")
	if stopped, err := b.open().Down(t.Context()); err != nil || stopped != nil || folder.Exists(filepath.Join(b.root, Folder)) {
		t.Errorf("Down on nothing: %v, %v", stopped, err)
	}
	if s, err := b.open().Status(t.Context()); err != nil || s.Server.State != Stopped || s.Python.Problem != "not installed yet" {
		t.Errorf("status of nothing: %+v, %v", s, err)
	}
	server := b.up()
	s, err := b.open().Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := ServerStatus{State: Running, URL: server.URL, UI: server.UI, Process: server.Process}
	if diff := cmp.Diff(want, s.Server); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if text, _ := os.ReadFile(filepath.Join(b.root, Folder, ".gitignore")); string(text) != "*\n" {
		t.Errorf("the folder does not ignore itself: %q", text)
	}
	stopped, err := b.open().Down(t.Context())
	if err != nil {
		t.Fatal(b.told(err))
	}
	if diff := cmp.Diff([]Process{server.Process}, stopped); diff != "" {
		t.Errorf("stopped (-want +got):\n%s", diff)
	}
	if _, lives := identity.Birth(t.Context(), server.PID); lives {
		t.Error("the server lives on")
	}
}

// TestAnswering looks for a server that is not there, one that answers, one that is silent for good, and one that only thinks.
func TestAnswering(t *testing.T) {
	t.Parallel()
	b := serving(t, "well")
	look := func(l *Local, answered string, want State, url string) {
		t.Helper()
		got, state, err := l.Answering(t.Context(), answered)
		if err != nil || state != want || got.URL != url {
			t.Errorf("%+v, %s, %v, want %s at %q", got, state, err, want, url)
		}
	}
	look(b.open(), "", Stopped, "")
	server := b.up()
	look(b.open(), "", Running, server.URL)
	r, ok := b.open().noted(t.Context(), serverName)
	if !ok {
		t.Fatal("no record")
	}

	signal := func(s syscall.Signal) {
		t.Helper()
		if err := syscall.Kill(server.PID, s); err != nil {
			t.Fatal(err)
		}
	}
	signal(syscall.SIGSTOP)
	b.eventually("it stands still", func() bool {
		states, err := (&process.Process{Pid: int32(server.PID)}).StatusWithContext(t.Context())
		return err == nil && slices.Contains(states, process.Stop)
	})
	look(b.open(), "", Unhealthy, server.URL)
	look(b.open(), server.URL, Running, server.URL) // it has answered this command before: not asked again

	b.story.Reset()
	patient := b.open()
	patient.limits.hung = time.Minute
	done := make(chan State, 1)
	go func() {
		_, state, err := patient.Answering(t.Context(), "")
		if err != nil {
			t.Error(err)
		}
		done <- state
	}()
	b.eventually("it waits", func() bool { return strings.Contains(b.story.String(), "waiting for the Prefect server (process ") })
	signal(syscall.SIGCONT)
	if state := <-done; state != Running {
		t.Error(state)
	}

	l := b.open()
	l.forget(serverName) // then it is found among all processes, and not known to have answered
	look(l, "", Running, server.URL)
	if _, ok := l.noted(t.Context(), serverName); ok {
		t.Error("looking has written a record")
	}
	signal(syscall.SIGKILL)
	r.id().Ended(t.Context(), 5*time.Second)
	look(b.open(), "", Stopped, "")
}

func TestWorkerThatDies(t *testing.T) {
	t.Parallel()
	b := serving(t, "die")
	_, err := b.open().Worker(t.Context(), WorkerSpec{Pool: "rpa/one", APIURL: "http://127.0.0.1:1/api"})
	if fault.CodeOf(err) != fault.Server || !strings.Contains(err.Error(), `the worker for pool "rpa/one" does not start: it ended while starting`) {
		t.Errorf("got %v", err)
	}
	cmd, err := b.open().WorkerCommand(t.Context(), WorkerSpec{Pool: "rpa/one", APIURL: "http://127.0.0.1:1/api", Env: []string{"A=b"}})
	if err != nil {
		t.Fatal(b.told(err))
	}
	environ := interpreter.Variables(cmd.Env)
	got := []string{environ.Get("PREFECT_API_URL"), environ.Get("PREFECT_WORKER_QUERY_SECONDS"), environ.Get("A"), cmd.Dir}
	if diff := cmp.Diff([]string{"http://127.0.0.1:1/api", "1", "b", b.root}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if name := b.open().label(cmd.Args); name != "" {
		t.Errorf("a worker in the foreground is labelled %q", name)
	}
}
