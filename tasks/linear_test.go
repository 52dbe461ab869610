package tasks_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// counted are the packages whose steps are counted, and those of the standard library that search and sort for them.
var counted = []string{module + "tasks/...", "bytes", "maps", "slices", "sort", "strings"}

// numbered repeats a text with the numbers from 0 on in it.
func numbered(n int, format string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, strings.ReplaceAll(format, "#", "%[1]d"), i)
	}
	return b.String()
}

// growing are repositories of a size: a module with a flow, or files by their names.
func growing() map[string]func(n int) map[string]string {
	all := map[string]func(n int) map[string]string{}
	of := func(name, format string) { // {…} is repeated
		all[name] = func(n int) map[string]string { return map[string]string{"flows/a/a.py": repeated(n, format)} }
	}
	typed := func(name, before, note string) { of(name, before+"@flow\ndef run(x: "+note+" = None): pass\n") }
	plain := func(name, body string) { of(name, body+"\n@flow\ndef run(): pass\n") }

	typed("literal", "", "Literal[‹'v#', ›]")
	typed("literal of one value", "", "Literal[‹1, ›]")
	typed("literals in literals", "", "Literal[‹Literal['v#'], ›]")
	typed("literal of members", "class E(enum.Enum):\n‹    A# = #\n›", "Literal[‹E.A#, ›]")
	typed("union", "", "Union[‹list[Literal[#]], ›]")
	typed("union by bars", "", "‹int | ›None")
	typed("union of classes", "‹class M#(BaseModel): pass\n›", "Union[‹M#, ›]")
	typed("tuple", "", "tuple[‹int, ›]")
	typed("annotated", "", "Annotated[int, ‹Field(gt=#), ›]")
	typed("enum", "class E(enum.Enum):\n‹    A# = 'a#'\n›", "E")
	typed("enum of one value", "class E(enum.Enum):\n‹    A# = 1\n›", "E")
	typed("enum of automatic values", "class E(enum.Enum):\n‹    A# = enum.auto()\n›", "E")
	typed("flags", "class E(enum.IntFlag):\n‹    A# = #\n›", "E")
	typed("model", "class M(BaseModel):\n‹    f#: int = #\n›", "M")
	typed("model of models", "‹class M#(BaseModel): pass\n›class M(BaseModel):\n‹    f#: M# = M#()\n›", "M")
	typed("model with a field over and over", "class M(BaseModel):\n‹    f: int = #\n›", "M")
	typed("typed dictionary", "class M(TypedDict):\n‹    f#: int\n›", "M")
	typed("dataclass", "@dataclasses.dataclass\nclass M:\n‹    f#: int = #\n›", "M")
	typed("bases", "‹class C#(BaseModel): f#: int = 1\n›class M(‹C#, ›BaseModel): pass\n", "M")
	typed("values of an alias", "‹A = int\n›", "A")
	typed("a class over and over", "‹class M(BaseModel): f#: int = 1\n›", "M")
	plain("classes", "‹class C#: pass\n›")
	plain("functions", "‹def f#(x: int): return x\n›")
	plain("imports", "‹import m#\n›")
	plain("imports of one module", "from m import ‹a#, ›z")
	plain("imports of a package", "‹import a.b#.c\n›")
	plain("decorators", "‹@d\n›")
	plain("decorators that are called", "‹@d(#)\n›")
	plain("decorators of the repository", "def d(f): return f\n‹@d\n›")
	plain("attributes", "x = a‹.a#›")
	plain("calls", "x = a‹(#)›")
	plain("subscripts", "x = a‹[#]›")
	plain("sum", "x = 1‹ + #›")
	plain("comparisons", "x = 1‹ < #›")
	plain("strings", "x = ‹'a' ›")
	plain("formatted strings", "x = ‹f'{a}' ›")
	plain("fields of a formatted string", "x = f'‹{a#}›'")
	plain("targets", "‹x# = ›1")
	plain("names", "‹x# = #\n›")
	plain("one name", "‹x = #\n›")
	plain("names by names", "x0 = 1\n‹x# = x0\n›")
	plain("global names", "def f():\n    global ‹x#, ›z")
	plain("conditions", "if a: pass\n‹elif a == #: pass\n›")
	plain("handlers", "try: pass\n‹except E#: pass\n›")
	plain("cases", "match a:\n‹    case #: pass\n›")
	plain("comments", "‹# flow\n›")
	plain("blank lines", "‹\n›")
	plain("continued lines", "x = 1 ‹\\\n›")
	plain("commas", "x = [‹#, ›]")
	of("parameters", "@flow\ndef run(‹p#: int = #, ›): pass\n")
	of("parameters by name", "@flow\ndef run(*, ‹p#: list[int], ›): pass\n")
	of("a default's list", "@flow\ndef run(x: list = [‹#, ›]): pass\n")
	of("a default's dictionary", "@flow\ndef run(x: dict = {‹'k#': #, ›}): pass\n")
	of("a default's dictionary of one key", "@flow\ndef run(x: dict = {‹'k': #, ›}): pass\n")
	of("a default's set", "@flow\ndef run(x: set = {‹#, ›}): pass\n")
	of("a default of dictionaries", "@flow\ndef run(x: dict = {‹'k#': {'a': {'b': [#]}}, ›}): pass\n")
	of("defaults by value", "class E(enum.Enum):\n‹    A# = #\n›@flow\ndef run(x: list = [‹E(#), ›]): pass\n")
	of("a default that is no default", "@flow\ndef run(x: int = f(‹#, ›)): pass\n")
	of("a name of pieces", "@flow(name=‹'a' + ›'')\ndef run(): pass\n")
	of("a name of texts", "@flow(name=‹'a' ›)\ndef run(): pass\n")
	of("options", "@flow(‹o#=#, ›)\ndef run(): pass\n")
	of("docstring", "@flow\ndef run(‹p#=1, ›):\n    '''x\n\n    Args:\n‹        p# (int): y\n›    '''\n")
	of("docstring of fields", "@flow\ndef run(‹p#=1, ›):\n    '''x\n\n‹    :param p#: y\n›    '''\n")
	of("docstring of lines", "@flow\ndef run():\n    '''‹x\n›    '''\n")
	of("flows", "‹@flow(name='f#')\ndef f#(x: int = 1): pass\n›")
	of("flows of one name", "‹@flow(name='f')\ndef f#(x: int = 1): pass\n›")
	of("flows of one function", "‹@flow\ndef f(x: int = #): pass\n›")
	of("flows without a name", "‹@flow(name=g())\ndef f#(): pass\n›")
	of("made flows", "def g(): pass\n‹f# = flow(g, name='f#')\n›")
	of("flows with unknown types", "‹@flow\ndef f#(x: Nowhere): pass\n›")
	of("mistakes", "@flow\ndef run(): pass\n‹x# = = 1\n›")
	all["modules"] = func(n int) map[string]string {
		out := map[string]string{"flows/a/a.py": head + numbered(n, "import lib.m#\n") + "@flow\ndef run(): pass\n", "lib/__init__.py": ""}
		for i := range n {
			out[fmt.Sprintf("lib/m%d.py", i)] = "x = 1\n"
		}
		return out
	}
	all["modules in a row"] = func(n int) map[string]string {
		out := map[string]string{"flows/a/a.py": head + "from m0 import *\n@flow\ndef run(x: A = None): pass\n"}
		for i := range n {
			out[fmt.Sprintf("flows/a/m%d.py", i)] = fmt.Sprintf("from m%d import A\n", i+1)
		}
		out[fmt.Sprintf("flows/a/m%d.py", n)] = "A = int\n"
		return out
	}
	all["files"] = func(n int) map[string]string {
		out := map[string]string{}
		for i := range n {
			out[fmt.Sprintf("flows/f%d/workflow.py", i)] = repeated(1, fmt.Sprintf("@flow\ndef f%d(): pass\n", i))
		}
		return out
	}
	all["members of a workspace"] = func(n int) map[string]string {
		out := map[string]string{"pyproject.toml": "[project]\nname = 'all'\n[tool.uv.workspace]\nmembers = ['jobs/*']\n", "shared/__init__.py": ""}
		for i := range n {
			out[fmt.Sprintf("jobs/job%d/pyproject.toml", i)] = fmt.Sprintf("[project]\nname = 'job%d'\n", i)
			out[fmt.Sprintf("jobs/job%d/part%d/__init__.py", i, i)] = "import numpy\n"
			out[fmt.Sprintf("jobs/job%d/flow.py", i)] = fmt.Sprintf("import numpy, pandas, part%d\nfrom shared import x\n", i) + repeated(1, fmt.Sprintf("@flow\ndef f%d(): pass\n", i))
		}
		return out
	}
	const house = "def house(*a, **k):\n    return flow(*a, **k)\ndef named(name):\n    def put(f):\n        return flow(f, name=name)\n    return put\n" +
		"def factory(name):\n    @flow(name=name)\n    def run(x: int = 1): pass\n    return run\n"
	of("house decorators", house+"‹@house(retries=1)\ndef f#(x: int = 1): pass\n›")
	of("house decorators with names", house+"‹@named('n#')\ndef f#(x: int = 1): pass\n›")
	of("factories", house+"‹f# = factory('n#')\n›")
	of("makers", "‹def house#(*a, **k):\n    return flow(*a, **k)\n›@house1\ndef run(): pass\n")
	of("makers in a row", "def make0(*a, **k): return flow(*a, **k)\n‹def to#(*a, **k):\n    return make0(*a, **k)\n›@to1\ndef run(): pass\n")
	of("makers by makers", "def flow0(*a, **k): return flow(*a, **k)\n‹def x#(*a, **k):\n    return flow0(*a, x=#, **k)\n›@flow0\ndef run(): pass\n")
	of("statements of a maker", "def house(*a, **k):\n‹    k['a#'] = #\n›    return flow(*a, **k)\n@house\ndef run(): pass\n")
	of("keywords of a maker", house+"@house(‹o#=#, ›)\ndef run(): pass\n")
	of("tests in a maker", "def house(*a, **k):\n‹    if x#: k['a'] = #\n›    return flow(*a, **k)\n@house\ndef run(): pass\n")
	of("branches", "‹if a#:\n    from x import house\n›else:\n    from prefect import flow as house\n@house\ndef run(): pass\n")
	all["settings of flows"] = func(n int) map[string]string {
		return map[string]string{
			"envs/base.yaml": "project: shop\nflows:\n" + numbered(n, "  f#: {tags: [a]}\n"),
			"flows/a/a.py":   repeated(n, "‹@flow(name='f#')\ndef f#(x: int = 1): pass\n›"),
		}
	}
	all["settings of no flows"] = func(n int) map[string]string {
		return map[string]string{
			"envs/base.yaml": "project: shop\nflows:\n" + numbered(n, "  nobody-is-called-#: {tags: [a]}\n"),
			"flows/a/a.py":   repeated(n, "‹@flow(name='f#')\ndef f#(x: int = 1): pass\n›"),
		}
	}
	all["parameters in settings"] = func(n int) map[string]string {
		return map[string]string{
			"envs/base.yaml": "project: shop\nflows: {run: {parameters: {" + numbered(n, "p#: #, ") + "}}}\n",
			"flows/a/a.py":   repeated(n, "@flow\ndef run(‹p#: int = #, ›): pass\n"),
		}
	}
	all["parameters of nobody"] = func(n int) map[string]string {
		return map[string]string{
			"envs/base.yaml": "project: shop\nflows: {run: {parameters: {" + numbered(n, "q#: #, ") + "}}}\n",
			"flows/a/a.py":   repeated(n, "@flow\ndef run(‹p#: int = #, ›): pass\n"),
		}
	}
	all["schedules"] = func(n int) map[string]string {
		return map[string]string{
			"envs/base.yaml": "project: shop\nflows:\n  run:\n    schedules:\n" + numbered(n, "    - {cron: '* * * * *', slug: s#}\n"),
			"flows/a/a.py":   repeated(n, "@flow\ndef run(): pass\n"),
		}
	}
	all["tags"] = func(n int) map[string]string {
		return map[string]string{
			"envs/base.yaml": "project: shop\ntags: [" + numbered(n, "t#, ") + "]\n", "flows/a/a.py": repeated(n, "@flow\ndef run(): pass\n"),
		}
	}
	all["ignored"] = func(n int) map[string]string {
		return map[string]string{".gitignore": numbered(n, "/x#/\n"), "flows/a/a.py": repeated(n, "@flow\ndef run(): pass\n")}
	}
	return all
}

const head = "import dataclasses, enum\nfrom typing import *\nfrom pydantic import BaseModel, Field\nfrom prefect import flow\n"

// repeated writes a module in which what stands between ‹ and › is there n times.
func repeated(n int, format string) string {
	var b strings.Builder
	b.WriteString(head)
	for {
		before, rest, found := strings.Cut(format, "‹")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		again, after, _ := strings.Cut(rest, "›")
		b.WriteString(numbered(n, again))
		format = after
	}
}

// effort is what reading and checking a repository takes, the same on every machine.
type effort struct {
	steps int            // statements that were executed
	bytes int            // that were allocated
	at    map[string]int // the steps by their places
}

// most gives the places with the most steps.
func (e effort) most() []string {
	places := slices.SortedFunc(maps.Keys(e.at), func(a, b string) int { return e.at[b] - e.at[a] })
	return places[:min(len(places), 4)]
}

// TestWorkIsLinear has repositories grow to four times their size, which must not take much more than four times the work.
func TestWorkIsLinear(t *testing.T) {
	t.Parallel()
	program := filepath.Join(t.TempDir(), "steps")
	build := exec.CommandContext(t.Context(), "go", "build", "-cover", "-covermode=atomic", "-coverpkg="+strings.Join(counted, ","), "-o", program, "./testdata/steps")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	const n, times, most = 480, 4, 5 // below 2,000, from where on schemas are computed twice
	for name, repository := range growing() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			less, more := work(t, program, repository(n)), work(t, program, repository(times*n))
			if more.steps >= most*less.steps || more.bytes >= most*less.bytes {
				t.Errorf("%d times the size takes %.1f times the steps, %d, most of them in %v, and %.1f times the memory, %d MB",
					times, float64(more.steps)/float64(less.steps), more.steps, more.most(), float64(more.bytes)/float64(less.bytes), more.bytes>>20)
			}
		})
	}
}

// work has the program read and check a repository.
func work(t *testing.T, program string, files map[string]string) effort {
	t.Helper()
	folder := t.TempDir()
	all := map[string]string{"envs/dev.yaml": "{}\n", "envs/base.yaml": "project: shop\n"}
	maps.Copy(all, files)
	tree, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), program, folder)
	cmd.Stdin, cmd.Stderr = bytes.NewReader(tree), t.Output()
	cmd.Env = append(os.Environ(), "GOCOVERDIR="+t.TempDir(), "GOMAXPROCS=1")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	e := effort{at: map[string]int{}}
	if e.bytes, err = strconv.Atoi(string(bytes.TrimSpace(out))); err != nil {
		t.Fatal(err)
	}
	profile := filepath.Join(folder, "profile")
	if out, err := exec.CommandContext(t.Context(), "go", "tool", "covdata", "textfmt", "-i="+folder, "-o="+profile).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	blocks, err := os.ReadFile(profile)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(blocks)) {
		words := strings.Fields(line)
		if len(words) != 3 { // the first line
			continue
		}
		statements, _ := strconv.Atoi(words[1])
		times, _ := strconv.Atoi(words[2])
		e.steps += statements * times
		e.at[strings.TrimPrefix(words[0], module)] += statements * times
	}
	return e
}
