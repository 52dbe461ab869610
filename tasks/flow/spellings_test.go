package flow_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/prerequisite"
)

// spelling is a generated file with what is to be found in it.
type spelling struct {
	file, source string
	function     string
	name         string
	async        bool
	reason       string // a word of why it is not offered; empty when it is
}

// Ways to come by the decorator. The modules that they import are made by shims.
var imports = []struct{ statement, decorator, reason string }{
	{"from prefect import flow", "flow", ""},
	{"from prefect import flow as f", "f", ""},
	{"from prefect import task, flow as my_flow, get_run_logger", "my_flow", ""},
	{"import prefect", "prefect.flow", ""},
	{"import prefect as p", "p.flow", ""},
	{"import prefect.flows", "prefect.flows.flow", ""},
	{"import prefect.flows as pf", "pf.flow", ""},
	{"from prefect import flows", "flows.flow", ""},
	{"from prefect.flows import flow", "flow", ""},
	{"from prefect import *", "flow", ""},
	{"from prefect import (\n    task,\n    flow,  # the decorator\n)", "flow", ""},
	{"import prefect\nstep = prefect.flow", "step", ""},
	{"import prefect\nstep = prefect.flow\nrun = step", "run", ""},
	{"try:\n    from prefect import flow\nexcept ImportError:\n    def flow(f=None, **k):\n        return f", "flow", ""},
	{"if True:\n    from prefect import flow\nelse:\n    flow = None", "flow", ""},
	{"from shims.plain import flow", "flow", ""},
	{"from shims.fallback import flow as shimmed_flow", "shimmed_flow", ""},
	{"from shims.renamed import job", "job", ""},
	{"from shims import renamed", "renamed.job", ""},
	{"import shims.renamed", "shims.renamed.job", ""},
	{"from shims import job", "job", ""},
	{"from shims.star import *", "flow", ""},
	{"from shims.twice import work", "work", ""},
	{"import functools, prefect\nours = functools.partial(prefect.flow, retries=1)", "ours", ""},
	{"from functools import partial\nfrom prefect import flow\nours = partial(flow, retries=1)", "ours", ""},
	{"from shims.prepared import ours", "ours", ""},
	{"from mylib import flow", "flow", "mylib.flow"},
	{"import mylib", "mylib.flow", "mylib.flow"},
	{"from prefect import flow\nfrom mylib import flow", "flow", "mylib.flow"},
	{"import app\nx = app.App()", "x.flow", "is not Prefect's"},
	{"from shims.own import flow", "flow", "shims/own.py:1"},
}

var shims = map[string]string{
	"shims/__init__.py": "from .renamed import job\n",
	"shims/plain.py":    "from prefect import flow\n__all__ = ['flow']\n",
	"shims/fallback.py": "try:\n    from prefect import flow\nexcept ImportError:\n    def flow(fn=None, **kw):\n        return fn\n",
	"shims/renamed.py":  "from prefect import flow as job\n",
	"shims/star.py":     "from .plain import *\n",
	"shims/twice.py":    "from .renamed import job as work\n",
	"shims/prepared.py": "import prefect\nours = prefect.flow(retries=3)\n",
	"shims/own.py":      "def flow(fn=None, **kw):\n    return fn\n",
}

// Ways to write the decorator: its text after the name, and the name that it gives ("" for the function's own).
var calls = []struct{ text, name string }{
	{"", ""}, {"()", ""}, {"(name='The Flow')", "The Flow"}, {"(retries=2, log_prints=True)", ""}, {"(\n    name=NAME,  # here\n)", "by constant"},
	{"(name=f'{NAME}-{N}')", "by constant-3"}, {"(name='')", ""}, {"(name=None)", ""}, {"(**KW)", "by dict"},
}

// Ways to place the function: a format with the decorator, async and def, and what the entrypoint says.
var places = []struct{ format, function, reason string }{
	{"@%s\n%sdef my_fn(a: int = 1):\n    '''Doc.'''\n", "my_fn", ""},
	{"@%s\n\n# a comment\n\n%sdef my_fn(a: int = 1): pass\n", "my_fn", ""},
	{"if NAME:\n    @%s\n    %sdef my_fn(a: int = 1): pass\n", "my_fn", ""},
	{"class C:\n    @staticmethod\n    @%s\n    %sdef my_fn(a: int = 1): pass\n", "C.my_fn", ""},
	{"class C:\n    @%s\n    @staticmethod\n    %sdef my_fn(a: int = 1): pass\n", "C.my_fn", ""},
	{"class C:\n    class D:\n        @%s\n        @classmethod\n        %sdef my_fn(cls, a: int = 1): pass\n", "C.D.my_fn", ""},
	{"class C:\n    @%s\n    %sdef my_fn(self, a: int = 1): pass\n", "C.my_fn", "instance method"},
	{"def outer():\n    @%s\n    %sdef my_fn(a: int = 1): pass\n    return my_fn\n", "outer.my_fn", "inside of the function outer"},
	{"if __name__ == '__main__':\n    @%s\n    %sdef my_fn(a: int = 1): pass\n", "my_fn", "as a script"},
	{"@%s\n%sdef my_fn(a: int = 1): pass\ndef my_fn(): pass\n", "my_fn", "bound anew"},
}

func spellings() []spelling {
	var out []spelling
	for i, imported := range imports {
		for k, call := range calls {
			for n, place := range places {
				for _, async := range []string{"", "async "} {
					s := spelling{
						file: fmt.Sprintf("s%d_%d_%d%s.py", i, k, n, strings.TrimSpace(async)), function: place.function, name: call.name, async: async != "",
						reason: place.reason,
					}
					if imported.reason != "" {
						s.reason = imported.reason
					}
					if s.name == "" {
						s.name = "my-fn"
					}
					s.source = imported.statement + "\nNAME = 'by constant'\nN = 3\nKW = {'name': 'by dict', 'retries': 2}\n\n" +
						fmt.Sprintf(place.format, imported.decorator+call.text, async)
					out = append(out, s)
				}
			}
		}
	}
	return out
}

// TestSpellings finds every generated flow under its name, and none of the others.
func TestSpellings(t *testing.T) {
	t.Parallel()
	root := fstest.MapFS{}
	for name, source := range shims {
		root[name] = &fstest.MapFile{Data: []byte(source)}
	}
	all := spellings()
	want, got := map[string]string{}, map[string]string{}
	for _, s := range all {
		root[s.file] = &fstest.MapFile{Data: []byte(s.source)}
		want[s.file] = fmt.Sprintf("%s %s %v", s.name, s.function, s.async)
		if s.reason != "" {
			want[s.file] = s.function + " not: " + s.reason
		}
	}
	r, err := flow.Scan(t.Context(), root, flow.Options{Paths: []string{"*.py"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range r.Flows {
		got[f.File] = fmt.Sprintf("%s %s %v", f.Name, f.Function, f.Async)
		if !f.Loadable || f.Reason != "" {
			t.Errorf("%s is offered, and not loadable", f.Entrypoint)
		}
	}
	for _, f := range r.Others {
		_, reason, _ := strings.Cut(want[f.File], " not: ")
		if got[f.File] = f.Function + " not: " + f.Reason; reason != "" && strings.Contains(f.Reason, reason) {
			got[f.File] = f.Function + " not: " + reason
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("of %d files: %.4000s", len(all), diff)
	}
	if len(all) < 2000 {
		t.Errorf("only %d files", len(all))
	}
}

// TestSpellingsWithPrefect lets the real Prefect load what we offer, and what we don't.
func TestSpellingsWithPrefect(t *testing.T) {
	t.Parallel()
	python := prerequisite.Python(t)
	folder := t.TempDir()
	write := func(name, text string) {
		path := filepath.Join(folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for name, source := range shims {
		write(name, source)
	}
	want := map[string]string{}
	var entrypoints []string
	for i, s := range spellings() {
		// What Prefect can't load is known for other reasons; an instance method it would load, without its object.
		if s.reason != "" && !strings.Contains(s.reason, "inside of") && !strings.Contains(s.reason, "script") || i%7 != 0 && !prerequisite.Full() {
			continue
		}
		write(s.file, s.source)
		entrypoint := s.file + ":" + s.function
		entrypoints = append(entrypoints, entrypoint)
		if want[entrypoint] = s.name; s.reason != "" {
			want[entrypoint] = ""
		}
	}
	cmd := exec.CommandContext(t.Context(), python, abs(t, filepath.Join("testdata", "load.py")))
	cmd.Dir = folder
	cmd.Env = append(os.Environ(), "PREFECT_HOME="+t.TempDir(), "PYTHONPATH="+folder)
	cmd.Stdin = strings.NewReader(strings.Join(entrypoints, "\n"))
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, stderr.String())
	}
	got := map[string]string{}
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("of %d entrypoints (-ours +Prefect's): %.4000s", len(want), diff)
	}
}

func abs(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs(name)
	if err != nil {
		t.Fatal(err)
	}
	return path
}
