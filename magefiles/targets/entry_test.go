//go:build unix

package targets

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/flowmage/flowmage/tasks/prerequisite"
)

// TestOwnServerEntry lets browsers into the UI of the embedded server, and keeps others out. The server may be an older or newer release, as a
// Python of the user's own has it.
func TestOwnServerEntry(t *testing.T) { //nolint:tparallel // the steps build on each other
	t.Parallel()
	prerequisite.Server(t) // so that a bare `go test` starts none
	python := prerequisite.ServerPython(t)
	l := newLab(t).with("FLOWMAGE_PYTHON=" + python)
	l.chromium = openBrowser(t, "")
	steps := []step{
		{"the first deploy's address opens both UIs", deployOpens},
		{"a plain link first", plainLinkFirst},
		{"pages of other origins", otherOrigins},
	}
	if python == prerequisite.Python(t) { // what is the same whatever Prefect says
		steps = slices.Concat([]step{{"no code where a log is kept", noCodeInLogs}}, steps, []step{
			{"an address works for ten minutes", worksInTime},
			{"several come with one code", racing},
			{"env:open and the desktop", desktop},
			{"a password of yesterday", oldPassword},
		})
	}
	l.through(t, steps)
}

const notLetIn = "This browser has not been let in yet"

// onTerminal runs a command on a terminal, and gives what it shows there.
func (l *lab) onTerminal(t *testing.T, args ...string) string {
	t.Helper()
	const spawn = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))"
	cmd := exec.CommandContext(t.Context(), prerequisite.Python(t), append([]string{"-c", spawn, l.mage}, args...)...)
	cmd.Dir, cmd.Env = l.root, l.environ
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	stdin, err := cmd.StdinPipe() // nobody types, and the terminal stays
	if err != nil {
		t.Fatal(err)
	}
	defer stdin.Close() //nolint:errcheck // nothing was written
	if err := cmd.Run(); err != nil {
		t.Fatalf("mage %v: %v\n%s", args, err, out.String())
	}
	return out.String()
}

var opening = regexp.MustCompile(`http://127\.0\.0\.1:\d+/flowmage/open#[A-Za-z0-9_-]{43}\S*`)

// codes are the files of the codes that are there.
func (l *lab) codes(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(l.root, ".flowmage", "run", "codes", "*"))
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// entry gives an address that lets a browser in.
func (l *lab) entry(t *testing.T, more ...string) string {
	t.Helper()
	address := strings.TrimSpace(l.run(t, 0, append([]string{"env:open", "-address"}, more...)...).stdout)
	if opening.FindString(address) != address || address == "" {
		t.Fatalf("env:open prints %q", address)
	}
	return address
}

// enter lets the browser in, if the lab's server is the embedded one.
func (b *browser) enter(t *testing.T, l *lab) *browser {
	t.Helper()
	if l.api == "" {
		b.open(t, l.entry(t, "-page=/flows"))
		b.await(t, "/flows", 30*time.Second, "Flows")
	}
	return b
}

// tab gives another tab of the browser, which a tab's end leaves open.
func (b *browser) tab(t *testing.T) *browser {
	t.Helper()
	return newTab(t, b.ctx, b.root)
}

// password is what the browser has kept; "" when nothing.
func (b *browser) password(t *testing.T) string {
	t.Helper()
	return evaluate[string](t, b, `localStorage.getItem("prefect-password") || ""`)
}

// browser gives one that nobody was let in with: it shares nothing with others but the program.
func (l *lab) browser(t *testing.T) *browser {
	t.Helper()
	return newTab(t, l.chromium.ctx, l.ui(t), chromedp.WithNewBrowserContext())
}

// ui is the address of the embedded server's UI.
func (l *lab) ui(t *testing.T) string {
	t.Helper()
	port, err := os.ReadFile(filepath.Join(l.root, ".flowmage", "run", "port"))
	if err != nil {
		t.Fatal(err)
	}
	return "http://127.0.0.1:" + strings.TrimSpace(string(port))
}

func noCodeInLogs(t *testing.T, l *lab) {
	out := l.with("CI=true").onTerminal(t, "deploy:all")
	if opening.MatchString(out) || !strings.Contains(out, "created") {
		t.Errorf("with CI=true, on a terminal:\n%s", out)
	}
	out = l.with("BUILD_NUMBER=7").onTerminal(t, "env:up")
	if opening.MatchString(out) {
		t.Errorf("in Jenkins, on a terminal:\n%s", out)
	}
	for level, command := range map[string]string{"": "mage env:open", "1": "make env-open"} {
		a := l.with("MAKELEVEL="+level).run(t, 0, "env:up")
		if opening.MatchString(a.stdout+a.stderr) || !strings.Contains(a.stderr, "type "+command) {
			t.Errorf("without a terminal:\n%s\n%s", a.stdout, a.stderr)
		}
	}
	a := l.with("CI=true").run(t, 7, "env:open", "-address")
	if opening.MatchString(a.stdout + a.stderr) {
		t.Error(a.stdout, a.stderr)
	}
	if made := l.codes(t); len(made) > 0 {
		t.Errorf("codes were made: %v", made)
	}
}

func deployOpens(t *testing.T, l *lab) {
	address := opening.FindString(l.onTerminal(t, "deploy:all"))
	if address == "" {
		t.Fatal("the first deploy on a terminal prints no address")
	}
	private(t, filepath.Join(l.root, ".flowmage", "run", "codes"), 0o700)
	for _, file := range l.codes(t) {
		private(t, file, 0o600)
		if text, err := os.ReadFile(file); err != nil || strings.Contains(address, filepath.Base(file)) || holdsCode(address, string(text)) {
			t.Errorf("%s holds the code: %s %v", file, text, err)
		}
	}
	b := l.browser(t)
	b.open(t, address)
	b.await(t, "the first page", 30*time.Second, "Dashboard", "Deployments")
	trail := evaluate[string](t, b, `[location.href, document.referrer, ...(window.navigation ? navigation.entries().map(e => e.url) : [])].join(" ")`)
	if holdsCode(address, trail) {
		t.Errorf("the code is left in %s", trail)
	}
	if cookies := evaluate[string](t, b, `document.cookie`); strings.Contains(cookies, b.password(t)) || b.password(t) == "" {
		t.Errorf("password %q, cookies %q", b.password(t), cookies)
	}
	list := l.deployments(t)
	for _, ui := range l.uis(t) {
		b.shown(t, ui+"/flows", "rpa1", "rpa2", "rpa3")
		b.shown(t, ui+"/deployments/deployment/"+list[2].ID, ours[2])
	}
	if out := l.onTerminal(t, "deploy:all"); opening.MatchString(out) {
		t.Errorf("a browser is in already:\n%s", out)
	}
}

// uis are the paths of the UIs that the server has.
func (l *lab) uis(t *testing.T) []string {
	t.Helper()
	settings, err := l.client(t).UISettings(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(settings.AvailableUIs) < 2 {
		return []string{""}
	}
	return []string{"", "/v2"}
}

func holdsCode(address, text string) bool {
	_, code, _ := strings.Cut(address, "#")
	return strings.Contains(text, code[:43])
}

// enterBy goes to an address and waits for texts that can be seen; what a page holds and does not show counts for nothing.
func (b *browser) enterBy(t *testing.T, address string, wants ...string) {
	t.Helper()
	b.open(t, address)
	b.sees(t, wants...)
}

// sees waits until the open page shows the texts to whoever looks at it.
func (b *browser) sees(t *testing.T, wants ...string) {
	t.Helper()
	list, err := json.Marshal(wants)
	if err != nil {
		t.Fatal(err)
	}
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	begun := time.Now()
	for limit := begun.Add(hangs); ; <-tick.C {
		there, err := ask(b, answering, chromedp.Evaluate[bool](string(list)+`.every(w => document.body.innerText.includes(w))`))
		if err == nil && there {
			return
		}
		if time.Since(begun) > empty && b.blank() {
			t.Logf("the page stays empty, and is loaded again: %s", b.parts())
			b.reload(t)
			begun = time.Now()
		}
		if time.Now().After(limit) {
			t.Fatalf("%v is not to be seen: %v\n%s", wants, err, evaluate[string](t, b, `location.href + " " + document.body.innerText`))
		}
	}
}

// code makes one that is taken until then, as env:open does, and gives the address that takes it.
func (l *lab) code(t *testing.T, until time.Time) string {
	t.Helper()
	random := make([]byte, 32)
	_, _ = rand.Read(random)
	code := base64.RawURLEncoding.EncodeToString(random)
	sum := sha256.Sum256([]byte(code))
	l.edit(t, ".flowmage/run/codes/"+hex.EncodeToString(sum[:]), strconv.FormatInt(until.Unix(), 10))
	return l.ui(t) + "/flowmage/open#" + code
}

func worksInTime(t *testing.T, l *lab) {
	b := l.browser(t)
	for name, until := range map[string]time.Duration{"over": -time.Second, "longer than there is": time.Hour} {
		b.enterBy(t, l.code(t, time.Now().Add(until)), "is older than ten minutes", "mage env:open")
		if b.password(t) != "" {
			t.Errorf("a code whose time is %s lets in", name)
		}
	}
	b.enterBy(t, l.code(t, time.Now().Add(2*hangs)), "Dashboard")
}

// racing has several programs and two browsers come at the same time.
func racing(t *testing.T, l *lab) {
	root := l.ui(t)
	for range prerequisite.Size(5, 200) {
		_, code, _ := strings.Cut(l.code(t, time.Now().Add(2*hangs)), "#")
		answers := make(chan int, 4)
		for range cap(answers) {
			go func() { answers <- takeCode(t, root, root, code) }()
		}
		let := 0
		for range cap(answers) {
			if <-answers == http.StatusOK {
				let++
			}
		}
		if let != 1 {
			t.Fatalf("%d were let in by one code", let)
		}
	}
	address := l.code(t, time.Now().Add(2*hangs))
	browsers := []*browser{l.browser(t), l.browser(t)}
	var all sync.WaitGroup
	for _, b := range browsers {
		all.Go(func() {
			if _, err := ask(b, 30*time.Second, chromedp.Navigate(address)); err != nil && !errors.Is(err, context.DeadlineExceeded) {
				t.Error(err)
			}
		})
	}
	all.Wait()
	var in, out []*browser
	for _, b := range browsers {
		for limit := time.Now().Add(hangs); ; {
			text, _ := ask(b, answering, chromedp.Evaluate[string](`document.body.innerText`))
			if strings.Contains(text, "Dashboard") {
				in = append(in, b)
				break
			}
			if strings.Contains(text, "This address has been used before") {
				out = append(out, b)
				break
			}
			if time.Now().After(limit) {
				t.Fatal(text)
			}
		}
	}
	if len(in) != 1 || out[0].password(t) != "" {
		t.Fatalf("%d browsers were let in by one code", len(in))
	}
	// A tab that says so takes another address.
	out[0].sees(t, "mage env:open", "make env-open")
	out[0].enterBy(t, l.entry(t, "-page=/flows"), "rpa1")
}

// takeCode asks for the password as a page of that origin would.
func takeCode(t *testing.T, root, origin, code string) int {
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, root+"/flowmage/open", strings.NewReader(`{"code": "`+code+`"}`))
	if err != nil {
		t.Error(err)
		return 0
	}
	r.Header.Set("Content-Type", "application/json")
	if origin != "" {
		r.Header.Set("Origin", origin)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Error(err)
		return 0
	}
	defer resp.Body.Close() //nolint:errcheck // nothing is read
	return resp.StatusCode
}

// plainLinkFirst follows links in a browser that was not let in: it says what to type, and goes on there once it is let in.
func plainLinkFirst(t *testing.T, l *lab) {
	d := l.deployments(t)[0]
	for _, ui := range l.uis(t) {
		b := l.browser(t)
		for _, path := range []string{"/", "/no/such/page", "/login?redirect=/flows"} {
			b.enterBy(t, b.root+ui+path, notLetIn, "mage env:open", "make env-open")
		}
		b.enterBy(t, strings.Replace(b.root, "127.0.0.1", "localhost", 1)+ui+"/deployments/deployment/"+d.ID, notLetIn)
		if at := evaluate[string](t, b, `location.origin`); at != b.root {
			t.Errorf("localhost stays %s", at)
		}
		other := b.tab(t)
		other.enterBy(t, strings.Replace(l.entry(t), "127.0.0.1", "localhost", 1), d.Name)
		b.sees(t, d.Name)
		for _, tab := range []*browser{b, other} {
			if at := evaluate[string](t, tab, `location.pathname`); at != ui+"/deployments/deployment/"+d.ID {
				t.Errorf("%s: a tab is at %s", ui, at)
			}
		}
		// Whoever logs out, or is refused, meets no bare prompt either.
		other.logsOut(t)
		other.sees(t, notLetIn)
	}
	b := l.browser(t)
	b.enterBy(t, l.entry(t, "-page="+b.root+"/deployments/deployment/"+d.ID), d.Name)
	for i, bad := range []string{
		"//evil.example/", "javascript:alert(1)", "/.//evil.example/", "/x/..//evil.example/", "/%2e//evil.example/", "/%2e%2E//evil.example/", `/\evil.example/`, `/./\evil.example/`,
	} {
		addresses := []string{b.root + "/flowmage/open?to=" + url.QueryEscape(bad), b.root + "/flowmage/open#" + bad}
		switch {
		case prerequisite.Full():
		case prerequisite.ServerPython(t) != prerequisite.Python(t) && i > 1: // the page is the same whatever Prefect says
			addresses = nil
		default:
			addresses = addresses[i%2:][:1]
		}
		for _, address := range addresses {
			b.open(t, "about:blank")
			b.open(t, address)
			b.sees(t, "Flows")
			if at := evaluate[string](t, b, `location.origin`); at != b.root {
				t.Errorf("%s leads to %s", address, at)
			}
		}
	}
}

// logsOut has the UI find out that this browser has no password any more, by going to the page on which it would ask for one.
func (b *browser) logsOut(t *testing.T) {
	t.Helper()
	evaluate[bool](t, b, `localStorage.removeItem("prefect-password"), history.pushState(history.state, "", location.pathname.replace(/\/deployments\/.*/, "/login")), true`)
}

// desktop has env:open start a browser by a stand-in for the desktop's own program.
func desktop(t *testing.T, l *lab) {
	bin := t.TempDir()
	said := filepath.Join(bin, "said")
	script := "#!/bin/sh\necho \"$*\" >" + said + ".new && mv " + said + ".new " + said + "\nexit ${OPENER:-0}\n"
	if err := os.WriteFile(filepath.Join(bin, "xdg-open"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	on := l.with("DISPLAY=:0", "PATH="+bin+":"+os.Getenv("PATH"))
	b := l.browser(t)
	r := on.start(t, "env:open", "-page=/deployments")
	r.stderr.await(t, "opening the UI in your browser")
	file := ""
	for limit := time.Now().Add(hangs); file == "" && time.Now().Before(limit); {
		text, _ := os.ReadFile(said)
		file = strings.TrimSpace(string(text))
	}
	private(t, file, 0o600)
	if !strings.HasPrefix(file, filepath.Join(l.root, ".flowmage", "run", "codes")+"/") {
		t.Errorf("the desktop is told to open %s", file)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if holdsCode(opening.FindString(string(text)), file) {
		t.Error("the command line holds the code")
	}
	b.enterBy(t, "file://"+file, "Deployments", ours[0])
	if a := r.wait(t); a.code != 0 || !strings.Contains(a.stderr, "the UI is open") {
		t.Errorf("exit code %d\n%s", a.code, a.stderr)
	}
	if _, err := os.Stat(file); err == nil {
		t.Errorf("%s stays", file)
	}
	a := on.with("OPENER=3").run(t, 1, "env:open")
	if !strings.Contains(a.stderr, "env:open -address") || opening.MatchString(a.stdout+a.stderr) {
		t.Errorf("%s\n%s", a.stdout, a.stderr)
	}
	if out := on.with("OPENER=3").onTerminal(t, "env:open"); !opening.MatchString(out) {
		t.Errorf("no browser comes, and no address is shown:\n%s", out)
	}
	a = l.with("DISPLAY=", "WAYLAND_DISPLAY=").run(t, 1, "env:open")
	if !strings.Contains(a.stderr, "there is no desktop here") {
		t.Error(a.stderr)
	}
	if a := l.run(t, 2, "env:open", "-address", "-page=http://evil.example/flows"); !strings.Contains(a.stderr, "is no page of") {
		t.Error(a.stderr)
	}
}

// oldPassword makes the server's password anew: browsers that know the earlier one are told what to type.
func oldPassword(t *testing.T, l *lab) {
	b := l.browser(t).enter(t, l)
	waiting := b.tab(t)
	before := b.password(t)
	l.run(t, 0, "env:down")
	if err := os.Remove(filepath.Join(l.root, ".flowmage", "auth")); err != nil {
		t.Fatal(err)
	}
	l.run(t, 0, "env:up")
	for _, ui := range l.uis(t) {
		waiting.open(t, "about:blank") // the page that waits for a password would go on
		evaluate[string](t, b, `localStorage["prefect-password"] = "`+before+`"`)
		waiting.enterBy(t, b.root+ui+"/flows", notLetIn, "mage env:open")
	}
	for _, path := range []string{"/flowmage/open", "/flows"} { // the last is where that tab will go on
		waiting.open(t, "about:blank")
		evaluate[string](t, b, `localStorage["prefect-password"] = "`+before+`"`)
		waiting.enterBy(t, b.root+path, notLetIn)
	}
	if !opening.MatchString(l.onTerminal(t, "env:up")) {
		t.Error("nobody was let in with this password, and no address is shown")
	}
	b.enter(t, l)
	waiting.sees(t, "rpa1")
	if b.password(t) == before {
		t.Error("the password is the same")
	}
}
