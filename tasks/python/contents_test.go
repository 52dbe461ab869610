package python

import (
	"slices"
	"testing"
)

// What is looked up is what going through all of the module would find, at every offset and for every name.
func TestLookedUp(t *testing.T) {
	t.Parallel()
	const text = `import a, b.c
def f():
    def g():
        def h(): pass
        class C:
            def m(self): pass
        x = 1
    y = 2
    def k(): pass
    z = 3
class C:
    a = 1
    def m(self):
        def inner(): pass
        return 1
    def m(self): pass
    class D:
        b: int
        b = 2
        def n(self): pass
try:
    import a
except ImportError:
    a = None
if x:
    a = 1
else:
    a = 2
async def f(): pass
`
	m, err := Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	for offset := range len(text) + 2 {
		var around *Function
		for i := range m.Functions {
			if f := &m.Functions[i]; f.Start < offset && offset < f.End {
				around = f
			}
		}
		if got := m.Enclosing(offset); got != around {
			t.Errorf("around %d: %v, want %v", offset, got, around)
		}
		for _, name := range []string{"a", "b", "f", "C", "m", "nobody"} {
			for _, owner := range []string{"", "C", "C.D"} {
				best, found := Binding{}, false
				for _, b := range m.Bindings(owner, name) {
					if b.Start < offset && (!found || rank(b.Guard) <= rank(best.Guard)) {
						best, found = b, true
					}
				}
				if got, ok := m.Binding(owner, name, offset); ok != found || got != best {
					t.Errorf("%s.%s before %d: %+v, want %+v", owner, name, offset, got, best)
				}
			}
		}
	}
	for _, x := range []struct {
		owner, name string
		want        int
	}{{"", "a", 5}, {"", "b", 1}, {"", "f", 2}, {"", "C", 1}, {"", "g", 0}, {"", "x", 0}, {"C", "m", 2}, {"C", "D", 1}, {"C.D", "b", 1}, {"C.D", "n", 1}, {"D", "n", 0}} {
		found := m.Bindings(x.owner, x.name)
		if len(found) != x.want || !slices.IsSortedFunc(found, func(a, b Binding) int { return a.Start - b.Start }) {
			t.Errorf("%s.%s: %+v", x.owner, x.name, found)
		}
	}
	assigned, methods := m.Members("C.D")
	if len(assigned) != 2 || len(methods) != 1 {
		t.Errorf("%v %v", assigned, methods)
	}
}
