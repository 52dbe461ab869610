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

// house is a decorator or a factory of a team's own: the module that has it, and what it is called. Its uses are those of takes.
type house struct{ source, name, takes string }

// houses are ways in which teams come by a decorator of their own.
var houses = []house{
	{"def deco(*args, **kwargs):\n    return pf(*args, **kwargs)\n", "deco", "all"},
	{"def deco(*args, timeout_seconds=3600, **kwargs):\n    return pf(*args, timeout_seconds=timeout_seconds, **kwargs)\n", "deco", "all"},
	{"def deco(fn=None, **kwargs):\n    if fn is None:\n        return functools.partial(deco, **kwargs)\n    return pf(fn, **kwargs)\n", "deco", "all"},
	{"def deco(fn=None, *, name=None, **kwargs):\n    def inner(f):\n        return pf(name=name or f.__name__, **kwargs)(f)\n    return inner(fn) if fn else inner\n", "deco", "all"},
	{"def deco(__fn=None, **kwargs):\n    kwargs.setdefault('log_prints', True)\n    if callable(__fn):\n        return pf(**kwargs)(__fn)\n    return lambda f: pf(**kwargs)(f)\n", "deco", "all"},
	{"def deco(*args, **kwargs):\n    if len(args) == 1 and callable(args[0]) and not kwargs:\n        return pf(args[0])\n    def wrap(f):\n        return pf(f, **{'retries': 2, **kwargs})\n    return wrap\n", "deco", "all"},
	{"deco = functools.partial(pf, retries=2)\n", "deco", "all"},
	{"deco = lambda *a, **k: pf(*a, **k)\n", "deco", "all"},
	{"class Deco:\n    def __init__(self, **defaults):\n        self.defaults = defaults\n    def __call__(self, fn=None, **kwargs):\n        options = {**self.defaults, **kwargs}\n        return pf(fn, **options) if fn else pf(**options)\ndeco = Deco(retries=1)\n", "deco", "all"},
	{"class Base:\n    def make(self, fn, **kw):\n        return pf(fn, **kw)\nclass Team(Base):\n    def flow(self, fn=None, **kw):\n        if fn is None:\n            return functools.partial(self.make, **kw)\n        return self.make(fn, **kw)\nteam = Team()\n", "team.flow", "all"},
	{"if os.environ.get('WITHOUT') == '1':\n    def deco(*_, **__):\n        return lambda f: f\nelse:\n    from prefect import flow as deco\n", "deco", "all"},
	{"if os.environ.get('WITHOUT') != '1':\n    deco = pf\nelse:\n    def deco(f=None, **k):\n        return f or (lambda g: g)\n", "deco", "all"},
	{"try:\n    from prefect import flow as deco\nexcept ImportError:\n    def deco(f=None, **k):\n        return f or (lambda g: g)\n", "deco", "all"},
	{"try:\n    from nowhere_to_be_found import deco\nexcept ImportError:\n    from prefect import flow as deco\n", "deco", "all"},
	{"try:\n    import prefect as p\n    HAS = True\nexcept ImportError:\n    HAS = False\ndef deco(*args, **kwargs):\n    if HAS:\n        return p.flow(*args, **kwargs)\n    return args[0] if args else (lambda f: f)\n", "deco", "all"},
	{"try:\n    import prefect as p\nexcept ImportError:\n    p = None\nif p is None:\n    def deco(f=None, **k):\n        return f or (lambda g: g)\nelse:\n    deco = p.flow\n", "deco", "all"},
	{"def deco(*args, **kwargs):\n    from prefect import flow\n    return flow(*args, **kwargs)\n", "deco", "all"},
	{"def deco(*args, **kwargs):\n    options = dict(retries=1)\n    options.update(kwargs)\n    return pf(*args, **options)\n", "deco", "all"},
	{"def deco(*args, **kwargs):\n    try:\n        from prefect import flow\n    except ImportError:\n        return lambda f: f\n    else:\n        return flow(*args, **kwargs)\n", "deco", "all"},
	{"def _again(*args, **kwargs):\n    return pf(*args, **kwargs)\ndef deco(*args, **kwargs):\n    return _again(*args, **kwargs)\n", "deco", "all"},
	{"def outer(**defaults):\n    def deco(fn=None, **kwargs):\n        merged = defaults | kwargs\n        if fn is not None:\n            return pf(fn, **merged)\n        return lambda f: pf(f, **merged)\n    return deco\ndeco = outer(log_prints=True)\n", "deco", "all"},
	{"def deco(fn=None, **kwargs):\n    def inner(f):\n        @functools.wraps(f)\n        def logged(*a, **k):\n            return f(*a, **k)\n        return pf(logged, **kwargs)\n    return inner(fn) if fn is not None else inner\n", "deco", "all"},
	{"def deco(*args, name=None, **kwargs):\n    if name is not None:\n        kwargs['name'] = f'team-{name}'\n    return pf(*args, **kwargs)\n", "deco", "all"},
	{"def deco(*args, **kwargs):\n    name = kwargs.pop('name', None)\n    return pf(*args, name=name, **kwargs)\n", "deco", "all"},
	{"class deco:\n    def __new__(cls, *args, **kwargs):\n        return pf(*args, **kwargs)\n", "deco", "all"},

	{"def deco(name, **options):\n    def decorate(function):\n        return pf(name=name, **options)(function)\n    return decorate\n", "deco", "name"},
	{"def deco(name, **options):\n    return pf(name=name, **options)\n", "deco", "name"},
	{"def deco(name, prefix='team', **options):\n    return pf(name=f'{prefix}-{name}', **options)\n", "deco", "name"},
	{"def deco(name, **options):\n    return functools.partial(pf, name=name.upper(), **options)\n", "deco", "name"},
	{"class deco:\n    def __init__(self, name, **options):\n        self.name, self.options = name, options\n    def __call__(self, fn):\n        return pf(fn, name=self.name, **self.options)\n", "deco", "name"},
	{"@dataclasses.dataclass\nclass deco:\n    name: str\n    retries: int = 0\n    def __call__(self, fn):\n        return pf(name=self.name, retries=self.retries)(fn)\n", "deco", "name"},
	{"class Jobs:\n    prefix = 'jobs'\n    @classmethod\n    def job(cls, name, **kw):\n        def wrap(fn):\n            return pf(name=cls.prefix + '/'.replace('/', '-') + name, **kw)(fn)\n        return wrap\n", "Jobs.job", "name"},
	{"class Jobs:\n    @staticmethod\n    def job(name, **kw):\n        return pf(name='%s job' % name, **kw)\n", "Jobs.job", "name"},
	{"def deco(name, **options):\n    def decorate(function):\n        made = pf(function, **options)\n        return made.with_options(name=name)\n    return decorate\n", "deco", "name"},
	{"def deco(name, **options):\n    def decorate(function):\n        return pf(name='-'.join([name, function.__name__]), **options)(function)\n    return decorate\n", "deco", "name"},
	{"NAMES = {'orders': 'All Orders'}\ndef deco(name, **options):\n    return pf(name=NAMES.get(name, name), **options)\n", "deco", "name"},
	{"def deco(name, **options):\n    return pf(name=os.environ.get('PREFIX', 'x') + name, **options)\n", "deco", "name"},
	{"def deco(name, **options):\n    for key, value in {'log_prints': True}.items():\n        options.setdefault(key, value)\n    return pf(name='{}-{n}'.format('a', n=name), **options)\n", "deco", "name"},

	{"def deco(name, limit=5, **options):\n    @pf(name=name, **options)\n    def inner(x: int = limit, y: str = name):\n        return x\n    return inner\n", "deco", "factory"},
	{"def deco(name, **options):\n    def inner(x: int = 1):\n        return x\n    return pf(inner, name=name, **options)\n", "deco", "factory"},
	{"def deco(name, **options):\n    def inner(x: int = 1):\n        return x\n    inner.__name__ = name\n    return pf(inner, **options)\n", "deco", "factory"},
	{"def _body(x: int = 1):\n    return x\ndef deco(name, **options):\n    return pf(**options)(_body).with_options(name=name)\n", "deco", "factory"},
	{"class Factory:\n    def build(self, name, **options):\n        @pf(name=f'built {name}', **options)\n        def inner(x: int = 1):\n            return x\n        return inner\ndeco = Factory()\n", "deco.build", "factory"},
	{"def deco(name, **options):\n    if options.get('retries'):\n        @pf(name=name, **options)\n        def inner(x: int = 1): pass\n    else:\n        @pf(name=name)\n        def inner(x: int = 2): pass\n    return inner\n", "deco", "factory"},
}

// uses are ways to call them; @ stands for the decorator.
var uses = map[string][]string{
	"all": {
		"@@\ndef my_fn(x: int = 1): pass\n", "@@()\ndef my_fn(x: int = 1): pass\n", "@@(name='The Flow')\ndef my_fn(x: int = 1): pass\n",
		"@@(log_prints=True, name=NAME)\nasync def my_fn(x: int = 1): pass\n", "@@(**{'name': 'by dict'})\ndef my_fn(x: int = 1): pass\n",
		"@@(name=os.environ.get('NOT_SET', 'x'))\ndef my_fn(x: int = 1): pass\n", "def body(x: int = 1): pass\nmy_fn = @(body)\n",
	},
	"name": {
		"@@('orders')\ndef my_fn(x: int = 1): pass\n", "@@(name='orders', retries=1)\ndef my_fn(x: int = 1): pass\n", "@@(NAME)\nasync def my_fn(x: int = 1): pass\n",
		"def body(x: int = 1): pass\nmy_fn = @('orders')(body)\n", "own = @('orders')\n@own\ndef my_fn(x: int = 1): pass\n",
	},
	"factory": {
		"my_fn = @('orders')\n", "my_fn = @(name=NAME, retries=1)\n", "my_fn = @(f'{NAME}-2')\n", "my_fn = @('a' + 'b', **{'retries': 2})\n",
		"my_fn: object = @(NAME)\n",
	},
}

// ways are those to import a decorator from lib.MODULE: a statement, and the text before its name.
var ways = []struct{ statement, before string }{
	{"from lib.MODULE import HEAD\n", ""}, {"import lib.MODULE\n", "lib.MODULE."}, {"from lib import MODULE as m\n", "m."}, {"", ""}, // in the same file
}

const housesHead = "import dataclasses, functools, os\nfrom prefect import flow as pf\n"

// styles gives a repository of many house styles, and the entrypoints in it.
func styles() (files map[string]string, entrypoints []string) {
	files = map[string]string{"lib/__init__.py": ""}
	for h, house := range houses {
		module := fmt.Sprintf("house%02d", h)
		files["lib/"+module+".py"] = housesHead + house.source
		head, _, _ := strings.Cut(house.name, ".")
		for w, way := range ways {
			for u, use := range uses[house.takes] {
				replaced := strings.NewReplacer("MODULE", module, "HEAD", head)
				text := "import os\nNAME = 'by constant'\n" + replaced.Replace(way.statement)
				if way.statement == "" {
					text += housesHead + house.source
				}
				use = strings.ReplaceAll(strings.ReplaceAll(use, "@@", "@\x00"), " @(", " \x00(")
				file := fmt.Sprintf("s%02d_%d_%d.py", h, w, u)
				files[file] = text + strings.ReplaceAll(use, "\x00", replaced.Replace(way.before)+house.name)
				if strings.Contains(use, "= @") {
					files[file] = text + strings.ReplaceAll(use, "@", replaced.Replace(way.before)+house.name)
				}
				entrypoints = append(entrypoints, file+":my_fn")
			}
		}
	}
	return files, entrypoints
}

// told gives what we say of entrypoints: a name, "?" for one that nobody can know, or nothing.
func told(t *testing.T, files map[string]string, entrypoints []string) map[string]string {
	t.Helper()
	root := fstest.MapFS{}
	for name, text := range files {
		root[name] = &fstest.MapFile{Data: []byte(text)}
	}
	r, err := flow.Scan(t.Context(), root, flow.Options{})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, e := range entrypoints {
		out[e] = ""
	}
	for _, f := range r.Flows {
		if _, asked := out[f.Entrypoint]; asked {
			if out[f.Entrypoint] = f.Name; f.NameExpr != "" {
				out[f.Entrypoint] = "?"
			}
		}
	}
	return out
}

// TestHouses compares names with those that Prefect gave, which testdata/houses.json keeps. UPDATE=1 asks Prefect again.
func TestHouses(t *testing.T) {
	t.Parallel()
	files, entrypoints := styles()
	if len(entrypoints) < 400 {
		t.Errorf("only %d spellings", len(entrypoints))
	}
	golden := filepath.Join("testdata", "houses.json")
	if os.Getenv("UPDATE") != "" {
		data, err := json.MarshalIndent(loaded(t, files, entrypoints), "", " ")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(golden, append(data, '\n'), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	data, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	if err := json.Unmarshal(data, &want); err != nil {
		t.Fatal(err)
	}
	got := told(t, files, entrypoints)
	unknown := 0
	for e, name := range got {
		if name == "?" && want[e] != "" { // said to be unknown
			unknown++
			if !strings.Contains(files[strings.TrimSuffix(e, ":my_fn")]+files["lib/house"+e[1:3]+".py"], "os.environ") {
				t.Errorf("%s: Prefect calls it %q\n%s", e, want[e], files[strings.TrimSuffix(e, ":my_fn")])
			}
			got[e] = want[e]
		}
	}
	if !cmp.Equal(want, got) {
		for e := range want {
			if want[e] != got[e] {
				t.Errorf("%s: Prefect has %q, we have %q", e, want[e], got[e])
			}
		}
	}
	t.Logf("%d spellings, %d with a name that can't be known", len(got), unknown)
}

// TestHousesWithPrefect has Prefect load them all again.
func TestHousesWithPrefect(t *testing.T) {
	t.Parallel()
	prerequisite.Python(t)
	files, entrypoints := styles()
	got := told(t, files, entrypoints)
	want := loaded(t, files, entrypoints)
	for e, name := range got {
		if name == "?" && want[e] != "" {
			got[e] = want[e]
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("of %d (-Prefect's +ours): %.6000s", len(want), diff)
	}
}

// loaded gives the names of the flows that Prefect loads from entrypoints, "" for none.
func loaded(t *testing.T, files map[string]string, entrypoints []string) map[string]string {
	t.Helper()
	folder := t.TempDir()
	for name, text := range files {
		path := filepath.Join(folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), prerequisite.Python(t), abs(t, filepath.Join("testdata", "load.py")))
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
	return got
}
