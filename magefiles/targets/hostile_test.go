package targets

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// hostile is a repository by somebody who means harm: each case of it tries to run something, to show a file from outside, to take all memory
// or time, or to write what a terminal or a CI system obeys. The other side of that is a test over the commands that read it.
type hostile struct {
	t       *testing.T
	root    string // the repository
	outside string // a file that is none of it, with a secret
	mark    string // a file that is there once something of the repository has run
	cases   int
	ran     map[string]bool // the targets that were tried
}

// theSecret stands in the file outside.
const theSecret = "hunter2-of-somebody-else"

func newHostile(t *testing.T) *hostile {
	t.Helper()
	folder := t.TempDir()
	h := &hostile{t: t, root: filepath.Join(folder, "repo"), outside: filepath.Join(folder, "secret.py"), mark: filepath.Join(folder, "it-ran"), ran: map[string]bool{}}
	h.must(os.Mkdir(h.root, 0o755))
	// In each language that may be read into it the secret is on the first line, and wrong there.
	h.must(os.WriteFile(h.outside, []byte("]] "+theSecret+" {{ :\n"), 0o644))
	return h
}

func (h *hostile) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// write adds a case: a file. A name that the system can't have counts for nothing.
func (h *hostile) write(name, text string) {
	path := filepath.Join(h.root, name)
	if os.MkdirAll(filepath.Dir(path), 0o755) == nil && os.WriteFile(path, []byte(text), 0o755) == nil {
		h.cases++
	}
}

// link adds a case: a link.
func (h *hostile) link(name, to string) {
	h.t.Helper()
	path := filepath.Join(h.root, name)
	h.must(os.MkdirAll(filepath.Dir(path), 0o755))
	h.must(os.Symlink(to, path))
	h.cases++
}

// code is a flow in a module that leaves the mark when it is run.
func (h *hostile) code(body string) string {
	return "import os\nopen(" + fmt.Sprintf("%q", h.mark) + ", 'w')\nos.system('touch " + h.mark + "')\nfrom prefect import flow\n" + body
}

// aFlow is one more of them.
func (h *hostile) aFlow(name string) string {
	return h.code("@flow(name=" + quotedPython(name) + ")\ndef run(x: int = 1): pass\n")
}

// quotedPython writes a text as Python reads it.
func quotedPython(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range text {
		fmt.Fprintf(&b, `\U%08x`, r)
	}
	return b.String() + `"`
}

// evil are names that do something where they are shown or used.
func (h *hostile) evil() []string {
	return []string{
		"new\nline", "ok deployed\nok all", "carriage\rreturn", "\x1b[2Jclear", "\x1b[31mred", "\x1b]8;;http://evil\x07link", "\x1b]52;c;ZXZpbA==\x07", "bell\x07",
		"back\b\b\b\b", "del\x7f", "c1\u009b2J", "rtl\u202egnp", "iso\u2066late", "zero\u200bwidth", "bom\ufeff", "line\u2028sep", "tag\U000e0041", "nel\u0085",
		"::error::boo", "\n::add-mask::a", "::stop-commands::x", "::set-env name=PATH::x", "##[error]boo", "##vso[task.setvariable variable=PATH]x",
		"##teamcity[blockOpened name='x']", "section_start:1:x", "a|b|c", "<img src=x onerror=alert(1)>", "[a](javascript:alert(1))", "![i](http:x)", "@everyone", "`id`",
		"$(touch " + filepath.Base(h.mark) + ")", ";touch it-ran;", "-rf", "--help", "{{ 7 * 7 }}", "{{ $HOME }}", "%s%n%x", "..", "~", "*", "[a]", `back\slash`, "'quote", `"double`, "con", "a b",
		strings.Repeat("long", 60),
	}
}

// names has files, folders, flows, parameters and texts with evil names.
func (h *hostile) names() {
	for i, name := range h.evil() {
		file := strings.ReplaceAll(name, "/", "_")
		at := fmt.Sprintf("flows/names/n%d", i)
		h.write(at+"/"+file+".py", h.aFlow("file "+strconv.Itoa(i)))
		h.write(at+"/in "+file+"/work.py", h.aFlow("folder "+strconv.Itoa(i)))
		h.write(at+"/flow.py", h.aFlow(name))
		h.write(at+"/doc.py", h.code("@flow(name='doc "+strconv.Itoa(i)+"', description="+quotedPython(name)+", version="+quotedPython(name)+")\ndef run(x: str = "+quotedPython(name)+"):\n    "+quotedPython(name)+"\n"))
	}
	h.write("flows/names/invalid/\xff\xfe.py", h.aFlow("invalid file"))
	h.write("flows/names/\xc0\xaf/work.py", h.aFlow("invalid folder"))
}

// links lead where nobody should be led.
func (h *hostile) links() {
	for i, to := range []string{
		h.outside, "../../../secret.py", "/etc/passwd", "/etc/shadow", "/dev/zero", "/dev/random", "/dev/stdin", "/dev/tty", "/proc/self/environ", "/proc/self/mem",
		"/proc/self/fd/0", "/proc/self/root/etc/passwd", "/proc/self/cwd/../secret.py", "../../.git/config", "self" + "9", "nowhere", "/", "..", "../../flows",
	} {
		h.link(fmt.Sprintf("flows/links/link%d.py", i), to)
		h.link(fmt.Sprintf("flows/links/folder%d/flow.yaml", i), to)
	}
	h.link("flows/links/loop.py", "loop.py")
	h.link("flows/links/a.py", "b.py")
	h.link("flows/links/b.py", "a.py")
	h.link("flows/links/round", ".")
	for i := range 60 {
		h.link(fmt.Sprintf("flows/links/chain%d.py", i), fmt.Sprintf("chain%d.py", i+1))
	}
	for _, name := range []string{"requirements.txt", "Dockerfile", "Dockerfile.dockerignore", ".gitignore", "flow.yaml", "pyproject.toml", "flow.yml"} {
		at := "flows/links/" + strings.ReplaceAll(name, ".", "_")
		h.write(at+"/work.py", h.aFlow("beside "+name))
		h.link(at+"/"+name, h.outside)
	}
	h.write("flows/links/imports.py", h.code("import link0, link1, stolen\nfrom folder import *\n@flow\ndef imports(): pass\n"))
	h.link("flows/links/stolen.py", h.outside)
	h.link("flows/links/folder", "/etc")
}

// settings stand beside flows.
func (h *hostile) settings() {
	bomb := strings.Builder{}
	bomb.WriteString("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n")
	for i := 1; i < 12; i++ {
		fmt.Fprintf(&bomb, "a%d: &a%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d,", i-1), 10), ","))
	}
	for name, text := range map[string]string{
		"bomb": bomb.String(), "circle": "a: &a [*a]\n", "merge": "a: &a {<<: *a}\n", "deep": strings.Repeat("[", 100_000), "deeper": strings.Repeat("{a: ", 50_000),
		"indented": indentedBomb(3000), "object": "a: !!python/object/apply:os.system [touch it-ran]\n", "binary": "a: !!binary ====\n", "nul": "a: \x00\n",
		"utf16": "\xff\xfea\x00:\x00", "long": "a: " + strings.Repeat("x", 1<<20) + "\n", "key": strings.Repeat("k", 1<<20) + ": 1\n", "number": "timeout: " + strings.Repeat("9", 100_000) + "\n",
		"tiny": "timeout: 1e-999999999\n", "date": "a: 99999999999-01-01\n", "documents": strings.Repeat("---\na: 1\n", 1000), "anchors": strings.Repeat("- &a x\n", 20_000),
		"comment": strings.Repeat("#", 1<<20), "escape": "description: \"\\e[2J\\x1b]8;;http://evil\\a\"\n", "command": "description: |\n  ::error::boo\n  ##vso[x]y\n",
		"value": "tags: [\"\\u202e\", \"a\\n::error::b\"]\n", "unknown": "\"\\e[31m::error\": 1\n", "rrule": "schedules: [{rrule: \"FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30\"}]\n",
		"secondly": "schedules: [{rrule: \"FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=31;INTERVAL=1\"}]\n", "cron": "schedules: [{cron: \"0 0 31 2 *\"}]\n",
		"zone": "schedules: [{cron: \"* * * * *\", timezone: ../../../../etc/passwd}]\n", "interval": "schedules: [{interval: 99999999999999999999}]\n",
		"many": "schedules:\n" + strings.Repeat("  - {cron: \"* * * * *\"}\n", 2000), "tags": "tags: [" + strings.Repeat("x, ", 20_000) + "x]\n",
		"dockerfile": "image: {dockerfile: /etc/passwd}\n", "outside": "image: {dockerfile: ../../secret.py}\n", "dash": "image: {dockerfile: -rf}\n",
		"fill": "description: \"{{ $HOME }} {{ $SECRET }}\"\n", "big": strings.Repeat("x", 5<<20), "colons": strings.Repeat(":", 10_000), "quotes": "a: \"" + strings.Repeat("\\n", 50_000) + "\n",
	} {
		at := "flows/settings/" + name
		h.write(at+"/work.py", h.aFlow("settings "+name))
		h.write(at+"/flow.yaml", text)
	}
}

func indentedBomb(depth int) string {
	var b strings.Builder
	for i := range depth {
		b.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	return b.String()
}

// python is code that takes a reader time, memory or its stack.
func (h *hostile) python() {
	repeated := strings.Repeat
	numbered := func(n int, format string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	}
	of := func(note string) string {
		return "from typing import *\n@flow\ndef run(x: " + note + " = None): pass\n"
	}
	for name, body := range map[string]string{
		"literal":    of("Literal[" + numbered(20_000, "'v%d',") + "]"),
		"decorators": repeated("@d\n", 200_000) + "@flow\ndef run(): pass\n",
		"called":     repeated("@d()\n", 100_000) + "@flow\ndef run(): pass\n",
		"parens":     "x = " + repeated("(", 100_000), "brackets": "x = " + repeated("[", 190) + repeated("]", 190) + "\n@flow\ndef run(): pass\n",
		"sum": "x = 1" + repeated("+1", 100_000) + "\n@flow\ndef run(): pass\n", "or": "x = a" + repeated(" or a", 100_000) + "\n@flow\ndef run(): pass\n",
		"minus": "x = " + repeated("-", 50_000) + "1\n@flow\ndef run(): pass\n", "not": "x = " + repeated("not ", 50_000) + "1\n@flow\ndef run(): pass\n",
		"power": "x = 2" + repeated("**2", 50_000) + "\n@flow\ndef run(): pass\n", "attributes": "x = a" + repeated(".a", 100_000) + "\n@flow\ndef run(): pass\n",
		"calls": "x = a" + repeated("()", 100_000) + "\n@flow\ndef run(): pass\n", "strings": "x = " + repeated("'a' ", 100_000) + "\n@flow\ndef run(): pass\n",
		"lambdas": "x = " + repeated("lambda: ", 5_000) + "1\n@flow\ndef run(): pass\n", "ifs": "x = " + repeated("1 if 1 else ", 20_000) + "1\n@flow\ndef run(): pass\n",
		"fstring": "x = " + repeated("f'{", 140) + "1" + repeated("}'", 140) + "\n@flow\ndef run(): pass\n", "number": "x = " + repeated("9", 1<<20) + "\n@flow\ndef run(y: int = " + repeated("9", 5000) + "): pass\n",
		"elifs": "if a: pass\n" + repeated("elif a: pass\n", 20_000) + "@flow\ndef run(): pass\n", "blocks": blocks(90), "deep": blocks(2000), "union": of(repeated("int | ", 20_000) + "None"),
		"optional": of(repeated("Optional[", 150) + "int" + repeated("]", 150)), "lists": of(repeated("list[", 150) + "int" + repeated("]", 150)),
		"tuple": of("tuple[" + repeated("int, ", 20_000) + "int]"), "annotated": of("Annotated[int, " + repeated("'x', ", 20_000) + "]"),
		"aliases": numbered(2_000, "A%[1]d = A%[1]d1\n") + of("A0"), "circle": "A = list['B']\nB = list['A']\n" + of("A"),
		"doubling": "from typing import *\nA0 = int\n" + doubling(40) + of("A40"), "classes": numbered(5_000, "class C%d: pass\n") + "@flow\ndef run(): pass\n",
		"inheritance": "from pydantic import BaseModel\nclass C0(BaseModel): pass\n" + inherit(1_000) + of("C1000"), "enum": "import enum\nclass E(enum.Enum):\n" + numbered(20_000, "    A%d = 1\n") + of("E"),
		"model": "from pydantic import BaseModel\nclass M(BaseModel):\n" + numbered(5_000, "    f%d: int = 1\n") + of("M"), "recursive": "from pydantic import BaseModel\nclass M(BaseModel):\n    m: 'M | None' = None\n" + of("M"),
		"nested": "from pydantic import BaseModel\nclass M0(BaseModel): pass\n" + nested(25) + of("M25"), "parameters": "@flow\ndef run(" + numbered(5_000, "p%d: int = 1, ") + "): pass\n",
		"defaults": "@flow\ndef run(x=" + repeated("[", 150) + repeated("]", 150) + "): pass\n", "many": numbered(2_000, "@flow(name='many %[1]d')\ndef run%[1]d(): pass\n"),
		"imports": numbered(5_000, "import m%d\n") + "@flow\ndef run(): pass\n", "from": "from m import " + numbered(5_000, "a%d, ") + "z\n@flow\ndef run(): pass\n",
		"self": "import self\nfrom . import *\nfrom .. import *\nfrom " + repeated(".", 1000) + " import x\n@flow\ndef run(): pass\n", "nul": "x = 1\x00\n@flow\ndef run(): pass\n",
		"continued": "x = 1 " + repeated("\\\n", 100_000) + "\n@flow\ndef run(): pass\n", "comments": repeated("# flow\n", 200_000) + "@flow\ndef run(): pass\n",
		"returns": repeated("x = 1\r", 10_000) + "@flow\rdef run(): pass\r", "feeds": repeated("\f", 100_000) + "\n@flow\ndef run(): pass\n", "coding": "# coding: rot13\n@flow\ndef run(): pass\n",
		"docstring": "@flow\ndef run():\n    '''" + repeated("Args:\n        x (int): y\n    ", 20_000) + "'''\n", "fields": "@flow\ndef run(x: int = 1):\n    '''" + repeated(":param x: y\n", 20_000) + "'''\n",
		"concat": "@flow(name='a'" + repeated(" + 'a'", 5_000) + ")\ndef run(): pass\n", "times": "@flow(name='a' * 10**10)\ndef run(): pass\n", "factor": "@flow(name='a' * 1_000_000_000)\ndef run(): pass\n",
		"big": "@flow\ndef run(x: int = 10**10**10): pass\n", "shift": "@flow\ndef run(x: int = 1 << 10**12): pass\n", "format": "@flow(name='%1000000000d' % 1)\ndef run(): pass\n",
		"fwidth": "@flow(name=f'{1:>1000000000}')\ndef run(): pass\n", "decimal": "from decimal import Decimal\n@flow\ndef run(x: Decimal = Decimal('1e999999999')): pass\n",
		"tabs": "if 1:\n" + repeated("\t", 2000) + "x = 1\n@flow\ndef run(): pass\n", "surrogate": "@flow(name='\\ud800')\ndef run(): pass\n", "names": "@flow(name='\\N{" + repeated("A", 10_000) + "}')\ndef run(): pass\n",
		"shim": "flow = __import__('os').system('touch " + h.mark + "')\n@flow\ndef run(): pass\n", "pattern": "from pydantic import Field\n" + of("Annotated[str, Field(pattern='(a+)+$')]") + "\n@flow\ndef other(x: Annotated[str, Field(pattern='(a*)*b')] = '" + repeated("a", 5000) + "'): pass\n",
	} {
		h.write("flows/python/"+name+".py", h.code(body))
	}
	h.write("flows/python/binary.py", "\x7fELF\x02\x01\x01\x00flow\xff\xfe")
	h.write("flows/python/line.py", "x = '"+repeated("a", 17<<20)+"'\n")
	h.write("flows/python/pkg/__init__.py", h.code("from .a import *\n"))
	h.write("flows/python/pkg/a.py", h.code("from . import *\nfrom .b import *\n"))
	h.write("flows/python/pkg/b.py", h.code("from .a import *\n@flow\ndef around(): pass\n"))
}

func blocks(depth int) string {
	var b strings.Builder
	for i := range depth {
		b.WriteString(strings.Repeat(" ", i) + "if 1:\n")
	}
	return b.String() + strings.Repeat(" ", depth) + "pass\n@flow\ndef run(): pass\n"
}

func doubling(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "A%d = tuple[A%d, A%d]\n", i+1, i, i)
	}
	return b.String()
}

func inherit(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "class C%d(C%d): f%d: int = 1\n", i+1, i, i)
	}
	return b.String()
}

func nested(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "class M%d(BaseModel):\n    a: M%d = None\n    b: M%d = None\n", i+1, i, i)
	}
	return b.String()
}

// rules are ignore files and globs that take a matcher time.
func (h *hostile) rules() {
	deep := strings.Repeat("a/", 60)
	h.write("flows/rules/"+deep+"work.py", h.aFlow("deep"))
	for i, rule := range []string{
		strings.Repeat("**/a/", 50) + "b", strings.Repeat("*a", 100) + "b", strings.Repeat("{a,", 50) + strings.Repeat("}", 50), strings.Repeat("[", 1000), strings.Repeat("\\", 1001),
		strings.Repeat("!", 1000), strings.Repeat("x*\n", 20_000), strings.Repeat("?*", 500), strings.Repeat("/", 1000), "\xff\xfe\x00",
	} {
		h.write(fmt.Sprintf("flows/rules/r%d/.gitignore", i), rule+"\n")
		h.write(fmt.Sprintf("flows/rules/r%d/%swork.py", i, strings.Repeat("a/", 30)), h.aFlow(fmt.Sprintf("rule %d", i)))
		h.write(fmt.Sprintf("flows/rules/r%d/%s.py", i, strings.Repeat("a", 200)), h.aFlow(fmt.Sprintf("name %d", i)))
	}
	h.write("flows/rules/pyproject.toml", "[tool.uv.workspace]\nmembers = ['../../../*', '/etc/*', '"+strings.Repeat("**/", 40)+"x']\n[tool.uv.sources]\nx = {path = '/etc'}\n")
}

// programs would run something, were they asked.
func (h *hostile) programs() {
	script := "#!/bin/sh\ntouch " + h.mark + "\n"
	for _, name := range []string{
		"python", "python3", "git", "docker", "uv", "make", ".venv/bin/python", "venv/bin/python", "bin/python", ".flowmage/python/bin/python", ".flowmage/uv/bin/uv", ".git-hooks/post-checkout",
	} {
		h.write(name, script)
	}
	h.write("setup.py", h.code("")) // what a build backend would run
	h.write("conftest.py", h.code(""))
	h.write("sitecustomize.py", h.code(""))
	h.write("prefect.py", h.code(""))
	h.write("pyproject.toml", "[build-system]\nrequires = []\nbuild-backend = 'backend'\nbackend-path = ['.']\n[project]\nname = 'x'\nversion = '1'\ndependencies = ['\x1b[2J', '::error::x']\n")
	h.write("backend.py", h.code(""))
	h.write("prefect.yaml", "build: [{prefect.deployments.steps.run_shell_script: {script: 'touch "+h.mark+"'}}]\n")
	h.write("prefect.toml", "x = '"+strings.Repeat("a", 1000)+"'\n")
}
