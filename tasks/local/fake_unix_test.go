//go:build !windows

package local

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/prerequisite"
	"github.com/flowmage/flowmage/tasks/wait"
)

// fakeServer in the environment makes the test binary behave as Prefect's command line.
const fakeServer = "FLOWMAGE_FAKE_PREFECT"

func TestMain(m *testing.M) {
	if mode := os.Getenv(fakeServer); mode != "" {
		pretend(mode)
		return
	}
	os.Exit(m.Run()) //nolint:forbidigo // that is what TestMain is for
}

// pretend is a server or worker that behaves as the file that mode names says, until it is killed.
func pretend(mode string) {
	text, _ := os.ReadFile(mode)
	how := strings.TrimSpace(string(text))
	fmt.Fprintln(os.Stderr, "pretending:", how, os.Args)
	if how == "die" {
		return
	}
	if how == "late" { // for one start: the port is taken and left again
		fmt.Fprintln(os.Stderr, "ERROR:    [Errno 98] error while attempting to bind on address ('127.0.0.1', 4200): address already in use")
		_ = os.WriteFile(mode, []byte("well"), 0o600)
		return
	}
	port := portOf(os.Args)
	if port == 0 || how == "silent" {
		time.Sleep(time.Minute)
		return
	}
	_ = os.WriteFile(mode+"."+strconv.Itoa(os.Getpid()), []byte(strings.Join(os.Environ(), "\x00")), 0o600)
	auth := os.Getenv("PREFECT_SERVER_API_AUTH_STRING")
	if how == "foreign" {
		auth = "flowmage:SOMEBODYELSE"
	}
	server := http.Server{Addr: addressOf(port), ReadHeaderTimeout: time.Second}
	http.HandleFunc("GET /api/health", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "true") })
	http.HandleFunc("GET /flowmage/proof", func(w http.ResponseWriter, r *http.Request) {
		if how != "old" { // that of a build without a guard
			_ = json.NewEncoder(w).Encode(proof(auth, r.URL.Query().Get("nonce"), port))
		}
	})
	time.AfterFunc(2*time.Minute, func() { _ = server.Close() })
	fmt.Fprintln(os.Stderr, server.ListenAndServe())
}

// fakePython is a shell script that answers as a Python does. pip says what %[2]s tells it to do.
const fakePython = `#!/bin/sh
echo "$*" >>"$FAKE_CALLS"
case "$*" in
*flowmage_prefect.py*) exec "$FAKE_BINARY" "$@" ;;
*find_spec*) echo "flowmage|%[1]s|$0" ;;
*sqlite3*) exit 1 ;;
*"-m venv"*) for dir; do :; done; /bin/mkdir -p "$dir/bin"; /bin/cp "$0" "$dir/bin/python" ;;
*"-m pip"*) %[2]s ;;
*"-m compileall"*) ;;
*) exit 3 ;;
esac
`

// bench is a repository with fakes on its PATH.
type bench struct {
	t     *testing.T
	root  string
	path  string // the folder on PATH
	calls string // what the fakes were called with, a line each
	mode  string // the file that says how the server behaves
	story *prerequisite.Buffer
	port  int // that its servers try first: tests at the same time must not meet
}

func newBench(t *testing.T) *bench {
	t.Helper()
	// Resolved, because that is how New names the root.
	top, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{
		t: t, root: filepath.Join(top, "repo"), path: filepath.Join(top, "bin"), calls: filepath.Join(top, "calls"),
		mode: filepath.Join(top, "mode"), story: &prerequisite.Buffer{}, port: somePort(t),
	}
	for _, dir := range []string{b.root, b.path} {
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

// python puts a fake on PATH. about is version|venv|pip, as in 3.12.1|1|1.
func (b *bench) python(name, about, pip string) {
	b.t.Helper()
	b.script(name, fmt.Sprintf(fakePython, about, pip))
}

func (b *bench) script(name, text string) {
	b.t.Helper()
	if err := os.WriteFile(filepath.Join(b.path, name), []byte(text), 0o755); err != nil {
		b.t.Fatal(err)
	}
}

// open gives a Local as a new command would, with short limits.
func (b *bench) open() *Local {
	binary, err := os.Executable()
	if err != nil {
		b.t.Fatal(err)
	}
	l := New(Options{Root: b.root, Console: console.New(b.story, b.story), Environ: []string{
		"PATH=" + b.path, "FAKE_CALLS=" + b.calls, "FAKE_BINARY=" + binary, fakeServer + "=" + b.mode,
		"PREFECT_API_URL=http://127.0.0.1:1/api",
	}})
	l.limits = limits{start: 20 * time.Second, hung: 300 * time.Millisecond, stop: 2 * time.Second, worker: 10 * time.Second}
	l.port = b.port
	return l
}

// count gives how many calls had the text in them.
func (b *bench) count(text string) int {
	data, _ := os.ReadFile(b.calls)
	n := 0
	for line := range strings.Lines(string(data)) {
		if strings.Contains(line, text) {
			n++
		}
	}
	return n
}

// told gives all of an error, with this test's folder left out.
func (b *bench) told(err error) string {
	return strings.NewReplacer(b.root, "ROOT", filepath.Dir(b.path), "TOP").Replace(told(err))
}

// eventually waits for something that another process does.
func (b *bench) eventually(what string, holds func() bool) {
	b.t.Helper()
	for limit := time.Now().Add(20 * time.Second); !holds(); {
		if time.Now().After(limit) {
			b.t.Fatalf("it never happened: %s", what)
		}
		wait.For(b.t.Context(), 5*time.Millisecond)
	}
}

// serverEnviron gives the environment of a fake server, which has written it beside the file that says how it behaves.
func (b *bench) serverEnviron(pid int) []string {
	b.t.Helper()
	text, err := os.ReadFile(b.mode + "." + strconv.Itoa(pid))
	if err != nil {
		b.t.Fatal(err)
	}
	return strings.Split(string(text), "\x00")
}
