package python_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/flowmage/flowmage/tasks/python"
)

// outline writes statements in short.
func outline(list []python.Statement) string {
	names := [...]string{"nothing", "evaluates", "assigns", "deletes", "returns", "raises", "jumps", "decides", "tries", "repeats", "encloses", "declares"}
	var out []string
	for _, s := range list {
		text := names[s.Kind]
		if s.Kind == python.Assigns {
			text += strconv.Itoa(len(s.Targets)) + s.Op
		}
		for _, block := range append([][]python.Statement{s.Body, s.Else}, s.Handlers...) {
			if len(block) > 0 {
				text = fmt.Sprintf("%s{%s}", text, outline(block))
			}
		}
		out = append(out, text)
	}
	return strings.Join(out, " ")
}

func TestBlock(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		"def f(): return 1\n":                                                  "returns",
		"def f(): x = 1; return x\n":                                           "assigns1 returns",
		"def f():\n    '''doc'''\n    # a comment\n    return\n":               "evaluates returns",
		"def f():\n  if a:\n    return 1\n  elif b:\n    pass\n  else: x += 1": "decides{returns}{decides{nothing}{assigns1+}}",
		"def f():\n  try:\n    import a\n  except (A, B) as e:\n    raise\n  except:\n    pass\n  else:\n    b\n  finally:\n    c()": "tries{declares}{evaluates evaluates}{raises}{nothing}",
		"def f():\n  for i, j in x: break\n  else:\n    y = 1\n  while True:\n    continue":                                          "repeats{jumps}{assigns1} repeats{jumps}",
		"def f():\n  with a() as b, c:\n    return b\n":                                                                              "encloses{returns}",
		"def f():\n  @d(1)\n  @e\n  def g(a=lambda: 1, *b: int) -> c:\n    return 1\n  return g":                                     "declares returns",
		"def f():\n  class A(B[1:2]):\n    x: int = 1\n  a = b = 1\n  c: int = 2\n  d: int":                                          "declares assigns2 assigns1 nothing",
		"def f():\n  match x:\n    case 1: return\n    case _:\n      y\n  match = 2":                                                "repeats{returns evaluates} assigns1",
		"async def f():\n  async with a: pass\n  async for b in c: pass\n  await d":                                                  "encloses{nothing} repeats{nothing} evaluates",
		"class A:\n  def f(self):\n    del self.x, y[0]\n    global z\n    yield 1":                                                  "deletes nothing evaluates",
		"def f():\n  x = yield\n  y = a if b else c\n  return a, *b":                                                                 "assigns1 assigns1 returns",
		"def f():\n  if x: return f'{a:>{b}} {{}}'; pass\n  return {**a, 'b': [*c]}":                                                 "decides{returns nothing} returns",
	} {
		m, err := python.Parse([]byte(source))
		if err != nil {
			t.Fatal(err)
		}
		for i := range m.Functions {
			if m.Functions[i].Name != "f" {
				continue
			}
			block, err := m.Block(&m.Functions[i])
			if err != nil {
				t.Fatalf("%s: %v", source, err)
			}
			if got := outline(block); got != want {
				t.Errorf("%s: got %s, want %s", source, got, want)
			}
			last := block[len(block)-1]
			if last.Kind == python.Returns && last.Text != "" && !strings.HasPrefix(m.Source[last.Start:], "return "+last.Text) {
				t.Errorf("%s: %q is not at its offset", source, last.Text)
			}
		}
	}
}

// Every function that the grammar takes can be read as a block, and its expressions with all their nodes.
func TestBlocksOfAll(t *testing.T) {
	t.Parallel()
	count := 0
	_ = filepath.WalkDir("..", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".py") {
			return nil //nolint:nilerr // what can't be read is no source
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return nil //nolint:nilerr // the same
		}
		if m, err := python.Parse(text); err == nil {
			for i := range m.Functions {
				if _, err := m.Block(&m.Functions[i]); err != nil {
					t.Errorf("%s: %s: %v", path, m.Functions[i].QualifiedName, err)
				}
				count++
			}
		}
		return nil
	})
	if count == 0 {
		t.Error("no function was read")
	}
}
