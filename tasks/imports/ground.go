package imports

import (
	"maps"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/dependency"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/requirement"
)

// ground is what is declared for the flows of a folder, by the files in it and in the folders above, and by the header of the flow's own file.
type ground struct {
	*registry
	files   []*dependency.File
	direct  map[string]dependency.Entry // by name, what is named
	brought map[string]string           // by name, what comes with something: with what
	pinned  map[string]bool             // has a version in a lock or among constraints
	locked  bool                        // a lock names everything
	vague   bool                        // more may come than is known
	odd     []string                    // of those that are named, what is not widely known, or comes from elsewhere than an index
}

// groundOf puts together what is declared for a flow.
func (j *judge) groundOf(f *flow.Flow) *ground {
	key := f.Dir()
	var header dependency.File
	headed := false
	if m, err := j.Library.Module(f.File); err == nil {
		if header, headed = dependency.Script(f.File, m.Source); headed {
			key = f.File
		}
	}
	if g, known := j.grounds[key]; known {
		return g
	}
	var files []*dependency.File
	if headed {
		files = append(files, &header)
	}
	for _, dir := range above(f.Dir()) {
		for _, name := range j.beside[dir] {
			files = append(files, j.read(name))
		}
	}
	g := j.grounded(files)
	j.grounds[key] = g
	return g
}

// grounded makes a ground of files.
func (j *judge) grounded(files []*dependency.File) *ground {
	g := &ground{registry: j.registry, files: files, direct: map[string]dependency.Entry{}, brought: map[string]string{}, pinned: map[string]bool{}}
	for _, f := range files {
		g.vague = g.vague || f.Vague
		g.locked = g.locked || f.Lock
		for _, e := range f.Entries {
			g.take(f, e)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(g.direct)) {
		e := g.direct[name]
		if e.Own || !g.known(name) {
			g.odd = append(g.odd, name)
		}
		g.bring(name)
		for _, extra := range e.Extras {
			g.extra(name, requirement.Normal(extra))
		}
	}
	g.bring("prefect")
	return g
}

func (g *ground) take(f *dependency.File, e dependency.Entry) {
	switch {
	case e.Known == "":
		g.vague = true
	case f.Lock:
		g.pinned[e.Known] = true
		if _, known := g.brought[e.Known]; !known {
			g.brought[e.Known] = f.Path
		}
	case e.Limit:
		g.pinned[e.Known] = true
	default:
		if _, known := g.direct[e.Known]; !known {
			g.direct[e.Known] = e
		}
		g.vague = g.vague || e.Own
	}
}

// extra takes in what an extra of a distribution brings. Who writes prefect[aws] means prefect-aws; of others nothing is known.
func (g *ground) extra(name, extra string) {
	if name == "prefect" {
		if _, known := g.direct["prefect-"+extra]; !known {
			g.direct["prefect-"+extra] = g.direct[name]
		}
		return
	}
	g.vague = g.vague || !g.locked
}

// bring takes in what comes with a distribution.
func (g *ground) bring(name string) {
	c := g.closure(name)
	g.vague = g.vague || !c.whole && !g.locked
	for _, n := range c.names {
		if _, there := g.brought[n]; !there {
			g.brought[n] = name
		}
	}
}

// has tells how a module is declared: by a distribution that is named, or by one that comes with another.
func (g *ground) has(u use) (direct bool, with string, ok bool) {
	may := append(g.providers(u.module), spellings(u.module)...)
	for _, n := range may {
		if _, there := g.direct[n]; there {
			return true, "", true
		}
	}
	for _, n := range may {
		if from, there := g.brought[n]; there {
			return false, from, true
		}
	}
	return false, "", false
}

// akin tells whether something that is named and not widely known may have the module, by its name: acme-platform-client for acme_platform.
func (g *ground) akin(u use) bool {
	top := requirement.Normal(u.top)
	return slices.ContainsFunc(g.odd, func(n string) bool { return strings.Contains(n, top) || strings.Contains(top, n) })
}

// lists gives the paths of a ground's files.
func (g *ground) lists() []string {
	out := make([]string, 0, len(g.files))
	for _, f := range g.files {
		out = append(out, f.Path)
	}
	return out
}
