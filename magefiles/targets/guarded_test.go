//go:build unix

package targets

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"
	"github.com/google/go-cmp/cmp"
	network "github.com/shirou/gopsutil/v4/net"
	system "github.com/shirou/gopsutil/v4/process"

	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/prerequisite"
)

const (
	guardedProject = "guarded"
	guardedFlow    = guardedProject + "-1"
)

// countedFlow has a task, whose states reach the server by a web socket alone.
const countedFlow = `from prefect import flow, task

@task
def counted():
    return 1

@flow(name="guarded-1")
def work(text: str = ""):
    counted()
`

// fortress is an embedded server of some release of Prefect, and what is needed to knock at its door.
type fortress struct {
	*stage
	host, auth string // of the server: address and port; user and password
	csrf       map[string]string
}

// TestOwnServerGuarded knocks at the embedded server as strangers would, and comes in as all those who must. The server may be an older or newer
// release, as a Python of the user's own has it.
func TestOwnServerGuarded(t *testing.T) {
	t.Parallel()
	prerequisite.Server(t) // so that a bare `go test` starts none
	python := prerequisite.ServerPython(t)
	s := emptyStage(t, guardedProject, 0, map[string]string{guardedFlow: countedFlow})
	s.environ = append(s.environ, "FLOWMAGE_PYTHON="+python, "FLOWMAGE_CONTAINERS=off")
	s.downAtEnd(t)
	a := s.run(t, 0, "env:up")
	server, _ := s.status(t)
	s.connect(t, server.URL, s.auth(t))
	g := &fortress{stage: s, auth: s.auth(t), host: strings.TrimSuffix(strings.TrimPrefix(server.URL, "http://"), "/api")}
	g.csrf = g.token(t)
	s.run(t, 0, "deploy:all")
	for _, step := range []struct {
		name string
		do   func(*testing.T)
	}{
		{"host names", g.hostNames},
		{"origins", g.origins},
		{"without the password", g.withoutPassword},
		{"web sockets", g.sockets},
		{"another account", g.otherAccount},
		{"loopback alone", func(t *testing.T) { g.loopbackAlone(t, server.PID) }},
		{"silent worker", g.silentWorker},
		{"who must come in", func(t *testing.T) {
			for name, do := range map[string]func(*testing.T){
				"worker": g.worker, "served": g.served, "automation": g.automation,
				"Prefect's command": func(t *testing.T) { g.prefectCommand(t, python, a.stdout, a.stderr) },
			} {
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					do(t)
				})
			}
		}},
		{"container", func(t *testing.T) {
			if python != prerequisite.Python(t) { // TestContainers has the release that we install
				g.container(t)
			}
		}},
		{"process lists", g.processLists},
		{"permissions", g.permissions},
	} {
		t.Run(step.name, step.do)
	}
}

// knock asks the server and gives the status of its answer.
func (g *fortress) knock(t *testing.T, method, path string, headers map[string]string) int {
	t.Helper()
	var body io.Reader = http.NoBody
	if method == http.MethodPost {
		body = strings.NewReader("{}")
	}
	r, err := http.NewRequestWithContext(t.Context(), method, "http://"+g.host+path, body)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range headers {
		if name == "Host" {
			r.Host = value
		}
		r.Header.Set(name, value)
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close() //nolint:errcheck // it was only read
	if path == "/" && resp.StatusCode == http.StatusOK && resp.Header.Get("X-Frame-Options") != "DENY" {
		t.Error("pages can be shown inside of others")
	}
	return resp.StatusCode
}

// owner gives the headers of a program of the owner's, and more.
func (g *fortress) owner(more ...string) map[string]string {
	out := map[string]string{"Authorization": "Basic " + base64.StdEncoding.EncodeToString([]byte(g.auth)), "Content-Type": "application/json"}
	maps.Copy(out, g.csrf)
	for i := 0; i < len(more); i += 2 {
		out[more[i]] = more[i+1]
	}
	return out
}

// token gets what writes must bring along.
func (g *fortress) token(t *testing.T) map[string]string {
	t.Helper()
	const client = "stranger"
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+g.host+"/api/csrf-token?client="+client, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", g.owner()["Authorization"])
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close() //nolint:errcheck // it was only read
	var got struct{ Token string }
	if err := json.NewDecoder(resp.Body).Decode(&got); err != nil || got.Token == "" {
		t.Fatal(resp.Status, err)
	}
	return map[string]string{"Prefect-Csrf-Client": client, "Prefect-Csrf-Token": got.Token}
}

const asking = "/api/flows/filter"

func (g *fortress) hostNames(t *testing.T) {
	port := g.host[strings.LastIndex(g.host, ":"):]
	// As when there is a way for containers, which has its own test.
	g.edit(t, ".flowmage/run/forwarder.json", `{"Spec": "10.9.8.7`+port+`"}`)
	for name, welcome := range map[string]bool{
		"127.0.0.1" + port: true, "127.0.0.1": true, "localhost" + port: true, "LocalHost": true, "[::1]" + port: true, "host.docker.internal" + port: true,
		"host.docker.internal": true, "10.9.8.7" + port: true, "10.9.8.7:1": true, "10.9.8.8" + port: false,
		"evil.example": false, "evil.example" + port: false, "localhost.evil.example": false, "127.0.0.1.nip.io" + port: false, "10.0.0.1" + port: false,
		"0.0.0.0" + port: false, "localhost.": false, "127.0.0.1@evil.example": false, "evil.example:127.0.0.1": false, "docker.internal": false, "172.17.0.1" + port: false,
	} {
		for _, x := range []struct{ method, path string }{{"GET", "/"}, {"GET", "/api/health"}, {"GET", "/api/version"}, {"POST", asking}} {
			got := g.knock(t, x.method, x.path, g.owner("Host", name))
			if refused := got == http.StatusForbidden; refused == welcome {
				t.Errorf("%s %s as %q: %d", x.method, x.path, name, got)
			}
		}
	}
}

func (g *fortress) origins(t *testing.T) {
	_, port, _ := strings.Cut(g.host, ":")
	own := []string{"http://127.0.0.1:" + port, "http://localhost:" + port}
	foreign := []string{
		"null", "http://evil.example", "https://evil.example", "http://127.0.0.1", "http://127.0.0.1:1", "http://localhost:8888", "https://127.0.0.1:" + port,
		"http://127.0.0.1:" + port + ".evil.example", "http://evil.example:" + port, "file://", "", "http://[::1]:" + port,
	}
	preflight := []string{"Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "authorization,content-type"}
	for _, origin := range own {
		for _, method := range []string{"GET", "POST"} {
			if got := g.knock(t, method, map[string]string{"GET": "/api/version", "POST": asking}[method], g.owner("Origin", origin)); got != http.StatusOK {
				t.Errorf("%s from %s: %d", method, origin, got)
			}
		}
		if got := g.knock(t, "OPTIONS", asking, mapOf(append(preflight, "Origin", origin)...)); got != http.StatusOK {
			t.Errorf("preflight from %s: %d", origin, got)
		}
	}
	for _, origin := range foreign {
		// Even with the password, which no page of another origin has.
		for _, x := range []struct {
			method, path string
			headers      map[string]string
		}{
			{"OPTIONS", asking, mapOf(append(preflight, "Origin", origin)...)},
			{"GET", "/api/version", g.owner("Origin", origin)},
			{"GET", "/ui-settings", mapOf("Origin", origin)},
			{"POST", asking, g.owner("Origin", origin)},
			{"POST", asking, g.owner("Origin", origin, "Content-Type", "text/plain")},
			{"POST", "/flowmage/open", mapOf("Origin", origin, "Content-Type", "text/plain")},
			{"DELETE", "/api/flows/00000000-0000-4000-8000-000000000000", g.owner("Origin", origin)},
		} {
			if got := g.knock(t, x.method, x.path, x.headers); got != http.StatusForbidden {
				t.Errorf("%s %s from %q: %d", x.method, x.path, origin, got)
			}
		}
	}
	for _, x := range []struct {
		method, path string
		headers      []string
		welcome      bool
	}{
		{"POST", asking, []string{"Sec-Fetch-Site", "cross-site"}, false},
		{"POST", asking, []string{"Sec-Fetch-Site", "same-site"}, false}, // another port of this host
		{"POST", asking, []string{"Sec-Fetch-Site", "same-origin"}, true},
		{"POST", asking, []string{"Referer", "http://evil.example/page"}, false},
		{"POST", asking, []string{"Referer", own[0] + "/flows"}, true},
		{"POST", asking, []string{"Referer", "http://["}, false},
		{"POST", asking, []string{"Referer", ""}, true},
		{"GET", "/", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"}, true}, // a link
		{"GET", "/", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "iframe"}, false},
		{"GET", "/", []string{"Sec-Fetch-Site", "same-site", "Sec-Fetch-Mode", "no-cors", "Sec-Fetch-Dest", "script"}, false},
		{"GET", "/api/version", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"}, false},
		{"GET", "/", []string{"Sec-Fetch-Site", "none", "Sec-Fetch-Mode", "navigate"}, true},
	} {
		got := g.knock(t, x.method, x.path, g.owner(x.headers...))
		if refused := got == http.StatusForbidden; refused == x.welcome {
			t.Errorf("%s %s with %v: %d", x.method, x.path, x.headers, got)
		}
	}
	noToken := g.owner()
	delete(noToken, "Prefect-Csrf-Token")
	if got := g.knock(t, "POST", asking, noToken); got != http.StatusForbidden {
		t.Errorf("a write without a CSRF token: %d", got)
	}
}

func mapOf(pairs ...string) map[string]string {
	out := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		out[pairs[i]] = pairs[i+1]
	}
	return out
}

func (g *fortress) withoutPassword(t *testing.T) {
	for _, path := range []string{
		"/api/version", "/api/admin/settings", "/api/admin/version", "/api/docs", "/api/openapi.json", "/docs", "/redoc", "/openapi.json", "/docs/oauth2-redirect",
		"/api", "/api/", "/api/csrf-token?client=a", "/api/variables/name/system-health", "/api/block_types/slug/ready", "/%61pi/version", "/api/../api/version",
		"/api/collections/views/health", "/api/hello", "/api/static/prefect-logo-mark-gradient.png",
	} {
		for _, auth := range []string{"", "Basic", "Basic !", "Basic " + base64.StdEncoding.EncodeToString([]byte("flowmage:")), "Bearer " + g.auth} {
			if got := g.knock(t, "GET", path, mapOf("Authorization", auth)); got != http.StatusUnauthorized {
				t.Errorf("GET %s with %q: %d", path, auth, got)
			}
		}
	}
	for _, x := range [][2]string{
		{"POST", asking}, {"POST", "/api/health"}, {"DELETE", "/api/ready"}, {"POST", "/api/admin/database/clear"}, {"OPTIONS", "/api/version"}, {"PUT", "/api/x"},
	} {
		if got := g.knock(t, x[0], x[1], g.csrf); got != http.StatusUnauthorized {
			t.Errorf("%s %s: %d", x[0], x[1], got)
		}
	}
	for _, path := range []string{"/", "/ui-settings", "/api/health", "/api/ready"} { // what browsers load before they know it
		if got := g.knock(t, "GET", path, mapOf("Accept", "text/plain")); got != http.StatusOK {
			t.Errorf("GET %s: %d", path, got)
		}
	}
}

// Sockets that Prefect has, in some release.
var socketPaths = []string{"/events/in", "/events/out", "/logs/out", "/task_runs/subscriptions/scheduled", "/work_pools/guarded-dev/workers/connect"}

// socket opens a socket, says the token if there is one, and gives the server's first word, or why there is none.
func (g *fortress) socket(t *testing.T, path, host, token string, header http.Header, protocols ...string) string {
	t.Helper()
	conn, resp, err := websocket.Dial(t.Context(), "ws://"+g.host+"/api"+path, &websocket.DialOptions{Host: host, HTTPHeader: header, Subprotocols: protocols}) //nolint:bodyclose // the library closes it
	if err != nil {
		if resp == nil {
			t.Fatal(err)
		}
		return resp.Status
	}
	defer conn.CloseNow() //nolint:errcheck // there is nothing to say good-bye for
	if token == "" {
		return "open"
	}
	var told struct{ Type string }
	err = errors.Join(wsjson.Write(t.Context(), conn, map[string]any{"type": "auth", "token": token}), wsjson.Read(t.Context(), conn, &told))
	if err != nil {
		return websocket.CloseStatus(err).String()
	}
	return told.Type
}

func (g *fortress) sockets(t *testing.T) {
	const refused, violation, welcome = "403 Forbidden", "StatusPolicyViolation", "auth_success"
	basic := http.Header{"Authorization": {g.owner()["Authorization"]}}
	from := func(origin string) http.Header { return http.Header{"Origin": {origin}} }
	for _, path := range socketPaths {
		for name, x := range map[string]struct {
			got, want string
		}{
			"nothing":         {g.socket(t, path, "", "", nil), refused},
			"a wrong token":   {g.socket(t, path, "", "flowmage:x", nil, "prefect"), violation},
			"a wrong header":  {g.socket(t, path, "", "", http.Header{"Authorization": {"Basic eA=="}}), refused},
			"a foreign page":  {g.socket(t, path, "", g.auth, from("http://evil.example"), "prefect"), refused},
			"no page":         {g.socket(t, path, "", g.auth, from("null"), "prefect"), refused},
			"another port":    {g.socket(t, path, "", g.auth, from("http://127.0.0.1:1"), "prefect"), refused},
			"a foreign host":  {g.socket(t, path, "evil.example", g.auth, basic, "prefect"), refused},
			"another address": {g.socket(t, path, "10.0.0.1", g.auth, basic, "prefect"), refused},
		} {
			if x.got != x.want && x.got != refused { // a release may not have that socket
				t.Errorf("%s with %s: %s, want %s", path, name, x.got, x.want)
			}
		}
	}
	for name, got := range map[string]string{
		"the token":               g.socket(t, "/events/out", "", g.auth, nil, "prefect"),
		"an own page":             g.socket(t, "/events/out", "", g.auth, from("http://"+g.host), "prefect"),
		"a header, another token": g.socket(t, "/events/out", "", "x", basic, "prefect"), // of clients before 3.3.5
	} {
		if got != welcome {
			t.Errorf("%s: %s", name, got)
		}
	}
	g.unreadable(t)
}

// unreadable brings what Python's readers fail at, each in a way of its own: it is refused as any other, and fills no log.
func (g *fortress) unreadable(t *testing.T) {
	deep := strings.Repeat("[", 100_000)
	for name, message := range map[string]string{
		"no text of any encoding": `{"type": "auth", "token": "\ud800"}`,
		"too deep":                `{"type": "auth", "token": ` + deep,
		"no text at all":          `{"type": "auth", "token": 1}`,
		"no object":               `"auth"`,
	} {
		conn, _, err := websocket.Dial(t.Context(), "ws://"+g.host+"/api/events/out", &websocket.DialOptions{Subprotocols: []string{"prefect"}}) //nolint:bodyclose // the library closes it
		if err != nil {
			t.Fatal(err)
		}
		if err = conn.Write(t.Context(), websocket.MessageText, []byte(message)); err == nil {
			_, _, err = conn.Read(t.Context())
		}
		if got := websocket.CloseStatus(err); got != websocket.StatusPolicyViolation {
			t.Errorf("%s: %v", name, err)
		}
		_ = conn.CloseNow() // the server has closed it
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+g.host+"/flowmage/open", strings.NewReader(`{"code": `+deep[:1000]))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Origin", "http://"+g.host)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	if resp.Body.Close(); resp.StatusCode != http.StatusForbidden { //nolint:errcheck // nothing is read
		t.Errorf("a code that is too deep: %s", resp.Status)
	}
	log, err := os.ReadFile(filepath.Join(g.root, ".flowmage", "logs", "server.log"))
	for _, mistake := range []string{"RecursionError", "UnicodeEncodeError", "JSONDecodeError"} { // Prefect's own, of a busy database, may stand there
		if err != nil || strings.Contains(string(log), mistake+":") {
			t.Errorf("%v\n%s", err, log)
		}
	}
}

// otherAccount is another user of the machine, who knows where everything is.
func (g *fortress) otherAccount(t *testing.T) {
	prerequisite.Root(t)
	const trying = `
import os, sys, urllib.request
api, home = sys.argv[1:]
for path in [home, home + "/auth", home + "/run/server.json", home + "/server/prefect.db", home + "/logs/server.log"]:
    try:
        os.listdir(path) if path == home else open(path)
        print("read", path)
    except PermissionError:
        pass
for method, path in [("GET", "/version"), ("GET", "/admin/settings"), ("POST", "/flows/filter"), ("POST", "/deployments/filter")]:
    request = urllib.request.Request(api + path, b"{}" if method == "POST" else None, {"Content-Type": "application/json"}, method=method)
    try:
        print(method, path, urllib.request.urlopen(request).status)
    except urllib.error.HTTPError as refusal:
        refusal.code == 401 or print(method, path, refusal.code)
`
	cmd := exec.CommandContext(t.Context(), prerequisite.Program(t, "/usr/bin/python3", "python3"), "-I", "-c", trying, "http://"+g.host+"/api", filepath.Join(g.root, ".flowmage"))
	cmd.Dir = "/"
	cmd.Env = []string{"PATH=" + os.Getenv("PATH")}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("%v\n%s", err, out)
	}
}

// loopbackAlone looks where the server listens.
func (g *fortress) loopbackAlone(t *testing.T, pid int) {
	list, err := network.ConnectionsPidWithContext(t.Context(), "tcp", int32(pid))
	if err != nil {
		t.Fatal(err)
	}
	var places []string
	for _, c := range list {
		if c.Status == "LISTEN" {
			places = append(places, c.Laddr.IP)
		}
	}
	if diff := cmp.Diff([]string{"127.0.0.1"}, places); diff != "" {
		t.Errorf("the server listens at (-want +got):\n%s", diff)
	}
}

// completed waits for the end of a run, and for its task, of which events alone tell.
func (g *fortress) completed(t *testing.T, id string) {
	t.Helper()
	g.awaitState(t, id, prefect.StateCompleted)
	await(t, "the run's task is known", hangs, func() bool {
		var tasks []struct{ Name string }
		g.ask(t, "/task_runs/filter", map[string]any{"flow_runs": map[string]any{"id": map[string]any{"any_": []string{id}}}}, &tasks)
		return len(tasks) == 1
	})
}

// ask posts as the owner does.
func (g *fortress) ask(t *testing.T, path string, body, into any) {
	t.Helper()
	data, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+g.host+"/api"+path, strings.NewReader(string(data)))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range g.owner() {
		r.Header.Set(name, value)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close() //nolint:errcheck // it was only read
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode >= http.StatusMultipleChoices {
		t.Fatalf("POST %s: %v %s\n%s", path, err, resp.Status, text)
	}
	if into != nil {
		if err := json.Unmarshal(text, into); err != nil {
			t.Fatal(err)
		}
	}
}

func (g *fortress) worker(t *testing.T) {
	g.completed(t, idOf(t, g.run(t, 0, "flows:run", guardedFlow, "-json").stdout))
}

// idOf gives the id of the run that a command tells of.
func idOf(t *testing.T, stdout string) string {
	t.Helper()
	var run struct{ ID string }
	_, object, _ := strings.Cut(stdout, "{")
	if err := json.Unmarshal([]byte("{"+object), &run); err != nil || run.ID == "" {
		t.Fatal(err, stdout)
	}
	return run.ID
}

// silentWorker has the keeper of workers look after one that the server hears of at first, and then does not know any more.
func (g *fortress) silentWorker(t *testing.T) {
	const keeping = `
import os, subprocess, sys, urllib.request
sys.path.insert(0, os.path.join(os.getcwd(), ".flowmage", "bin"))
import flowmage_keep as keep

server, pool, name = keep.Server(os.environ), "guarded-dev", "silent one"
post = server.post

def heartbeat():
    request = urllib.request.Request(server.url + f"/work_pools/{pool}/workers/heartbeat", b'{"name": "silent one"}', server.headers)
    server.opener.open(request).read()

def told(path, body):
    answer = post(path, body)
    if any(worker["name"] == name for worker in answer):  # then the server forgets it
        server.opener.open(urllib.request.Request(server.url + f"/work_pools/{pool}/workers/silent%20one", None, server.headers, method="DELETE"))
    return answer

post("/flows/count", {})  # gets a CSRF token
heartbeat()
keep.LOOK, keep.SILENCES = 0.2, 2
server.headers.pop("Prefect-Csrf-Token")  # and loses it, as when it is out of date
server.post = told
print("ended", keep.attend(subprocess.Popen(["sleep", "100"]), server, pool, name) != 0)
`
	cmd := exec.CommandContext(t.Context(), prerequisite.ServerPython(t), "-c", keeping)
	cmd.Dir, cmd.Env = g.root, append(clean(), g.asking(t, "http://flowmage@"+g.host+"/api")...)
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "the server has not heard of the worker silent one for a while") || !strings.Contains(string(out), "ended True") {
		t.Errorf("%v\n%s", err, out)
	}
}

func (g *fortress) served(t *testing.T) {
	r := g.start(t, "flows:serve")
	r.stderr.await(t, "ready: 1 served flow")
	g.completed(t, g.again(t, guardedFlow, nil))
	r.signal(t, syscall.SIGINT)
	if a := r.wait(t); a.code != 0 {
		t.Errorf("exit code %d\n%s", a.code, a.stderr)
	}
}

// prefectCommand types the line that env:up prints, and then Prefect's own command.
func (g *fortress) prefectCommand(t *testing.T, python, stdout, stderr string) {
	_, password, _ := strings.Cut(g.auth, ":")
	line := lastLine(stdout)
	if !strings.HasPrefix(line, "export PREFECT_API_URL=") || strings.Contains(stdout, password) {
		t.Fatal(stdout)
	}
	if named := python + " -m prefect:\n"; !strings.Contains(stderr, named) {
		t.Errorf("it does not say which: %s", stderr)
	}
	cmd := exec.CommandContext(t.Context(), "sh", "-ec", line+`; exec "$0" -m prefect deployment run --watch guarded-1/guarded-1-python-dev`, python)
	cmd.Dir, cmd.Env = t.TempDir(), append(clean(), "PREFECT_HOME="+t.TempDir())
	if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "finished successfully") {
		t.Errorf("%v\n%s", err, out)
	}
}

// automation starts a run by an event: the server asks itself for it.
func (g *fortress) automation(t *testing.T) {
	d, err := g.api.DeploymentByName(t.Context(), guardedFlow, guardedFlow+"-python-dev")
	if err != nil {
		t.Fatal(err)
	}
	g.ask(t, "/automations/", map[string]any{
		"name": "guarded",
		"trigger": map[string]any{
			"type": "event", "expect": []string{"guarded.knock"}, "match": map[string]any{"prefect.resource.id": "guarded.door"},
			"posture": "Reactive", "threshold": 1, "within": 0,
		},
		"actions": []map[string]any{{"type": "run-deployment", "source": "selected", "deployment_id": d.ID, "parameters": map[string]any{"text": "by automation"}}},
	}, nil)
	await(t, "the automation starts a run", hangs, func() bool {
		// The server takes automations up when it will: knock until it does.
		g.ask(t, "/events", []map[string]any{{
			"id": uuid(), "event": "guarded.knock", "occurred": time.Now().UTC(), "resource": map[string]any{"prefect.resource.id": "guarded.door"}, "payload": map[string]any{},
		}}, nil)
		var list []struct{ Parameters map[string]any }
		g.ask(t, "/flow_runs/filter", map[string]any{}, &list)
		for _, run := range list {
			if run.Parameters["text"] == "by automation" {
				return true
			}
		}
		return false
	})
}

func uuid() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails
	h := hex.EncodeToString(b)
	return h[:8] + "-" + h[8:12] + "-4" + h[13:16] + "-8" + h[17:20] + "-" + h[20:]
}

// processLists looks for the password where every user of the machine can read.
func (g *fortress) processLists(t *testing.T) {
	_, password, _ := strings.Cut(g.auth, ":")
	all, err := system.ProcessesWithContext(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ours := 0
	for _, p := range all {
		command, err := p.CmdlineWithContext(t.Context())
		if err != nil {
			continue // it has ended
		}
		if strings.Contains(command, g.root) {
			ours++
		}
		if strings.Contains(command, password) {
			t.Errorf("it stands in the command line of process %d", p.Pid)
		}
	}
	if ours < 2 {
		t.Errorf("%d processes of ours, want the server and a worker", ours)
	}
}

func (g *fortress) permissions(t *testing.T) {
	for path, want := range map[string]os.FileMode{".flowmage": os.ModeDir | 0o700, ".flowmage/auth": 0o600} {
		info, err := os.Lstat(filepath.Join(g.root, path))
		if err != nil || info.Mode() != want {
			t.Errorf("%s: %v, %v", path, info.Mode(), err)
		}
	}
}
