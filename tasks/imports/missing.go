package imports

import (
	"cmp"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/dependency"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/requirement"
)

// gap is a module that is missing, or there by chance, for some flows.
type gap struct {
	use
	name     string // of the distribution
	with     string // what brings it; "" where it is missing
	where    string // the place that lacks it, "" for what is declared
	severity finding.Severity
	file     string // that should name it
	other    string // a file that names it for something else
	flows    []*flow.Flow
}

// missing holds every import against what is declared for it.
func (j *judge) missing() finding.List {
	var gaps []*gap
	known := map[string]*gap{}
	bare := map[string]bool{} // modules of flows for which nothing is declared anywhere
	for _, m := range j.flows {
		for _, u := range m.uses {
			g, wrong := j.gap(m, u)
			if !wrong {
				bare[u.top] = bare[u.top] || len(m.ground.files) == 0 && !settled(m.ground, u)
				continue
			}
			key := fmt.Sprint(g.name, "\x00", g.use.file, "\x00", g.file, "\x00", g.where, "\x00", g.severity)
			if known[key] == nil {
				known[key] = g
				gaps = append(gaps, g)
			}
			known[key].flows = append(known[key].flows, m.Flow)
		}
	}
	out := make(finding.List, 0, len(gaps))
	for _, g := range gaps {
		out = append(out, j.tell(g)...)
	}
	out = append(out, none(bare)...)
	return onceEach(out)
}

// settled tells whether an import needs no declaration: Prefect and what comes with it, or what the flow can do without.
func settled(g *ground, u use) bool {
	_, _, ok := g.has(u)
	return ok || u.top == "prefect" || u.spared || u.maybe
}

// gap judges one import of a flow.
func (j *judge) gap(m member, u use) (*gap, bool) {
	if u.spared || slices.Contains([]string{"prefect", "pkg_resources", "setuptools"}, u.top) {
		return nil, false
	}
	may := j.providers(u.module)
	if place, lacks := j.lacking(m, u, may); lacks {
		out := gap{use: u, name: may[0], where: place.Name, severity: place.severity()}
		if u.maybe {
			out.severity = finding.Warning
		}
		out.file = cmp.Or(last(place.Files, m.Dir()), path.Join(m.Dir(), "requirements.txt"))
		return &out, true
	}
	direct, with, ok := m.ground.has(u)
	switch {
	case direct, ok && len(m.ground.direct) == 0: // in the second case Prefect brings it, and nothing is declared here
		return nil, false
	case ok:
		return &gap{use: u, name: cmp.Or(first(may), spellings(u.module)[0]), with: with, severity: finding.Warning, file: j.target(m)}, true
	default:
		return j.absent(m, u, may)
	}
}

// absent judges an import of what nothing that is declared for a flow has, or is known to bring.
func (j *judge) absent(m member, u use, may []string) (*gap, bool) {
	if len(may) == 0 || m.ground.akin(u) { // a package of one's own, or a name that nobody here knows
		return nil, false
	}
	if len(m.ground.direct)+len(m.ground.pinned) == 0 { // nothing is declared, or by a program
		return nil, false
	}
	out := gap{use: u, name: may[0], severity: finding.Error, file: j.target(m), other: j.elsewhere(may)}
	if u.maybe || m.ground.vague && !m.ground.locked || out.other != "" {
		out.severity = finding.Warning
	}
	return &out, true
}

// lacking gives a place where a flow runs that is known to lack the module, whatever is declared for others.
func (j *judge) lacking(m member, u use, may []string) (*Place, bool) {
	if len(may) == 0 {
		return nil, false
	}
	for _, p := range j.places[m.Entrypoint] {
		if !p.Exact || len(p.Files) == 0 {
			continue
		}
		g := j.placed(p)
		if _, _, ok := g.has(u); ok || g.vague || g.akin(u) || slices.ContainsFunc(p.Pins, func(pin Pin) bool { return slices.Contains(may, pin.Name) }) {
			continue
		}
		return p, true
	}
	return nil, false
}

// placed gives the ground of what is installed at a place: groups and extras are not.
func (j *judge) placed(p *Place) *ground {
	if g, known := j.made[p]; known {
		return g
	}
	files := make([]*dependency.File, 0, len(p.Files))
	for _, name := range p.Files {
		f := *j.read(name)
		f.Entries = slices.DeleteFunc(slices.Clone(f.Entries), func(e dependency.Entry) bool { return e.Group != "" })
		files = append(files, &f)
	}
	j.made[p] = j.grounded(files)
	return j.made[p]
}

// tell makes findings of a gap. An import that all flows with the file lack the module for is told where it stands, else at each flow.
func (j *judge) tell(g *gap) finding.List {
	module := g.shown()
	code, message := "dependency-missing", module+" is imported, but no declared package has it"
	switch {
	case g.with != "":
		code, message = "dependency-transitive", fmt.Sprintf("%s is imported, which comes with %s only", g.name, g.with)
	case g.where != "":
		message = fmt.Sprintf("%s is imported, but %s does not have %s", module, g.where, g.name)
	}
	t := told{finding.Position{File: g.use.file, Line: g.line}, message, "", added(g.name, g.file)}
	if g.other != "" {
		t.why = g.other + " names it, but not for this flow as far as is known"
	}
	if j.members[g.use.file] == len(g.flows) {
		return finding.List{t.as(code, finding.OfFile(g.use.file), "").As(g.severity)}
	}
	out := make(finding.List, 0, len(g.flows))
	for _, f := range g.flows {
		if f.File != g.use.file {
			t.Position = finding.Position{File: f.File, Line: f.Line}
			t.message = fmt.Sprintf("%s (%s:%d)", message, g.use.file, g.line)
		}
		out = append(out, t.as(code, finding.OfFlow(f.Entrypoint), f.Name).As(g.severity))
	}
	return out
}

// shown gives the module as people would name it.
func (g *gap) shown() string {
	switch same := requirement.Normal(g.top); {
	case same == g.name:
		return g.top
	case strings.HasPrefix(g.name, same+"-"): // a part of a space of names
		return g.module + " (" + g.name + ")"
	default:
		return g.top + " (" + g.name + ")"
	}
}

// none is the one note for a repository that declares nothing.
func none(modules map[string]bool) finding.List {
	var bare []string
	for _, n := range slices.Sorted(maps.Keys(modules)) {
		if modules[n] {
			bare = append(bare, n)
		}
	}
	if len(bare) == 0 {
		return nil
	}
	few, more := finding.Few(bare, 5)
	return finding.List{catalogue.New("requirements-missing", finding.Everything(), finding.Finding{
		Message: "no file says which packages the flows need; they import " + strings.Join(few, ", ") + more,
		Fix:     "write a requirements.txt beside the flow or at the repository's root, with a line for each",
	})}
}

// onceEach drops warnings that say of one file what another one says already.
func onceEach(list finding.List) finding.List {
	var out finding.List
	for _, x := range list {
		if x.Severity == finding.Error || !out.Tells(x) {
			out = append(out, x)
		}
	}
	return out
}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}
