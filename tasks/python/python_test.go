package python

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestSyntaxErrors(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		src  string
		line int
		want string
	}{
		"missing colon":       {"def f()\n    pass\n", 1, "expected ':'"},
		"unclosed bracket":    {"x = (1,\ny = 2\n", 1, "'(' was never closed"},
		"unclosed in a block": {"def f():\n    if x:\n        print(g(1", 3, "'(' was never closed"},
		"unclosed at the end": {"def f():\n    print(g(1)\n", 2, "'(' was never closed"},
		"wrong bracket":       {"x = (1]\n", 1, "closing parenthesis ']' does not match"},
		"unmatched":           {"x = 1)\n", 1, "unmatched ')'"},
		"unterminated string": {"a = 1\nx = 'abc\n", 2, "unterminated string literal"},
		"unterminated triple": {"x = '''abc\n\n", 1, "unterminated triple-quoted"},
		"no block":            {"if x:\npass\n", 2, "expected an indented block"},
		"unexpected indent":   {"x = 1\n  y = 2\n", 2, "unexpected indent"},
		"bad dedent":          {"if x:\n    y = 2\n  z = 3\n", 3, "unindent does not match"},
		"tabs and spaces":     {"if x:\n        y = 2\n\tz = 3\n", 3, "inconsistent use of tabs"},
		"two operands":        {"x 'x'\n", 1, "invalid syntax"},
		"print":               {"print 'x'\n", 1, "Missing parentheses in call to 'print'"},
		"missing comma":       {"f(a b)\n", 1, "forgot a comma"},
		"assign to literal":   {"1 = x\n", 1, "cannot assign"},
		"default order":       {"def f(a=1, b): pass\n", 1, "without a default"},
		"keyword as name":     {"class = 1\n", 1, "invalid syntax"},
		"octal":               {"x = 0777\n", 1, "leading zeros"},
		"nul byte":            {"x = 1\x00\n", 1, "null bytes"},
		"not utf-8":           {"x = 1\n# \xff\n", 2, "'utf-8' codec can't decode byte 0xff"},
		"encoding":            {"# coding: klingon\n", 1, "unknown encoding: klingon"},
		"f-string brace":      {"x = f'}'\n", 1, "single '}'"},
		"deep brackets":       {"x = " + strings.Repeat("(", 300) + strings.Repeat(")", 300), 1, "too many nested"},
		"deep signs":          {"x = " + strings.Repeat("-", 1_000_000) + "1", 1, "too deeply nested"},
		"deep nots":           {"x = " + strings.Repeat("not ", 100_000) + "1", 1, "too deeply nested"},
		"deep lambdas":        {"x = " + strings.Repeat("lambda: ", 100_000) + "1", 1, "too deeply nested"},
		"deep powers":         {"x = " + strings.Repeat("1**", 1_000_000) + "1", 0, ""},
		"deep conditionals":   {"x = " + strings.Repeat("a if b else ", 100_000) + "1", 1, "too deeply nested"},
		"deep f-strings":      {"x = " + strings.Repeat("f'{", 10_000), 1, "too many nested"},
		"deep patterns":       {"match x:\n case " + strings.Repeat("[", 10_000), 2, "too many nested"},
		"deep blocks":         {indented(300), 101, "too many levels of indentation"},
		"one long line":       {"x = '" + strings.Repeat("a", 17<<20) + "'", 1, "larger than 16 MiB"},
		"a binary":            {"\x7fELF\x02\x01\x01\x00\x00", 1, "null bytes"},
		"deep elifs":          {"if a: pass\n" + strings.Repeat("elif b: pass\n", 100), 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Parse([]byte(c.src))
			if c.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			syntax, ok := errors.AsType[*SyntaxError](err)
			if !ok {
				t.Fatalf("got %v", err)
			}
			if syntax.Line != c.line || !strings.Contains(syntax.Message, c.want) {
				t.Errorf("got %v, want line %d: %s", syntax, c.line, c.want)
			}
		})
	}
}

const sample = `"""Module doc."""
from __future__ import annotations
import prefect as p, os.path
from core.tasks import (
    read as r,
    write,
)
try:
    from prefect import flow
except ImportError:
    flow = None
if __name__ == "__main__":
    LIMIT = 1
elif x:
    a, (b, c[d]) = 1, 2
NAME: str = "rpa" "1"

class Job(Base, metaclass=M):
    """A job."""
    retries = 3

    @staticmethod
    @p.flow(name=NAME, retries=1)
    async def run(a, /, b: int = 1, *rest: str, c: "str | None" = None, **more) -> None:
        '''Runs.'''
        import json
        global COUNT
        def inner(): pass
type Rows = list[int]
`

// indented nests blocks.
func indented(levels int) string {
	var b strings.Builder
	for i := range levels {
		b.WriteString(strings.Repeat(" ", i) + "if x:\n")
	}
	return b.String()
}

func TestDeclarations(t *testing.T) {
	t.Parallel()
	for _, form := range []string{sample, strings.ReplaceAll(sample, "\n", "\r\n"), "\xef\xbb\xbf" + sample, strings.TrimRight(sample, "\n")} {
		m, err := Parse([]byte(form))
		if err != nil {
			t.Fatal(err)
		}
		want := &Module{
			Doc: "Module doc.", HasDoc: true,
			Imports: []Import{
				{Start: offset(2, 1), Module: "__future__", Name: "annotations"},
				{Start: offset(3, 1), Module: "prefect", As: "p"},
				{Start: offset(3, 1), Module: "os.path"},
				{Start: offset(4, 1), Module: "core.tasks", Name: "read", As: "r"},
				{Start: offset(4, 1), Module: "core.tasks", Name: "write"},
				{Start: offset(9, 5), Module: "prefect", Name: "flow", Spared: true},
				{Start: offset(26, 9), Scope: FunctionScope, Module: "json"},
			},
			Classes: []Class{{
				Name: "Job", QualifiedName: "Job", Start: offset(18, 1), End: offset(28, 26), Doc: "A job.", HasDoc: true,
				Bases: []Expr{written("Base", 18, 11), written("metaclass=M", 18, 17)},
			}},
			Functions: []Function{
				{
					Name: "run", QualifiedName: "Job.run", Scope: ClassScope, Async: true, Start: offset(24, 5), End: offset(28, 26), Doc: "Runs.", HasDoc: true,
					Decorators: []Expr{written("staticmethod", 22, 6), written("p.flow(name=NAME, retries=1)", 23, 6)},
					Parameters: []Parameter{
						{Name: "a", Kind: PositionalOnly, Start: offset(24, 19)},
						{Name: "b", Kind: PositionalOrKeyword, Start: offset(24, 25), Annotation: written("int", 24, 28), Default: written("1", 24, 34)},
						{Name: "rest", Kind: VarPositional, Start: offset(24, 38), Annotation: written("str", 24, 44)},
						{Name: "c", Kind: KeywordOnly, Start: offset(24, 49), Annotation: written(`"str | None"`, 24, 52), Default: written("None", 24, 67)},
						{Name: "more", Kind: VarKeyword, Start: offset(24, 75)},
					},
					Returns: written("None", 24, 84),
				},
				{Name: "inner", QualifiedName: "Job.run.inner", Scope: FunctionScope, Start: offset(28, 9), End: offset(28, 26)},
			},
			Assignments: []Assignment{
				{Start: offset(11, 5), Guard: Otherwise, Target: "flow", Value: written("None", 11, 12)},
				{Start: offset(13, 5), Guard: WhenMain, Target: "LIMIT", Value: written("1", 13, 13)},
				{Start: offset(15, 5), Guard: Otherwise, Target: "a"},
				{Start: offset(15, 9), Guard: Otherwise, Target: "b"},
				{Start: offset(15, 14), Guard: Otherwise, Target: "d"}, // said to be bound, to be safe
				{Start: offset(16, 1), Target: "NAME", Annotation: written("str", 16, 7), Value: written(`"rpa" "1"`, 16, 13)},
				{Start: offset(20, 5), Scope: ClassScope, Owner: "Job", Target: "retries", Value: written("3", 20, 15)},
				{Start: offset(27, 16), Guard: Conditionally, Target: "COUNT"},
				{Start: offset(29, 6), Target: "Rows", TypeAlias: true, Value: written("list[int]", 29, 13)},
			},
		}
		derived := cmp.Options{cmpopts.IgnoreFields(Function{}, "Body"), cmpopts.IgnoreFields(Module{}, "Source", "known")}
		if diff := cmp.Diff(want, m, derived); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	}
}

// offset gives that of a place in the sample, which is ASCII.
func offset(line, column int) int {
	out := column - 1
	for text := range strings.Lines(sample) {
		if line--; line == 0 {
			break
		}
		out += len(text)
	}
	return out
}

func written(text string, line, column int) Expr {
	return Expr{Text: text, Start: offset(line, column)}
}

func TestPosition(t *testing.T) {
	t.Parallel()
	m, err := Parse([]byte("a = 1\r\n\u00e9 = 'ä'; b = 2\n"))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string][2]int{}
	for _, a := range m.Assignments {
		line, column := m.Position(a.Start)
		got[a.Target] = [2]int{line, column}
		if m.Line(a.Start) != line {
			t.Errorf("%s: line %d, but %d with its column", a.Target, m.Line(a.Start), line)
		}
	}
	if diff := cmp.Diff(map[string][2]int{"a": {1, 1}, "é": {2, 1}, "b": {2, 10}}, got); diff != "" {
		t.Error(diff)
	}
}

func TestLiteral(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]any{
		`"a" 'b'`: "ab", `r"\n"`: `\n`, `"\x41\u00e9\n"`: "Aé\n", "1_000": int64(1000), "-0x1F": int64(-31), "1.5e3": 1500.0, "None": nil, "True": true,
		`["a", 1, [None]]`: []any{"a", int64(1), []any{nil}}, `{"k": {"n": -1.5}}`: map[string]any{"k": map[string]any{"n": -1.5}},
		"(\n 'x'\n)": "x", `"""a
b"""`: "a\nb",
	} {
		n, err := Expr{Text: src}.Node()
		if err != nil {
			t.Errorf("%s: %v", src, err)
			continue
		}
		got, ok := Literal(n)
		if diff := cmp.Diff(want, got); !ok || diff != "" {
			t.Errorf("%s: ok %v\n%s", src, ok, diff)
		}
	}
	for _, src := range []string{`f"{x}"`, "a", "1 + 2", "(1, 2)", "{1}", `b"x"`, "{1: 2}", "[x for x in y]", "lambda: 1", "~1", "1j"} {
		n, err := Expr{Text: src}.Node()
		if err != nil {
			t.Errorf("%s: %v", src, err)
			continue
		}
		if v, ok := Literal(n); ok {
			t.Errorf("%s: literal %v", src, v)
		}
	}
}

func TestCleanDoc(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"One.":                                   "One.",
		"  One.\n\n    Two.\n      Three.\n    ": "One.\n\nTwo.\n  Three.",
		"\n    One.\n\tTwo.\n":                   "One.\n    Two.",
		"":                                       "",
	} {
		if diff := cmp.Diff(want, CleanDoc(in)); diff != "" {
			t.Errorf("%q: %s", in, diff)
		}
	}
}
