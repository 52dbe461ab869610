package dependency_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/dependency"
	"github.com/flowmage/flowmage/tasks/requirement"
)

// shown gives a file as lines: a package each, then conditions on Python and problems.
func shown(f dependency.File) string {
	var b strings.Builder
	for _, e := range f.Entries {
		fmt.Fprintf(&b, "%s %s", e.Where(), e.Known)
		if len(e.Extras) > 0 {
			fmt.Fprintf(&b, "[%s]", strings.Join(e.Extras, ","))
		}
		if len(e.Set) > 0 {
			b.WriteString(" " + e.Set.String())
		}
		if e.Group != "" {
			b.WriteString(" (" + e.Group + ")")
		}
		for word, is := range map[string]bool{" limit": e.Limit, " own": e.Own, " marked": !e.Marker.Always()} {
			if is {
				b.WriteString(word)
			}
		}
		b.WriteByte('\n')
	}
	for _, p := range f.Pythons {
		fmt.Fprintf(&b, "%s:%d python %s\n", p.File, p.Line, p.Set)
	}
	for _, p := range f.Problems {
		fmt.Fprintf(&b, "%s:%d %s\n", p.File, p.Line, p.Message)
	}
	if f.Vague {
		b.WriteString("vague\n")
	}
	return b.String()
}

func TestRead(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		file, text, want string
	}{
		"requirements": {"requirements.txt", `# what it needs
-i https://index.example.com
requests[socks] >= 2 # a comment
Pandas==2.1.0 \
    --hash=sha256:aa \
    --hash=sha256:bb
-r more/base.txt
-c limits.txt
-e .
./own
git+https://github.com/acme/tools.git#egg=acme_tools
https://example.com/numpy-2.0-py3-none-any.whl
tools @ https://example.com/tools.zip
numpy<2; python_version < "3.9"
--only-binary :all:
what is this
`, `requirements.txt:3 requests[socks] >=2
requirements.txt:4 pandas ==2.1.0
more/base.txt:1 six
limits.txt:2 certifi <2026 limit
requirements.txt:9  own
requirements.txt:10  own
requirements.txt:11 acme-tools own
requirements.txt:12 numpy own
requirements.txt:13 tools own
requirements.txt:14 numpy <2 marked
requirements.txt:16  own
requirements.txt:16 a comma or a semicolon is missing behind the version
`},
		"standard": {"pyproject.toml", `[project]
name = "Acme.Flows"
requires-python = ">=3.11"
dependencies = [
  "pandas>=2",
  'requests',
]
[project.optional-dependencies]
web = ["flask"]
[dependency-groups]
dev = ["pytest>8", {include-group = "lint"}]
lint = ["ruff"]
[tool.uv]
dev-dependencies = ["mypy"]
[tool.uv.sources]
requests = { git = "https://github.com/psf/requests" }
[tool.pdm.dev-dependencies]
test = ["hypothesis"]
[tool.hatch.envs.docs]
dependencies = ["mkdocs"]
`, `pyproject.toml:5 pandas >=2
pyproject.toml:6 requests own
pyproject.toml:9 flask (web)
pyproject.toml:11 pytest >8 (dev)
pyproject.toml:12 ruff (lint)
pyproject.toml:18 hypothesis (test)
pyproject.toml:14 mypy (dev)
pyproject.toml:20 mkdocs (docs)
pyproject.toml:3 python >=3.11
`},
		"poetry": {"pyproject.toml", `[tool.poetry]
name = "x"
[tool.poetry.dependencies]
python = "^3.11"
pandas = "^2.1"
requests = {version = "~2.28", extras = ["socks"], markers = "sys_platform == 'linux'"}
own = {path = "../own"}
exact = "1.2.3"
zero = "^0.2.3"
any = "*"
either = "^1 || ^2"
numpy = [{version = "<2", markers = "python_version < '3.12'"}, {version = ">=2", markers = "python_version >= '3.12'"}]
[tool.poetry.group.dev.dependencies]
pytest = ">=8"
`, `pyproject.toml:10 any
pyproject.toml:11 either
pyproject.toml:8 exact ==1.2.3
pyproject.toml:12 numpy <2 marked
pyproject.toml:12 numpy >=2 marked
pyproject.toml:7 own own
pyproject.toml:5 pandas <3,>=2.1
pyproject.toml:6 requests[socks] <2.29,>=2.28 marked
pyproject.toml:9 zero <0.3,>=0.2.3
pyproject.toml:14 pytest >=8 (dev)
pyproject.toml:4 python <4,>=3.11
`},
		"dynamic":    {"pyproject.toml", "[project]\nname='x'\ndynamic=['dependencies']\n", "vague\n"},
		"setuptools": {"pyproject.toml", "[project]\nname='x'\ndynamic=['dependencies']\n[tool.setuptools.dynamic]\ndependencies = {file = ['more/base.txt']}\n", "more/base.txt:1 six\n"},
		"broken":     {"pyproject.toml", "[project\n", "pyproject.toml:2 expected '.' or ']' to end table name, but got '\\n' instead\nvague\n"},
		"setup": {"setup.cfg", `[metadata]
name = x
[options]
python_requires = >=3.10
install_requires =
    pandas>=2
    # a comment
    requests; sys_platform == "win32"
[options.extras_require]
web = flask
`, "setup.cfg:6 pandas >=2\nsetup.cfg:8 requests marked\nsetup.cfg:10 flask (web)\nsetup.cfg:4 python >=3.10\n"},
		"setup.py": {"setup.py", "from setuptools import setup\nsetup()\n", "vague\n"},
		"pipfile": {"Pipfile", `[packages]
pandas = "*"
requests = {version = ">=2", extras = ["socks"]}
own = {path = ".", editable = true}
[dev-packages]
pytest = "*"
[requires]
python_version = "3.12"
`, "Pipfile:4 own own\nPipfile:2 pandas\nPipfile:3 requests[socks] >=2\nPipfile:6 pytest (dev)\nPipfile:8 python ==3.12.*\n"},
		"pipfile lock": {"Pipfile.lock", `{"_meta": {"hash": {"sha256": "x"}, "sources": []},
 "default": {
  "pandas": {"version": "==2.1.0", "hashes": ["x"]}
 },
 "develop": {}}`, "Pipfile.lock:3 pandas ==2.1.0\n"},
		"uv": {"uv.lock", `version = 1
requires-python = ">=3.11"

[[package]]
name = "pandas"
version = "2.1.0"
source = { registry = "https://pypi.org/simple" }
dependencies = [
    { name = "numpy" },
]

[package.optional-dependencies]
name = "x"

[[package]]
name = "own"
version = "0.1"
source = { editable = "." }
`, "uv.lock:5 pandas ==2.1.0\nuv.lock:16 own ==0.1 own\nuv.lock:2 python >=3.11\n"},
		"conda": {"environment.yml", `name: x
dependencies:
  - python=3.11
  - conda-forge::numpy=1.26
  - pandas >=2
  - exact=1.0=py_0
  - pip
  - pip:
      - requests>=2
      - -r more/base.txt
`, "environment.yml:4 numpy ==1.26.*\nenvironment.yml:5 pandas >=2\nenvironment.yml:6 exact ==1.0\nenvironment.yml:7 pip\nenvironment.yml:9 requests >=2\n" +
			"more/base.txt:1 six\nenvironment.yml:3 python ==3.11.*\nvague\n"},
		"script": {"flow.py", `"""A flow."""
# /// script
# requires-python = ">=3.12"
# dependencies = [
#   "httpx<1",
# ]
# ///
import httpx
`, "flow.py:5 httpx <1\nflow.py:3 python >=3.12\n"},
		"no script": {"flow.py", "# /// script\nimport x\n# ///\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := fstest.MapFS{
				test.file: {Data: []byte(test.text)}, "more/base.txt": {Data: []byte("six\n-r ../" + test.file + "\n")},
				"limits.txt": {Data: []byte("\ncertifi<2026\n")},
			}
			f, err := dependency.Read(root, test.file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, shown(f)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestMissing(t *testing.T) {
	t.Parallel()
	root := fstest.MapFS{"a/requirements.txt": {Data: []byte("-r ../gone.txt\n")}}
	var missing *dependency.MissingError
	if _, err := dependency.Read(root, "a/requirements.txt"); !errors.As(err, &missing) || missing.File != "gone.txt" {
		t.Errorf("got %v", err)
	}
}

func TestIs(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"requirements.txt": true, "a/requirements-dev.txt": true, "requirements/base.txt": true, "dev-requirements.in": true, "uv.lock": true, "notes.txt": false,
		"a/pyproject.toml": true, "requirements.md": false, "Cargo.lock": false, "environment.yml": true,
	} {
		if got := dependency.Is(name); got != want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// Whatever a file holds, reading ends; what it gives has a place in the text, and no panic.
func FuzzRead(f *testing.F) {
	for _, name := range []string{"requirements.txt", "pyproject.toml", "setup.cfg", "Pipfile", "Pipfile.lock", "uv.lock", "environment.yml", "flow.py"} {
		f.Add(name, "-r requirements.txt\na==1 \\\n  --hash=sha256:x\n[[package]]\nname = \"a\"\n")
		f.Add(name, "[project]\nname='x'\ndependencies=['a>=1', 'b']\n[tool.poetry.dependencies]\na='^1'\nb=[{version='~1'}]\n[options]\ninstall_requires=\n  a\n")
		f.Add(name, "{\"default\":{\"a\":{\"version\":\"==1\"}}}")
		f.Add(name, "dependencies:\n- a=1\n- pip:\n  - b\n  - -c requirements.txt\n# /// script\n# dependencies=['a']\n# ///\n")
	}
	f.Fuzz(func(t *testing.T, name, text string) {
		if !dependency.Is(name) && name != "flow.py" || strings.Contains(name, "/") {
			return
		}
		out, err := dependency.Read(fstest.MapFS{name: {Data: []byte(text)}}, name)
		if err != nil {
			return
		}
		for _, e := range out.Entries {
			if e.Known != requirement.Normal(e.Known) || e.Line > strings.Count(text, "\n")+strings.Count(text, "\r")+1 || e.Known == "" && !e.Own && e.Name != "" {
				t.Errorf("%+v", e)
			}
		}
	})
}
