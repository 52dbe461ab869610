package flow_test

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/flow"
)

// tree makes a repository of name and content pairs.
func tree(pairs ...string) fstest.MapFS {
	fs := fstest.MapFS{}
	for i := 0; i < len(pairs); i += 2 {
		fs[pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1])}
	}
	return fs
}

func scan(t *testing.T, fs fstest.MapFS, o flow.Options) flow.Result {
	t.Helper()
	r, err := flow.Scan(t.Context(), fs, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestRecognition(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		source string
		want   []string // name function
	}{
		"bare":              {"from prefect import flow\n@flow\ndef my_flow(): pass\n", []string{"my-flow my_flow"}},
		"called":            {"from prefect import flow\n@flow(retries=2)\ndef a(): pass\n", []string{"a a"}},
		"named":             {"from prefect import flow\n@flow(name='The Flow')\ndef a(): pass\n", []string{"The Flow a"}},
		"named by constant": {"from prefect import flow\nNAME = 'x'\n@flow(name=NAME)\ndef a(): pass\n", []string{"x a"}},
		"asynchronous":      {"from prefect import flow\n@flow\nasync def a(): pass\n", []string{"a a"}},
		"alias":             {"from prefect import flow as f\n@f\ndef a(): pass\n", []string{"a a"}},
		"module":            {"import prefect\n@prefect.flow\ndef a(): pass\n", []string{"a a"}},
		"module alias":      {"import prefect as p\n@p.flow(name='n')\ndef a(): pass\n", []string{"n a"}},
		"submodule":         {"from prefect.flows import flow\n@flow\ndef a(): pass\n", []string{"a a"}},
		"submodule alias":   {"import prefect.flows as pf\n@pf.flow\ndef a(): pass\n", []string{"a a"}},
		"submodule dotted":  {"import prefect.flows\n@prefect.flows.flow\ndef a(): pass\n", []string{"a a"}},
		"from the package":  {"from prefect import flows\n@flows.flow\ndef a(): pass\n", []string{"a a"}},
		"star":              {"from prefect import *\n@flow\ndef a(): pass\n", []string{"a a"}},
		"rebound":           {"import prefect\nstep = prefect.flow\n@step\ndef a(): pass\n", []string{"a a"}},
		"other decorators":  {"from prefect import flow\n@flow\n@x\n@y(1)\ndef a(): pass\n", []string{"a a"}},
		"in an if":          {"from prefect import flow\nif True:\n    @flow\n    def a(): pass\n", []string{"a a"}},
		"static method":     {"from prefect import flow\nclass C:\n    @flow\n    @staticmethod\n    def a(): pass\n", []string{"a C.a"}},
		"two":               {"from prefect import flow\n@flow\ndef b(): pass\n@flow\ndef a(): pass\n", []string{"b b", "a a"}},
		"byte order mark":   {"\ufefffrom prefect import flow\n@flow\ndef a(): pass\n", []string{"a a"}},
		"windows line ends": {"from prefect import flow\r\n@flow\r\ndef a():\r\n    pass\r\n", []string{"a a"}},
		"a task":            {"from prefect import task\n@task\ndef a(): pass\n", nil},
		"another flow":      {"from mylib import flow\n@flow\ndef a(): pass\n", nil},
		"name taken over":   {"from prefect import flow\nfrom mylib import flow\n@flow\ndef a(): pass\n", nil},
		"relative import":   {"from .prefect import flow\n@flow\ndef a(): pass\n", nil},
		"similar module":    {"from prefectx import flow\n@flow\ndef a(): pass\n", nil},
		"inside a function": {"from prefect import flow\ndef f():\n    @flow\n    def a(): pass\n", nil},
		"plain method":      {"from prefect import flow\nclass C:\n    @flow\n    def a(self): pass\n", nil},
		"in a string":       {"from prefect import flow\nx = '''\n@flow\ndef a(): pass\n'''\n", nil},
		"in a comment":      {"from prefect import flow\n# @flow\ndef a(): pass\n", nil},
		"no prefect at all": {"def flow(f): return f\n@flow\ndef a(): pass\n", nil},
		"an empty file":     {"", nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := scan(t, tree("a.py", test.source), flow.Options{})
			var got []string
			for _, f := range r.Flows {
				got = append(got, f.Name+" "+f.Function)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
			if len(r.Findings) > 0 {
				t.Error(r.Findings)
			}
		})
	}
}

func TestFindings(t *testing.T) {
	t.Parallel()
	const head = "from prefect import flow\n"
	tests := map[string]struct {
		tree       fstest.MapFS
		want       []string // place code
		unreadable []string
	}{
		"syntax": {
			tree("flows/a.py", head+"@flow\ndef a(:\n"), []string{"flows/a.py:3:7 python-syntax"}, []string{"flows/a.py"},
		},
		"syntax of no flow": {tree("a.py", "x = (\n"), []string{"a.py:1:5 python-syntax"}, nil},
		"computed name":     {tree("a.py", head+"@flow(name=f())\ndef a(): pass\n"), []string{"a.py:3 flow-name-computed"}, nil},
		"computed name in a dict of another file": {
			tree("a.py", head+strings.Repeat("# so that the dict's file is shorter\n", 20)+"from lib import O\n@flow(**O)\ndef a(): pass\n", "lib.py", "O = {'name': f()}\n"),
			[]string{"a.py:24 flow-name-computed"}, nil,
		},
		"illegal name":  {tree("a.py", head+"@flow(name='a/b')\ndef a(): pass\n"), []string{"a.py:3 flow-name-illegal"}, nil},
		"one above":     {tree("a.py", head+"@x\n@flow\ndef a(): pass\n"), []string{"a.py:4 flow-decorated-again"}, nil},
		"defined twice": {tree("a.py", head+"@flow\ndef a(): pass\n@flow\ndef a(): pass\n"), []string{"a.py:3 flow-replaced"}, nil},
		"one name twice": {
			tree("a.py", head+"@flow(name='x')\ndef a(): pass\n", "b.py", head+"@flow\ndef x(): pass\n"),
			[]string{"a.py:3 flow-name-duplicate", "b.py:3 flow-name-duplicate"}, nil,
		},
		"all at once": {
			tree("a.py", head+"@flow(name='a/b')\ndef a(): pass\n", "b.py", "(", "c.py", head+"@flow(name=1)\ndef c(): pass\n"),
			[]string{"a.py:3 flow-name-illegal", "b.py:1:1 python-syntax", "c.py:3 flow-name-computed"}, nil,
		},
		"a broken import": {
			tree("flows/a.py", head+"from lib import x\n@flow\ndef a(): pass\n", "flows/lib.py", "def x(:\n"),
			[]string{"flows/lib.py:1:7 python-syntax"}, nil,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := scan(t, test.tree, flow.Options{})
			var got []string
			for _, f := range r.Findings {
				got = append(got, f.Position.String()+" "+f.Code)
				if f.Message == "" || f.Fix == "" {
					t.Errorf("no help: %+v", f)
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(test.unreadable, r.Unreadable); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWhereFlowsAreLookedFor(t *testing.T) {
	t.Parallel()
	const source = "from prefect import flow\n@flow\ndef f(): pass\n"
	fs := tree(
		"top.py", source, "flows/one/a.py", source, "flows/two/b.py", source, ".hidden/c.py", source, "flows/__pycache__/d.py", source,
		"env/pyvenv.cfg", "", "env/lib/e.py", source, "flows/two/b.txt", source,
	)
	tests := map[string]struct {
		options flow.Options
		want    []string
	}{
		"everywhere": {flow.Options{}, []string{"flows/one/a.py", "flows/two/b.py", "top.py"}},
		"a folder":   {flow.Options{Paths: []string{"flows/"}}, []string{"flows/one/a.py", "flows/two/b.py"}},
		"a file":     {flow.Options{Paths: []string{"top.py"}}, []string{"top.py"}},
		"twice":      {flow.Options{Paths: []string{"flows", "flows/one"}}, []string{"flows/one/a.py", "flows/two/b.py"}},
		"without":    {flow.Options{Exclude: []string{"two", "top.*"}}, []string{"flows/one/a.py"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, f := range scan(t, fs, test.options).Flows {
				got = append(got, f.File)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	r := scan(t, fs, flow.Options{Paths: []string{"flow"}})
	if len(r.Findings) != 1 || r.Findings[0].Code != "path-missing" || len(r.Unreadable) != 1 || r.Unreadable[0] != "flow" {
		t.Error(r.Findings)
	}
	// Who names a folder that is not there is told where flows are.
	for _, test := range []struct {
		tree  fstest.MapFS
		paths []string
		want  string
	}{
		{fs, []string{"flow"}, "paths: [flows, top.py]"},
		{fs, []string{"flow", "flows/one"}, "paths: [flows/one, top.py]"},
		{fs, []string{"flow", "flows/*/b.py"}, `paths: ["flows/*/b.py", top.py]`},
		{tree("my flows/a.py", source, "b/c/d.py", source, "b/e.py", source, "c/plain.py", "x = 1\n", "on/f.py", source, "[x]/f.py", source), []string{"flow"}, `paths: [b, "my flows", "on"]`},
		{tree("plain.py", "x = 1\n"), []string{"flow"}, "create it, or name the right folders"},
	} {
		r := scan(t, test.tree, flow.Options{Paths: test.paths})
		if len(r.Findings) != 1 || !strings.Contains(r.Findings[0].Fix, test.want) {
			t.Errorf("want %s, got %v", test.want, r.Findings)
		}
	}
}

// What is left out is named where a flow may be in it.
func TestLeftOut(t *testing.T) {
	t.Parallel()
	const source = "from prefect import flow\n@flow\ndef f(): pass\n"
	fs := tree(
		".gitignore", "/flows/generated/\nold.py\n", "flows/generated/workflow.py", source, "flows/good/workflow.py", source, "flows/good/old.py", source,
		"teams/a/flows/b.py", source, "teams/.gitignore", "# mine\nx/\n", "teams/x/flows/c.py", source, "docs/old.py", source,
	)
	generated, old, team := flow.LeftOut{Path: "flows/generated/", By: ".gitignore:1"}, flow.LeftOut{Path: "flows/good/old.py", By: ".gitignore:2"}, flow.LeftOut{Path: "teams/x/", By: "teams/.gitignore:2"}
	for _, test := range []struct {
		options flow.Options
		want    []flow.LeftOut
	}{
		{flow.Options{Paths: []string{"flows"}}, []flow.LeftOut{generated, old}},
		{flow.Options{Paths: []string{"flows/*/workflow.py"}}, []flow.LeftOut{generated}},
		{flow.Options{Paths: []string{"**/workflow.py"}}, []flow.LeftOut{generated, team}},
		{flow.Options{Paths: []string{"teams/*/flows"}}, []flow.LeftOut{team}},
		{flow.Options{Paths: []string{"teams/a*/flows"}}, nil},
		{flow.Options{Paths: []string{"flows/good/old.py"}}, nil},
		{flow.Options{Paths: []string{"teams"}, Exclude: []string{"teams/a/**"}}, []flow.LeftOut{{Path: "teams/a/", By: "exclude: teams/a/**"}, team}},
	} {
		if diff := cmp.Diff(test.want, scan(t, fs, test.options).LeftOut); diff != "" {
			t.Errorf("%v: %s", test.options, diff)
		}
	}
}

// Notebooks and templates are no code; who misses a flow is told of them.
func TestNoCode(t *testing.T) {
	t.Parallel()
	const source = "from prefect import flow\n@flow\ndef f(): pass\n"
	fs := tree(
		"{{cookiecutter.slug}}/flows/a.py", "from prefect import flow\n@flow(name='{{ cookiecutter.slug }}')\ndef a(): pass\n", "{{ cookiecutter.x }}/b.py", "def {{ x }}(:\n",
		"{% if a %}c{% endif %}/d.py", source, "flows/{{cookiecutter.name}}.py", source, "flows/good.py", source, "flows/explore.ipynb", "{}",
		"flows/jinja.py", "from prefect import flow\n{% if x %}\n@flow\n{% endif %}\ndef f(): pass\n", "flows/value.py", "import {{ cookiecutter.slug }}.flow\n",
		"hooks/pre.py", "x = {{ cookiecutter.slug }}\n", "old/notes.ipynb", "{}", "flows/format.py", "x = '{% if %}'\nfrom prefect import flow\n@flow(name='{{ cookiecutter.x }}')\ndef g(): pass\n",
		".gitignore", "old/\n", "flows/broken.py", "x = (\n",
	)
	r := scan(t, fs, flow.Options{})
	var got []string
	for _, f := range r.Flows {
		got = append(got, f.Entrypoint)
	}
	for _, f := range r.Findings {
		got = append(got, f.Position.String()+" "+f.Code)
	}
	for _, l := range r.LeftOut {
		by, _, _ := strings.Cut(l.By, ":")
		got = append(got, l.Path+" "+by)
	}
	slices.Sort(got)
	want := []string{
		"flows/broken.py:1:5 python-syntax", "flows/explore.ipynb a notebook", "flows/format.py:g", "flows/good.py:f", "flows/jinja.py part of a template", "flows/value.py part of a template",
		"flows/{{cookiecutter.name}}.py part of a template", "old/ .gitignore", "{% if a %}c{% endif %}/ part of a template",
		"{{ cookiecutter.x }}/ part of a template", "{{cookiecutter.slug}}/ part of a template",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// The version changes exactly when the flow's code does: its file and what it imports inside the repository.
func TestVersion(t *testing.T) {
	t.Parallel()
	files := []string{
		"flows/a/workflow.py", "import json\nfrom core import tasks\nfrom .part import x\nimport helper\nfrom prefect import flow\n@flow\ndef a(): pass\n",
		"flows/a/part.py", "x = 1\n", "flows/a/helper.py", "y = 2\n", "core/__init__.py", "", "core/tasks.py", "import core.deep\n",
		"core/deep.py", "z = 3\n", "core/unused.py", "", "json.txt", "",
	}
	version := func(pairs []string) flow.Flow {
		return scan(t, tree(pairs...), flow.Options{Paths: []string{"flows"}}).Flows[0]
	}
	first := version(files)
	want := []string{"core/__init__.py", "core/deep.py", "core/tasks.py", "flows/a/helper.py", "flows/a/part.py", "flows/a/workflow.py"}
	if diff := cmp.Diff(want, first.Files); diff != "" {
		t.Fatal(diff)
	}
	for i := 0; i < len(files); i += 2 {
		changed := append([]string{}, files...)
		changed[i+1] += "# changed\n"
		imported := cmp.Equal(want, first.Files) && strings.Contains(strings.Join(want, " ")+" ", files[i]+" ")
		if got := version(changed).Version != first.Version; got != imported {
			t.Errorf("%s: the version changed: %v", files[i], got)
		}
	}
}

// What a flow imports from a package that the repository is the source of counts as its code too.
func TestVersionOfPackages(t *testing.T) {
	t.Parallel()
	got := scan(t, tree(
		"pyproject.toml", "", "src/company/__init__.py", "", "src/company/models.py", "x = 1\n", "src/company/other.py", "", "src/prefect/__init__.py", "",
		"flows/a.py", "from company import models\nfrom prefect import flow\n@flow\ndef a(): pass\n",
	), flow.Options{Paths: []string{"flows"}}).Flows
	if diff := cmp.Diff([]string{"flows/a.py", "src/company/__init__.py", "src/company/models.py"}, got[0].Files); diff != "" {
		t.Error(diff)
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"rpa1": "rpa1", "My Flow": "my-flow", "  A__b  ": "a-b", "Ünï": "n", "日本": "flow", "a--b": "a-b", "-x-": "x",
	} {
		if got := (flow.Flow{Name: name}).Slug(); got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
	for file, want := range map[string]string{"flows/rpa1/workflow.py": "rpa1", "flows/a.py": "flows", "a.py": "."} {
		if got := (flow.Flow{File: file}).Folder(); got != want {
			t.Errorf("%q: got %q, want %q", file, got, want)
		}
	}
}

func TestSelect(t *testing.T) {
	t.Parallel()
	flows := []flow.Flow{
		{Name: "sales", Function: "main", File: "flows/rpa1/workflow.py", Entrypoint: "1"},
		{Name: "users", Function: "main", File: "flows/rpa2/workflow.py", Entrypoint: "2"},
		{Name: "orders", Function: "sales", File: "flows/rpa2/other.py", Entrypoint: "3"},
	}
	tests := map[string]struct {
		words []string
		want  []string
		says  string
	}{
		"all":          {nil, []string{"sales", "users", "orders"}, ""},
		"by name":      {[]string{"sales"}, []string{"sales"}, ""},
		"by folder":    {[]string{"rpa1"}, []string{"sales"}, ""},
		"two, twice":   {[]string{"orders", "sales", "rpa1"}, []string{"sales", "orders"}, ""},
		"ambiguous":    {[]string{"rpa2"}, nil, "folder of several flows"},
		"by function":  {[]string{"main"}, nil, "function of several flows"},
		"misspelt":     {[]string{"slaes"}, nil, "did you mean sales?"},
		"not at all":   {[]string{"nothing"}, nil, "mage flows:list"},
		"case matters": {[]string{"Sales"}, nil, "did you mean sales?"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := flow.Select(flows, test.words)
			var names []string
			for _, f := range got {
				names = append(names, f.Name)
			}
			if diff := cmp.Diff(test.want, names); diff != "" {
				t.Error(diff)
			}
			if test.says == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			f, ok := err.(*fault.Error) //nolint:errorlint // it is promised to be one
			if !ok || f.Code != fault.Usage || !strings.Contains(f.What+f.Next, test.says) {
				t.Errorf("got %#v", err)
			}
		})
	}
}

// Flows that are made by calls and bound to a name, and decorators that a team made for itself.
func TestMade(t *testing.T) {
	t.Parallel()
	fs := tree(
		"core/__init__.py", "", "core/work.py", "def load(day: str = 'monday'):\n    '''Load.'''\n",
		"core/team.py", "from prefect import flow as f\ndef team(**kw):\n    def deco(fn):\n        return f(**kw)(fn)\n    return deco\ndef plain(fn):\n    return fn\n",
		"a.py", `
from prefect import flow, Flow
from core.work import load
from core import work
from core.team import team, plain

one = flow(load, name="one", retries=1)
two = flow(name="two")(work.load)
three = one.with_options(name="three")
four = flow(load).with_options(description="Other.")
class C:
    five = Flow(load, "five")
six = seven = flow(fn=load, name="six")
eight = flow(lambda x: x)
nine = flow(print)

@team(retries=1)
def ten(): pass

@plain
def eleven(): pass

@flow(name=make_name(), log_prints=True)
def twelve(): pass

text = """
@flow
def thirteen(): pass
"""

@flow(**{"name": "fourteen", "retries": 4})
def other(): pass
`)
	r := scan(t, fs, flow.Options{Paths: []string{"a.py"}})
	got := map[string]string{}
	for _, f := range r.Flows {
		got[f.Function] = f.Name
		if f.NameExpr != "" {
			got[f.Function] = "? " + f.NameExpr
		}
		if len(f.Definition.Parameters) == 1 && f.Description == "" {
			t.Errorf("%s has no description", f.Name)
		}
	}
	for _, f := range r.Others {
		got[f.Function] = "not: " + f.Reason
	}
	want := map[string]string{
		"one": "one", "two": "two", "three": "three", "four": "load", "C.five": "five", "six": "six",
		"eight": "not: its parameters can't be known: its function is an expression",
		"nine":  "not: its parameters can't be known: print is not a function of this repository",
		"ten":   "ten", "twelve": "? make_name() at a.py:23", "other": "fourteen",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// A decorator may have any name in another module; files without the word flow are read again for it.
func TestRenamedElsewhere(t *testing.T) {
	t.Parallel()
	fs := tree(
		"core/__init__.py", "", "core/deco.py", "from prefect import flow as job\n", "core/more.py", "from core.deco import job as step\n",
		"flows/a.py", "from core.deco import job\n@job\ndef a(): pass\n",
		"flows/b.py", "from core.more import step\n@step(name='bee')\ndef b(): pass\n",
		"flows/c.py", "from core import more\n@more.step\ndef c(): pass\n",
	)
	for _, skim := range []bool{false, true} {
		var got []string
		for _, f := range scan(t, fs, flow.Options{Paths: []string{"flows"}, Skim: skim}).Flows {
			got = append(got, f.Name)
		}
		if diff := cmp.Diff([]string{"a", "bee", "c"}, got); diff != "" {
			t.Errorf("skim %v: %s", skim, diff)
		}
	}
}

// Files where no flow is looked for are checked all the same; what nothing imports is a warning.
func TestWholeRepository(t *testing.T) {
	t.Parallel()
	fs := tree(
		"flows/a.py", "from core import used\nfrom prefect import flow\n@flow\ndef a(): pass\n", "core/__init__.py", "", "core/used.py", "x = (\n",
		"core/unused.py", "y = )\n", "tools/z.py", "z z\n",
	)
	var got []string
	r := scan(t, fs, flow.Options{Paths: []string{"flows"}})
	for _, f := range r.Findings {
		got = append(got, f.Position.String()+" "+f.Severity.String())
	}
	if diff := cmp.Diff([]string{"core/unused.py:1:5 warning", "core/used.py:1:5 error", "tools/z.py:1:3 warning"}, got); diff != "" {
		t.Error(diff)
	}
	if r.Checked != 5 || r.Unreadable != nil {
		t.Errorf("%d checked, unreadable %v", r.Checked, r.Unreadable)
	}
	if got := scan(t, fs, flow.Options{Paths: []string{"flows"}, Skim: true}); got.Checked != 1 {
		t.Errorf("%d checked", got.Checked)
	}
}
