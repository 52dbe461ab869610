package imports

import (
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/distribution"
	"github.com/flowmage/flowmage/tasks/requirement"
)

// registry remembers what package distribution says, which looks through its tables for each answer.
type registry struct {
	modules  map[string][]string
	closures map[string]closure
	popular  map[string]bool
}

// closure is all that may come with a distribution. whole tells that nothing else does, as far as is known.
type closure struct {
	names []string
	whole bool
}

func newRegistry() *registry {
	return &registry{modules: map[string][]string{}, closures: map[string]closure{}, popular: map[string]bool{}}
}

// providers gives the distributions that may have a module: those that are known for it, and those whose name is spelled as it is.
func (r *registry) providers(module string) []string {
	out, known := r.modules[module]
	if !known {
		out = slices.Clip(distribution.Providers(module))
		r.modules[module] = out
	}
	return out
}

// known tells whether many people install a distribution.
func (r *registry) known(name string) bool {
	is, asked := r.popular[name]
	if !asked {
		is = distribution.Known(name)
		r.popular[name] = is
	}
	return is
}

// closure gives what comes with a distribution.
func (r *registry) closure(name string) closure {
	if c, known := r.closures[name]; known {
		return c
	}
	c := closure{whole: true}
	seen := map[string]bool{name: true}
	for queue := []string{name}; len(queue) > 0; queue = queue[1:] {
		more, known := distribution.Requires(queue[0])
		c.whole = c.whole && known
		for _, x := range more {
			if !seen[x] {
				seen[x] = true
				queue, c.names = append(queue, x), append(c.names, x)
			}
		}
	}
	r.closures[name] = c
	return c
}

// spellings gives the names of distributions that are spelled as a module is: a.b.c may be of a-b-c, a-b or a.
func spellings(module string) []string {
	parts := strings.Split(module, ".")
	out := make([]string, 0, len(parts))
	for n := len(parts); n > 0; n-- {
		out = append(out, requirement.Normal(strings.Join(parts[:n], "-")))
	}
	return out
}
