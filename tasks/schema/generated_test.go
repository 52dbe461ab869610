package schema_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/flowmage/flowmage/tasks/prerequisite"
)

// grammar makes signatures at random, but always the same for a seed.
type grammar struct{ *rand.Rand }

func (g grammar) of(list ...string) string { return list[g.IntN(len(list))] }

// typ makes a type of at most that depth.
func (g grammar) typ(depth int) string {
	if depth == 0 || g.IntN(3) == 0 {
		return g.atom()
	}
	in := func() string { return g.typ(depth - 1) }
	switch g.IntN(21) {
	case 0, 1, 2, 3:
		return "Optional[" + in() + "]"
	case 4, 5, 6:
		return g.operand(depth-1) + " | None"
	case 7:
		return "Union[" + in() + ", " + in() + "]"
	case 8:
		return "Union[" + in() + ", None, " + in() + "]"
	case 9:
		return g.operand(depth-1) + " | " + g.operand(depth-1)
	case 10, 11:
		return g.of("list", "List", "set", "Sequence", "frozenset", "Iterable", "deque", "typing.List") + "[" + in() + "]"
	case 12, 13:
		return g.of("dict", "Dict", "Mapping", "OrderedDict") + "[" + g.of("str", "str", "str", "int", "Color", "Mode", "Short") + ", " + in() + "]"
	case 14:
		return "tuple[" + in() + ", ...]"
	case 15:
		return "tuple[" + in() + ", " + in() + "]"
	case 16:
		inner := in()
		if inner == "Node" || inner == "shared.Shape" { // pydantic says it of the type from then on, wherever it is used
			inner = "Leaf"
		}
		return "Annotated[" + inner + ", Field(description=" + g.of("'d'", "'e'") + ")]"
	case 17:
		return "Annotated[int, Field(" + g.of("ge=1", "gt=0, lt=5", "multiple_of=2", "le=1") + ")]"
	case 18:
		return "Annotated[str, Field(" + g.of("min_length=1", "max_length=3, pattern='^a'", "pattern='x'") + ")]"
	case 19:
		return "Annotated[list[" + in() + "], Field(min_length=1)]"
	default:
		if g.IntN(2) == 0 {
			return g.of("Box", "Pair") + "[" + g.part() + "]"
		}
		return g.of("Box", "Pair") + "[" + g.of("int", "str", "Leaf", "Optional[int]", "list[int]", "dict[str, Leaf]", "Color", "List[int]", "Dict[str, int]") + "]"
	}
}

// part makes a type that a model may hold: a module with another one does not load.
func (g grammar) part() string {
	for {
		t := g.typ(1)
		if !strings.ContainsAny(t, "'.") && !slices.ContainsFunc([]string{"Plain", "Callable", "object", "DateTime"}, func(word string) bool { return strings.Contains(t, word) }) {
			return t
		}
	}
}

// operand makes a type that | takes.
func (g grammar) operand(depth int) string {
	for {
		if t := g.typ(depth); t != "None" && !strings.HasPrefix(t, "'") {
			return t
		}
	}
}

func (g grammar) atom() string {
	return g.of(
		"str", "int", "str", "int", "float", "bool", "Any", "None", "list", "dict", "bytes", "Path", "UUID", "Decimal", "datetime.datetime", "datetime.date",
		"datetime.timedelta", "datetime.time", "Color", "Number", "Weekday", "Leaf", "Node", "Deep", "Point", "Row", "Entry", "Mode", "Level", "MaybeInt", "UserId", "Short",
		"Literal['a', 'b']", "Literal[1]", "Literal['x', 2, None]", "Literal[Color.RED]", "SecretStr", "HttpUrl", "EmailStr", "PositiveInt", "Plain",
		"Login", "Secret", "Secret[int]", "Merged",
		"Callable", "object", "tuple", "set", "DateTime", "'int'", "conint(ge=3)", "Json", "typing.Any", "Wide", "Text", "AnyUrl", "shared.Shape", "shared.Kind", "shared.Size",
	)
}

// value makes a default.
func (g grammar) value() string {
	return g.of(
		"None", "None", "None", "'x'", "''", "0", "3", "-1", "1.5", "True", "False", "[]", "['a', 1]", "{}", "{'k': [1, None]}", "(1, 'x')", "{1, 2}", "set()", "LIMIT", "NAME",
		"Color.RED", "Color.BLUE", "Number.TWO", "Weekday.MONDAY", "Color.RED.value", "Leaf(x=1)", "Leaf()", "Node(v=1)", "Point(1, 2.0)", "Point(x=3)", "Row('a')",
		"datetime.date(2024, 1, 2)", "datetime.datetime(2024, 1, 2, 3, 4)", "datetime.timedelta(hours=5, minutes=1)", "Path('a/b')", "Decimal('1.5')", "b'x'",
		"UUID('12345678123456781234567812345678')", "[Leaf()]", "{'a': Leaf(x=2)}", "Plain()", "10 * 60", "NAME + 'y'", "f'{NAME}!'", "Field(3)", "Field('x', description='of the field')",
		"Field(default=None, ge=1)", "Field(default_factory=list)", "...", "len", "shared.Kind.ROUND", "shared.LIMIT", "SecretStr('x')", "Color('red')", "frozenset({2, 1})", "list()", "-2.5e3", "1_000",
		"[Color.RED]", "Merged()", "Login(name='n')", "datetime.datetime(2024, 1, 1, tzinfo=datetime.timezone.utc)",
	)
}

// describe makes a docstring of one of several styles for some of the parameters.
func (g grammar) describe(names []string) string {
	if g.IntN(2) == 0 || len(names) == 0 {
		return "    ...\n"
	}
	var b strings.Builder
	b.WriteString("    \"\"\"Do it.\n" + g.of("\n", "\n", "\n", "", "\n    Note:\n        x: y\n\n"))
	b.WriteString("    " + g.of("Args", "Args", "Arguments", "Parameters", "Returns", "Keyword Args", ":param") + ":\n" + g.of("", "", "", "\n"))
	for _, n := range names {
		switch g.IntN(5) {
		case 0:
			fmt.Fprintf(&b, "        %s: text of %s.\n", n, n)
		case 1:
			fmt.Fprintf(&b, "        %s (int): text: more\n            and more\n", n)
		case 2:
			fmt.Fprintf(&b, "        %s : spaced\n          odd\n\n", n)
		case 3:
			fmt.Fprintf(&b, "        %s\n", n)
		}
	}
	b.WriteString(g.of("", "\n    Returns:\n        x: y\n", "    rest\n", "\n    Args:\n        a0: again\n") + "    \"\"\"\n")
	return b.String()
}

func (g grammar) signature(n int) string {
	var parts, names []string
	star, optional := false, false
	for i := range 1 + g.IntN(6) {
		name := fmt.Sprintf("a%d", i)
		if g.IntN(20) == 0 {
			name = g.of("copy", "json", "schema", "Color", "dict", "fields", "name")
		}
		if slices.Contains(names, name) {
			continue
		}
		names = append(names, name)
		switch {
		case !star && g.IntN(15) == 0:
			parts, star = append(parts, "*"), true
		case !star && len(parts) > 0 && g.IntN(25) == 0 && !slices.Contains(parts, "/"):
			parts = append(parts, "/")
		}
		p := name
		if g.IntN(10) > 0 {
			t := g.typ(g.IntN(4))
			p += ": " + t
		}
		if (optional && !star) || g.IntN(2) == 0 {
			p += " = " + g.value()
			optional = true
		}
		parts = append(parts, p)
	}
	if g.IntN(12) == 0 {
		parts = append(parts, "**rest")
	}
	return fmt.Sprintf("def f%d(%s):\n%s\n\n", n, strings.Join(parts, ", "), g.describe(names))
}

// TestGenerated compares signatures from a grammar of types, defaults and docstrings.
func TestGenerated(t *testing.T) {
	t.Parallel()
	size := prerequisite.Size(400, 3000)
	folder := t.TempDir()
	shared, err := os.ReadFile(filepath.Join("testdata", "generated", "shared.py"))
	if err != nil {
		t.Fatal(err)
	}
	head, err := os.ReadFile(filepath.Join("testdata", "generated", "head.py"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(folder, "shared.py"), shared)
	g := grammar{rand.New(rand.NewPCG(1, 2))}
	const each = 100
	for n := 0; n < size; n += each {
		var b strings.Builder
		if n/each%3 == 1 {
			b.WriteString("from __future__ import annotations\n")
		}
		b.Write(head)
		for i := range each {
			b.WriteString(g.signature(n + i))
		}
		write(t, filepath.Join(folder, fmt.Sprintf("generated%03d.py", n/each)), []byte(b.String()))
	}
	count := same(t, folder)
	t.Logf("%d signatures, %d parameters, %d untyped by choice", size, count.parameters, count.untyped)
	if count.untyped*100 > 5*count.parameters {
		t.Errorf("%d of %d parameters are untyped: %v", count.untyped, count.parameters, count.reasons)
	}
}

func write(t *testing.T, file string, data []byte) {
	t.Helper()
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
}
