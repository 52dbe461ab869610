package python

import "slices"

// rival is another statement that may bind a name, in place of the one that was followed.
type rival struct {
	module  *Module
	at      Place
	owner   string
	binding Binding
	dotted  string
	left    int
}

// Rivals gives where a name leads if another branch runs than the one that was followed: of if and else, or of try and except. Each may have
// rivals of its own.
func (l *Library) Rivals(o Origin) []Origin {
	var out []Origin
	for _, r := range o.rivals {
		if found, ok := l.bound(r.module, r.at, r.owner, r.binding, r.dotted, r.left); ok {
			out = append(out, found)
		}
	}
	return out
}

// contested adds what else may bind a name to where it leads.
func (*Library) contested(o Origin, m *Module, at Place, owner string, b Binding, dotted string, left int) Origin {
	known := m.Bindings(owner, headOf(dotted))
	if len(known) == 1 {
		return o
	}
	if b.Guard == Always && o.File != "" {
		return o // the body of a try, which does not fail
	}
	var rivals []rival
	for _, x := range slices.Backward(known) {
		if x.Start >= at.Offset || x.Start == b.Start || rank(x.Guard) > Otherwise {
			continue
		}
		if b.Guard == Always && (x.Start < b.Start || x.Guard != Otherwise) {
			continue
		}
		if rivals = append(rivals, rival{m, at, owner, x, dotted, left - 1}); x.Guard == Always && x.Start < b.Start || len(rivals) == mostRivals {
			break
		}
	}
	if len(rivals) > 0 {
		o.rivals = slices.Concat(rivals, o.rivals)[:min(len(rivals)+len(o.rivals), mostRivals)]
	}
	return o
}

// mostRivals bounds how many other meanings of a name are looked at.
const mostRivals = 8

// Imported gives where an import leads that stands at a place, in a function too.
func (l *Library) Imported(at Place, i Import) (Origin, bool) { return l.imported(at, i, "", farthest) }
