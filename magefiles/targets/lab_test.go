//go:build unix

package targets

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/flowmage/flowmage/tasks/prefect"
)

// lab is a fresh copy of the sample repository, with its own embedded environment or a server given.
type lab struct {
	root, mage string
	environ    []string
	api        string // of a server that is not embedded
	chromium   *browser
}

func newLab(t *testing.T) *lab {
	t.Helper()
	l := &lab{root: filepath.Join(t.TempDir(), "project"), mage: program(t), environ: append(clean(), "FLOWMAGE_PAUSE_SCHEDULES=false", "FLOWMAGE_CONTAINERS=off")}
	for _, dir := range []string{"flows", "core", "envs"} {
		if err := os.CopyFS(filepath.Join(l.root, dir), os.DirFS(filepath.Join("..", "..", dir))); err != nil {
			t.Fatal(err)
		}
	}
	outputs, err := filepath.Glob(filepath.Join(l.root, "flows", "*", "output", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range outputs {
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
	}
	l.downAtEnd(t)
	return l
}

// downAtEnd stops what a test has started.
func (l *lab) downAtEnd(t *testing.T) {
	t.Helper()
	t.Cleanup(func() {
		cmd := exec.CommandContext(context.Background(), l.mage, "env:down")
		cmd.Dir, cmd.Env = l.root, l.environ
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("env:down: %v\n%s", err, out)
		}
	})
}

// ownPort gives the embedded server a port that no other one tries: while this one is killed, another would take it.
func (l *lab) ownPort(t *testing.T) {
	t.Helper()
	l.edit(t, ".flowmage/run/port", strconv.Itoa(30_000+rand.IntN(2_000))+"\n")
}

// step is a part of a long test.
type step struct {
	name string
	do   func(*testing.T, *lab)
}

// through goes from step to step, each of which builds on those before: one that fails ends the test.
func (l *lab) through(t *testing.T, steps []step) {
	t.Helper()
	for _, s := range steps {
		if !t.Run(s.name, func(t *testing.T) { s.do(t, l) }) {
			t.FailNow()
		}
	}
}

// answer is what a command left behind.
type answer struct {
	stdout, stderr string
	code           int
}

// stream keeps what a command writes and lets a test wait for a text in it.
type stream struct {
	mu   sync.Mutex
	text bytes.Buffer
	more chan struct{}
}

func newStream() *stream { return &stream{more: make(chan struct{}, 1)} }

func (s *stream) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case s.more <- struct{}{}:
	default:
	}
	return s.text.Write(p)
}

func (s *stream) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// await blocks until the text was written.
func (s *stream) await(t *testing.T, text string) {
	t.Helper()
	s.awaitTimes(t, text, 1)
}

// hangs is after how long something that is waited for is said to hang. It measures nothing: on a busy machine a browser's page takes half a minute,
// and installing Prefect three.
const hangs = 5 * time.Minute

// awaitTimes waits until a text was written that often.
func (s *stream) awaitTimes(t *testing.T, text string, times int) {
	t.Helper()
	deadline := time.After(2 * hangs)
	for strings.Count(s.String(), text) < times {
		select {
		case <-s.more:
		case <-deadline:
			t.Fatalf("never said %q %d times:\n%s", text, times, s.String())
		}
	}
}

// running is a command under way.
type running struct {
	cmd            *exec.Cmd
	stdout, stderr *stream
}

func (l *lab) start(t *testing.T, args ...string) *running {
	t.Helper()
	r := &running{cmd: exec.CommandContext(t.Context(), l.mage, args...), stdout: newStream(), stderr: newStream()}
	r.cmd.Dir, r.cmd.Env, r.cmd.Stdout, r.cmd.Stderr = l.root, l.environ, r.stdout, r.stderr
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return r
}

func (r *running) wait(t *testing.T) answer {
	t.Helper()
	err := r.cmd.Wait()
	if _, exited := errors.AsType[*exec.ExitError](err); err != nil && !exited {
		t.Fatal(err)
	}
	return answer{r.stdout.String(), r.stderr.String(), r.cmd.ProcessState.ExitCode()}
}

func (r *running) signal(t *testing.T, s syscall.Signal) {
	t.Helper()
	if err := r.cmd.Process.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Fatal(err)
	}
}

// run runs a command to its end and checks the exit code.
func (l *lab) run(t *testing.T, code int, args ...string) answer {
	t.Helper()
	a := l.start(t, args...).wait(t)
	if a.code != code {
		t.Fatalf("mage %v: exit code %d, want %d\n%s\n%s", args, a.code, code, a.stdout, a.stderr)
	}
	return a
}

// with gives the lab with more environment variables.
func (l *lab) with(variables ...string) *lab {
	other := *l
	other.environ = append(slices.Clone(l.environ), variables...)
	return &other
}

func (l *lab) edit(t *testing.T, file, text string) {
	t.Helper()
	path := filepath.Join(l.root, filepath.FromSlash(file))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

type process struct {
	PID int    `json:"pid"`
	URL string `json:"url"`
}

// status gives the embedded server and workers.
func (l *lab) status(t *testing.T) (server process, workers []process) {
	t.Helper()
	var s struct {
		Server  process
		Workers []process
	}
	if err := json.Unmarshal([]byte(l.run(t, 0, "env:status", "-json").stdout), &s); err != nil {
		t.Fatal(err)
	}
	return s.Server, s.Workers
}

// address gives the API's address of the server in use.
func (l *lab) address(t *testing.T) string {
	t.Helper()
	if l.api != "" {
		return l.api
	}
	server, _ := l.status(t)
	return server.URL
}

func (l *lab) client(t *testing.T) *prefect.Client {
	t.Helper()
	c, err := prefect.New(prefect.Options{URL: l.address(t), AuthString: l.auth(t)})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// auth gives the embedded server's auth string; that of a server given is empty.
func (l *lab) auth(t *testing.T) string {
	t.Helper()
	if l.api != "" {
		return ""
	}
	text, err := os.ReadFile(filepath.Join(l.root, ".flowmage", "auth"))
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(text))
}

// asking gives the variables by which programs reach the server in use, at its address or at that of a proxy.
func (l *lab) asking(t *testing.T, api string) []string {
	t.Helper()
	if auth := l.auth(t); auth != "" {
		return []string{"PREFECT_API_URL=" + api, "PREFECT_API_AUTH_STRING=" + auth}
	}
	return []string{"PREFECT_API_URL=" + api}
}

// names gives the names of all deployments on the server, sorted.
func (l *lab) names(t *testing.T) []string {
	t.Helper()
	var out []string
	for _, d := range l.deployments(t) {
		out = append(out, d.Name)
	}
	return out
}

func (l *lab) deployments(t *testing.T) []prefect.Deployment {
	t.Helper()
	list, err := l.client(t).Deployments(t.Context(), prefect.DeploymentFilter{})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// counter passes requests on to a server and counts the writes among them.
type counter struct {
	mu     sync.Mutex
	writes []answeredWrite
	all    int
}

// answeredWrite is a request that changes something, and how the server answered it.
type answeredWrite struct {
	request string
	status  int
}

// done are the writes to paths with a part, but for those that the server was too busy for (503): these changed nothing and were repeated.
func (c *counter) done(part string) []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []string
	for _, w := range c.writes {
		if strings.Contains(w.request, part) && w.status != http.StatusServiceUnavailable {
			out = append(out, w.request)
		}
	}
	return out
}

func (c *counter) serve(t *testing.T, api string) string {
	t.Helper()
	target, err := url.Parse(strings.TrimSuffix(api, "/api"))
	if err != nil {
		t.Fatal(err)
	}
	answered := func(r *http.Request, status int) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.all++
		if prefect.IsWrite(r.Method, r.URL.Path) {
			c.writes = append(c.writes, answeredWrite{r.Method + " " + r.URL.Path, status})
		}
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.ModifyResponse = func(resp *http.Response) error {
		answered(resp.Request, resp.StatusCode)
		return nil
	}
	proxy.ErrorHandler = func(w http.ResponseWriter, r *http.Request, err error) {
		t.Logf("%s %s: %v", r.Method, r.URL.Path, err)
		answered(r, http.StatusBadGateway)
		w.WriteHeader(http.StatusBadGateway)
	}
	server := httptest.NewServer(proxy)
	t.Cleanup(server.Close)
	return server.URL + "/api"
}
