package local

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/folder"
	"github.com/flowmage/flowmage/tasks/prerequisite"
)

func TestNewEntry(t *testing.T) {
	t.Parallel()
	l := New(Options{Root: t.TempDir()})
	made := time.Now()
	codes := map[string]bool{}
	for range 3 {
		e, err := l.NewEntry("http://127.0.0.1:4200/", "/deployments?x=1&y=2")
		if err != nil {
			t.Fatal(err)
		}
		rest, ok := strings.CutPrefix(e.Address, "http://127.0.0.1:4200/flowmage/open#")
		code, page, _ := strings.Cut(rest, "/")
		if !ok || len(code) != 43 || page != "deployments?x=1&y=2" || codes[code] {
			t.Errorf("address %s", e.Address)
		}
		codes[code] = true
		text, err := os.ReadFile(e.code)
		sum := sha256.Sum256([]byte(code))
		if err != nil || filepath.Base(e.code) != hex.EncodeToString(sum[:]) || strings.Contains(string(text), code) {
			t.Errorf("%s: %s %v", e.code, text, err)
		}
		until, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
		if left := time.Unix(until, 0).Sub(made); err != nil || left < 10*time.Minute-time.Second || left > 11*time.Minute {
			t.Errorf("it is taken for %v: %v", left, err)
		}
		for _, path := range []string{e.code, e.File, filepath.Dir(e.code)} {
			if info, err := os.Stat(path); err != nil || info.Mode().Perm()&0o077 != 0 && runtime.GOOS != "windows" {
				t.Errorf("%s: %v %v", path, info, err)
			}
		}
		if page, err := os.ReadFile(e.File); err != nil || !strings.Contains(string(page), `url=http://127.0.0.1:4200/flowmage/open#`+code+`/deployments?x=1&amp;y=2"`) {
			t.Errorf("%s %v", page, err)
		}
		e.Done()
		if folder.Exists(e.File) || e.Taken() || os.Remove(e.code) != nil || !e.Taken() {
			t.Error("the page stays, or it is not seen that the code is taken")
		}
	}

	t.Log("codes nobody came with are swept away")
	old, err := l.NewEntry("http://127.0.0.1:4200", "")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{old.code, old.File} {
		if err := os.Chtimes(path, made, made.Add(-CodeLife-time.Minute)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := l.NewEntry("http://127.0.0.1:4200", ""); err != nil || folder.Exists(old.code) || folder.Exists(old.File) {
		t.Errorf("an old code stays: %v", err)
	}
}

func TestPageOf(t *testing.T) {
	t.Parallel()
	const ui = "http://127.0.0.1:4200"
	for link, want := range map[string]string{
		"":                                    "",
		"/":                                   "/",
		"/deployments?page=1":                 "/deployments?page=1",
		"deployments":                         "/deployments",
		ui + "/v2/flows":                      "/v2/flows",
		"http://localhost:4200/flows":         "/flows",
		"/a b\"<>#c":                          "/a%20b%22%3C%3E",
		"http://127.0.0.1:4201/flows":         "refused",
		"https://127.0.0.1:4200/flows":        "refused",
		"http://evil.example:4200/":           "refused",
		"//evil.example/":                     "refused",
		"http://me:word@127.0.0.1:4200/flows": "refused",
		ui + "//evil.example/":                "refused",
		"/flows/../runs":                      "refused",
		"/flows/.hidden/a..b":                 "/flows/.hidden/a..b",
		"/%252e//x":                           "refused",
		"/.//evil.example/":                   "refused",
		"/x/..//evil.example/":                "refused",
		"/%2e//evil.example/":                 "refused",
		"/%2E%2e//evil.example/":              "refused",
		"/x/.%2e/%2fevil.example/":            "refused",
		"/%2fevil.example/":                   "refused",
		"/flows/%2e%2e/runs":                  "refused",
		"/flows/%2e":                          "refused",
		`/\evil.example/`:                     "refused",
		`/./\evil.example/`:                   "refused",
		"/%5cevil.example/":                   "refused",
		"/flows//x":                           "refused",
		"javascript:alert(1)":                 "refused",
		"http://[":                            "refused",
	} {
		got, ok := PageOf(ui, link)
		if !ok {
			got = "refused"
		}
		if got != want {
			t.Errorf("%q: %q, want %q", link, got, want)
		}
	}
}

// knock is a request for templates/python/entry.py, and entered what it makes of it.
type knock struct {
	Method  string            `json:"method"`
	Path    string            `json:"path"`
	Headers map[string]string `json:"headers"`
	Body    string            `json:"body"`
	Code    string            `json:"code"`  // that lies there before
	Until   int64             `json:"until"` // in which second it ends; it is the 1000th now
}

type entered struct {
	Status  int               `json:"status"`
	Headers map[string]string `json:"headers"`
	Body    string            `json:"body"`
	Passed  map[string]string `json:"passed"` // the headers that the server's own app was asked with; nil: it was not asked
	Taken   bool              `json:"taken"`  // the code is gone
	Paused  float64           `json:"paused"` // for how long the answer was held back
}

// TestEntryScript asks entry.py itself, with a clock of the test's and without the guard that stands in front of it.
func TestEntryScript(t *testing.T) {
	t.Parallel()
	const code, page = "c0de-c0de-c0de-c0de-c0de-c0de-c0de-c0de-c0d", "text/html,*/*"
	json1 := map[string]string{"host": "127.0.0.1:4200", "origin": "http://127.0.0.1:4200", "content-type": "application/json"}
	with := func(name, value string) map[string]string {
		out := maps.Clone(json1)
		if out[name] = value; value == "" {
			delete(out, name)
		}
		return out
	}
	take := `{"code": "` + code + `"}`
	post := func(headers map[string]string, body string, until int64) knock {
		return knock{"POST", "/flowmage/open", headers, body, code, until}
	}
	get := func(path string, headers map[string]string) knock {
		return knock{Method: "GET", Path: path, Headers: headers}
	}
	type answer struct {
		Status int
		Taken  bool
		Late   bool
	}
	cases := map[string]struct {
		knock
		want answer
	}{
		"in time":                   {post(json1, take, 1001), answer{200, true, false}},
		"for ten minutes":           {post(json1, take, 1600), answer{200, true, false}},
		"over":                      {post(json1, take, 1000), answer{403, true, true}},
		"longer than codes live":    {post(json1, take, 1601), answer{403, true, true}},
		"another code":              {post(json1, strings.ReplaceAll(take, "c0d", "C0d"), 1001), answer{403, false, true}},
		"a path":                    {post(json1, `{"code": "../../../../../../../etc/passwd-----------"}`, 1001), answer{403, false, true}},
		"no text":                   {post(json1, `{"code": ["x"]}`, 1001), answer{403, false, true}},
		"no JSON":                   {post(json1, `code=`+code, 1001), answer{403, false, true}},
		"too deep":                  {post(json1, `{"code": `+strings.Repeat("[", 1000), 1001), answer{403, false, true}},
		"no text of any encoding":   {post(json1, `{"code": "\ud800"}`, 1001), answer{403, false, true}},
		"too much":                  {post(json1, `{"code": "`+code+`", "x": "`+strings.Repeat("x", 2000)+`"}`, 1001), answer{403, false, true}},
		"of another origin":         {post(with("origin", "http://127.0.0.1:4201"), take, 1001), answer{403, false, false}},
		"of a twin by name":         {post(with("origin", "http://localhost:4200"), take, 1001), answer{403, false, false}},
		"of no origin":              {post(with("origin", ""), take, 1001), answer{403, false, false}},
		"of a file":                 {post(with("origin", "null"), take, 1001), answer{403, false, false}},
		"by another name":           {post(map[string]string{"host": "evil.example", "origin": "http://evil.example", "content-type": "application/json"}, take, 1001), answer{403, false, false}},
		"as a form":                 {post(with("content-type", "text/plain"), take, 1001), answer{415, false, false}},
		"by GET":                    {knock{"GET", "/flowmage/open", json1, take, code, 1001}, answer{200, false, false}},
		"no such page":              {get("/flowmage/auth", json1), answer{404, true, false}},
		"known":                     {get("/flowmage/known", with("authorization", "Basic Zmxvd21hZ2U6d29yZA==")), answer{200, true, false}},
		"not known":                 {get("/flowmage/known", with("authorization", "Basic Zmxvd21hZ2U6d29yZB==")), answer{200, true, true}},
		"localhost is 127.0.0.1":    {get("/flows", map[string]string{"host": "localhost:4200", "accept": page}), answer{307, true, false}},
		"the UI":                    {get("/flows", map[string]string{"host": "127.0.0.1:4200", "accept": page, "accept-encoding": "gzip", "if-none-match": `"x"`}), answer{200, true, false}},
		"what is no page":           {get("/asset.js", map[string]string{"host": "127.0.0.1:4200", "accept": "*/*", "accept-encoding": "gzip"}), answer{200, true, false}},
		"a page in another form":    {get("/gzip", map[string]string{"host": "127.0.0.1:4200", "accept": page}), answer{200, true, false}},
		"an error page":             {get("/missing", map[string]string{"host": "127.0.0.1:4200", "accept": page}), answer{404, true, false}},
		"the page's head, no body":  {knock{Method: "HEAD", Path: "/flows", Headers: map[string]string{"host": "127.0.0.1:4200", "accept": page}}, answer{200, true, false}},
		"programs are not asked on": {get("/api/health", map[string]string{"host": "localhost:4200", "accept": "application/json"}), answer{200, true, false}},
	}
	got := map[string]entered{}
	asked := map[string]knock{}
	for name, c := range cases {
		asked[name] = c.knock
	}
	askEntry(t, "entry_probe.py", asked, &got)
	for name, c := range cases {
		g := got[name]
		if diff := cmp.Diff(c.want, answer{g.Status, g.Taken, g.Paused > 0}); diff != "" {
			t.Errorf("%s: %s (-want +got):\n%s", name, g.Body, diff)
		}
		if in := strings.Contains(g.Body, "Zmxvd21hZ2U6d29yZA=="); in != (name == "in time" || name == "for ten minutes") {
			t.Errorf("%s: %s", name, g.Body)
		}
		if strings.HasPrefix(c.Path, "/flowmage/") {
			if g.Passed != nil || g.Headers["cache-control"] != "no-store" || g.Headers["referrer-policy"] != "no-referrer" ||
				g.Headers["cross-origin-resource-policy"] != "same-origin" || !strings.Contains(g.Headers["content-security-policy"], "default-src 'none'") ||
				!strings.Contains(g.Headers["content-security-policy"], "frame-ancestors 'none'") {
				t.Errorf("%s: passed on with %v, answered with %v", name, g.Passed, g.Headers)
			}
		}
	}
	const script = `<script src="/flowmage/entry.js"></script>`
	ui := got["the UI"]
	if !strings.HasPrefix(ui.Body, "<html><HEAD lang=\"en\">"+script+"<title>") || ui.Headers["content-length"] != strconv.Itoa(len(ui.Body)) || ui.Headers["etag"] != "" ||
		ui.Headers["content-security-policy"] != "frame-ancestors 'none'" || ui.Headers["cache-control"] != "no-cache" || ui.Passed["accept-encoding"] != "" || ui.Passed["if-none-match"] != "" {
		t.Errorf("%+v", ui)
	}
	for _, name := range []string{"what is no page", "a page in another form", "an error page", "programs are not asked on"} {
		if g := got[name]; strings.Contains(g.Body, script) || g.Headers["etag"] != `"e"` || g.Headers["content-length"] != strconv.Itoa(len(g.Body)) {
			t.Errorf("%s was changed: %+v", name, g)
		}
	}
	if got["what is no page"].Passed["accept-encoding"] != "gzip" {
		t.Error("what is no page comes without compression")
	}
	if g := got["localhost is 127.0.0.1"]; g.Headers["location"] != "http://127.0.0.1:4200/flows?q=1" {
		t.Errorf("it leads to %s", g.Headers["location"])
	}
}

// TestEntryScriptGuesses has many guess at one time: all but a few are sent away at once, and the right code is taken meanwhile.
func TestEntryScriptGuesses(t *testing.T) {
	t.Parallel()
	var got map[string]int
	askEntry(t, "entry_guesses.py", nil, &got)
	if diff := cmp.Diff(map[string]int{"403": 8, "429": 92, "200": 1}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// askEntry runs a program of testdata with entry.py beside it, as it lies beside the launcher.
func askEntry(t *testing.T, program string, in, out any) {
	t.Helper()
	l := New(Options{Root: t.TempDir()})
	if err := l.prepare(); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	script, err := filepath.Abs(filepath.Join("testdata", program))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), prerequisite.Python(t), script, l.folder.Dir)
	cmd.Env = append(os.Environ(), "PYTHONPATH="+l.path("bin"), "PYTHONDONTWRITEBYTECODE=1", "PREFECT_SERVER_API_AUTH_STRING=flowmage:word")
	cmd.Stdin = strings.NewReader(string(text))
	cmd.Stderr = t.Output()
	said, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(said, out); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
}
