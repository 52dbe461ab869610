package python_test

import (
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/python"
)

func library(pairs ...string) *python.Library {
	tree := fstest.MapFS{}
	for i := 0; i < len(pairs); i += 2 {
		tree[pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1])}
	}
	return python.NewLibrary(tree)
}

func TestResolve(t *testing.T) {
	t.Parallel()
	l := library(
		"core/__init__.py", "from .shim import flow as job\nfrom . import names\n",
		"core/shim.py", "try:\n    from prefect import flow\nexcept ImportError:\n    def flow(f): return f\n",
		"core/names.py", "class Names:\n    TEAM = 'x'\n    class Deep:\n        A = 1\nSTEP = flow\nfrom typing import *\n",
		"core/round.py", "from core.trip import a\n", "core/trip.py", "from core.round import a\n",
		"prefect/readme.md", "", "broken.py", "(",
		"flows/a/helper.py", "X = 1\n", "helper.py", "Y = 2\n",
		"flows/a/main.py", `
import prefect as p, core, os.path, core.names as n
from core.shim import *
from core import job, names
from prefect import flow as f
from broken import x
from core.round import a
import helper
if TYPE_CHECKING:
    from other import Thing
step = p.flow
def g(): pass
later = 1
class C:
    def m(self): pass
CONST = "v"
CONST2: int
for CONST3 in []: pass
`)
	tests := map[string]string{
		"f": "prefect.flow", "p.flows.flow": "prefect.flows.flow", "step": "prefect.flow", "job": "prefect.flow", "core.job": "prefect.flow",
		"core.shim.flow": "prefect.flow", "flow": "prefect.flow", "os.path.join": "os.path.join", "names.Names.TEAM": "core/names.py TEAM",
		"n.Names.Deep.A": "core/names.py A", "names.Names.gone": "core/names.py Names .gone", "g": "flows/a/main.py g", "C.m": "flows/a/main.py m",
		"CONST.upper": "flows/a/main.py CONST .upper", "print": "print", "x": "unreadable", "a": "unreadable", "Thing": "other.Thing",
		"helper.X": "flows/a/helper.py X", "names.Optional": "Optional from [typing]", "core.names": "core/names.py", "CONST2": "CONST2",
		"names.STEP": "core/names.py STEP",
	}
	for dotted, want := range tests {
		got := "unreadable"
		if o, ok := l.Resolve(python.At("flows/a/main.py", python.Anywhere), dotted); ok {
			got = written(o)
		}
		if got != want {
			t.Errorf("%s: got %s, want %s", dotted, got, want)
		}
	}
}

func written(o python.Origin) string {
	s := o.Name
	if o.File != "" {
		s = o.File
		switch {
		case o.Function != nil:
			s += " " + o.Function.Name
		case o.Class != nil:
			s += " " + o.Class.Name
		case o.Assignment != nil:
			s += " " + o.Assignment.Target
		}
	}
	if o.Rest != "" {
		s += " ." + o.Rest
	}
	if len(o.Stars) > 0 {
		s += " from [" + o.Stars[0] + "]"
	}
	return s
}

func TestConstant(t *testing.T) {
	t.Parallel()
	l := library(
		"core/names.py", "TEAM = 'rpa'\nN = 3\nclass C:\n    NAME = TEAM + '-c'\nif x:\n    MAYBE = 1\nTWICE = 1\nTWICE = 2\nTWICE += 1\n",
		"a.py", "from core import names\nfrom core.names import TEAM as T, C, MAYBE\nA = f'{T}-{names.N}'\nB = f'{A}{A}'\nL = [T, 1]\nLOOP = LOOP2\nLOOP2 = LOOP\n",
	)
	tests := map[string]any{
		"T": "rpa", "names.TEAM": "rpa", "C.NAME": "rpa-c", "A": "rpa-3", "B": "rpa-3rpa-3", "f'{B}!'": "rpa-3rpa-3!", "'x' + T": "xrpa", "L": []any{"rpa", int64(1)},
		"names.TWICE": nil, "LOOP": nil, "T.upper()": nil, "f'{T!r}'": nil, "f'{T:>5}'": nil, "unknown": nil, "names.N + 1": nil, "MAYBE": int64(1), "'a' 'b'": "ab",
	}
	for text, want := range tests {
		n, err := python.Expr{Text: text}.Node()
		if err != nil {
			t.Fatal(err)
		}
		got, ok := l.Constant(python.At("a.py", python.Anywhere), n)
		if diff := cmp.Diff(want, got); ok != (want != nil) || ok && diff != "" {
			t.Errorf("%s: %v, %v", text, got, ok)
		}
	}
}

func TestUses(t *testing.T) {
	t.Parallel()
	got := python.Uses("x = a.b.c(d)['e.f']  # g\nif h: return f'{i.j!r:{k}}' + \"l\"\n  weird(")
	want := []string{"x", "a.b.c", "d", "h", "i.j", "r", "k", "weird"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// leads checks where dotted names lead, by the file that uses them.
func leads(t *testing.T, l *python.Library, tests map[string]map[string]string) {
	t.Helper()
	for file, names := range tests {
		for dotted, want := range names {
			got := "unreadable"
			if o, ok := l.Resolve(python.At(file, python.Anywhere), dotted); ok {
				got = written(o)
			}
			if got != want {
				t.Errorf("%s: %s: got %s, want %s", file, dotted, got, want)
			}
		}
	}
}

// Packages of the tree that are installed from it are found from everywhere in their project, and never hide what is installed anyway.
func TestProjects(t *testing.T) {
	t.Parallel()
	const uses = "import company.models, logging, prefect, team, teams.b.team as b\nfrom company import models as m\nfrom company import Kind\nimport loose, types\n"
	l := library(
		"pyproject.toml", "", "src/company/__init__.py", "from .models import Kind\n", "src/company/models.py", "class Kind: ...\n",
		"src/prefect/__init__.py", "class Flow: ...\n", "src/logging/__init__.py", "def getLogger(): ...\n", "src/loose/models.py", "class Kind: ...\n",
		"src/types/__init__.py", "class UnionType: ...\n",
		"flows/a/main.py", uses,
		"teams/b/setup.py", "", "teams/b/team/__init__.py", "X = 1\n", "teams/b/team/main.py", uses+"import team\nfrom team import deep\n", "teams/b/team/deep.py", "Y = 1\n",
		"teams/c/team/__init__.py", "Z = 1\n", "teams/c/main.py", uses,
	)
	l.Installed("prefect")
	tests := map[string]map[string]string{
		"flows/a/main.py": {
			"company.models.Kind": "src/company/models.py Kind", "m.Kind": "src/company/models.py Kind", "Kind": "src/company/models.py Kind",
			"logging.getLogger": "logging.getLogger", "prefect.Flow": "prefect.Flow", "team.X": "team.X", "loose.models.Kind": "loose.models.Kind",
			"types.UnionType": "types.UnionType",
		},
		"teams/b/team/main.py": {"team.X": "teams/b/team/__init__.py X", "deep.Y": "teams/b/team/deep.py Y", "m.Kind": "src/company/models.py Kind"},
		"teams/c/main.py":      {"team.Z": "teams/c/team/__init__.py Z"},
	}
	leads(t, l, tests)
}

// The members of a uv workspace, and projects that others depend on by a path, are installed beside them.
func TestWorkspace(t *testing.T) {
	t.Parallel()
	const uses = "import climate, health.models as h, left, old, poet, hidden\nfrom near import N\n"
	l := library(
		"pyproject.toml", "[tool.uv.workspace]\nmembers = [\"packages/*\", \"one/more\"]\nexclude = [\"packages/old\"]\n[tool.uv.sources]\nnear = { path = \"libs/near\", editable = true }\n"+
			"outside = { path = \"../outside\" }\nclimate = { workspace = true }\n[tool.poetry.dependencies]\npoet = { path = \"libs/poet\" }\nfirst = \"^1\"\n"+
			"[tool.poetry.group.dev.dependencies]\nhidden = { path = \"libs/none\" }\n",
		"packages/climate/pyproject.toml", "", "packages/climate/climate/__init__.py", "X = 1\n", "packages/climate/main.py", uses,
		"packages/health/pyproject.toml", "", "packages/health/src/health/__init__.py", "", "packages/health/src/health/models.py", "class Kind: ...\n",
		"packages/old/pyproject.toml", "", "packages/old/old/__init__.py", "X = 1\n", "packages/left/left/__init__.py", "X = 1\n",
		"libs/near/setup.cfg", "", "libs/near/near/__init__.py", "N = 1\n", "libs/poet/pyproject.toml", "", "libs/poet/poet/__init__.py", "X = 1\n",
		"libs/none/hidden/__init__.py", "X = 1\n", "flows/main.py", uses,
		"kinds/a/pyproject.toml", "[tool.setuptools.packages.find]\nwhere = [\"lib\", \"../../elsewhere\"]\n", "kinds/a/lib/own/__init__.py", "X = 1\n", "kinds/a/main.py", "import own\n",
		"kinds/b/pyproject.toml", "[tool.setuptools]\npackages = [\"own\"]\npackage-dir = {\"\" = \"lib\"}\n", "kinds/b/lib/own/__init__.py", "X = 1\n", "kinds/b/main.py", "import own\n",
		"kinds/c/pyproject.toml", "[tool.poetry]\npackages = [{include = \"own\", from = \"lib\"}]\n", "kinds/c/lib/own/__init__.py", "X = 1\n", "kinds/c/main.py", "import own\n",
		"kinds/d/pyproject.toml", "[[tool.poetry.packages]]\ninclude = \"own\"\nfrom = \"lib\"\n[tool.uv]\nbuild-backend = 3\n", "kinds/d/lib/own/__init__.py", "X = 1\n", "kinds/d/main.py", "import own\n",
		"kinds/e/pyproject.toml", "[tool.hatch.build.targets.wheel]\npackages = [\"lib/own\"]\n", "kinds/e/lib/own/__init__.py", "X = 1\n", "kinds/e/main.py", "import own\n",
		"kinds/f [x]/pyproject.toml", "[tool.uv.workspace]\nmembers = [\"./parts/*\"]\nexclude = [\"./parts/no\"]\n[tool.uv.sources]\nown = [{path = \"../a\", marker = \"sys_platform == 'linux'\"}, {index = \"x\"}]\n"+
			"[tool.poetry.dev-dependencies]\npoet = {path = \"../../libs/poet\"}\n", "kinds/f [x]/main.py", "import own, part, no, poet, far\n",
		"kinds/f [x]/parts/p/pyproject.toml", "[tool.uv.sources]\nfar = {path = \"../../../../far\"}\nback = {path = \"../..\"}\n", "kinds/f [x]/parts/p/part/__init__.py", "X = 1\n",
		"kinds/f [x]/parts/no/pyproject.toml", "", "kinds/f [x]/parts/no/no/__init__.py", "X = 1\n", "far/setup.py", "", "far/far/__init__.py", "X = 1\n",
		"broken/pyproject.toml", "[tool.uv.workspace\nmembers = 3", "broken/own/__init__.py", "X = 1\n", "broken/main.py", "import own\n",
	)
	tests := map[string]map[string]string{
		"flows/main.py": {
			"climate.X": "packages/climate/climate/__init__.py X", "h.Kind": "packages/health/src/health/models.py Kind", "N": "libs/near/near/__init__.py N",
			"poet.X": "libs/poet/poet/__init__.py X", "old.X": "old.X", "left.X": "left.X", "hidden.X": "hidden.X",
		},
		"packages/climate/main.py": {"climate.X": "packages/climate/climate/__init__.py X", "h.Kind": "packages/health/src/health/models.py Kind"},
		"broken/main.py":           {"own.X": "broken/own/__init__.py X"},
		"kinds/a/main.py":          {"own.X": "kinds/a/lib/own/__init__.py X"},
		"kinds/b/main.py":          {"own.X": "kinds/b/lib/own/__init__.py X"},
		"kinds/c/main.py":          {"own.X": "kinds/c/lib/own/__init__.py X"},
		"kinds/d/main.py":          {"own.X": "kinds/d/lib/own/__init__.py X"},
		"kinds/e/main.py":          {"own.X": "kinds/e/lib/own/__init__.py X"},
		"kinds/f [x]/main.py": {
			"own.X": "kinds/a/lib/own/__init__.py X", "part.X": "kinds/f [x]/parts/p/part/__init__.py X", "no.X": "no.X", "poet.X": "libs/poet/poet/__init__.py X",
			"far.X": "far/far/__init__.py X",
		},
	}
	leads(t, l, tests)
}
