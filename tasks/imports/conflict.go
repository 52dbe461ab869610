package imports

import (
	"fmt"
	"slices"

	"github.com/flowmage/flowmage/tasks/dependency"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/requirement"
)

// conflicts finds requirements that leave no version: in one file with all that it includes, and between files that end in one place.
func (j *judge) conflicts() finding.List {
	var out gathered
	for _, name := range j.declaring {
		if f, read := j.files[name]; read && !f.Lock {
			for _, t := range clashes(f.Entries, nil, Place{}) {
				out.add(t, finding.Error, j.below[home(name)])
			}
		}
	}
	for i := range j.Places {
		p := &j.Places[i]
		if !p.Exact {
			continue
		}
		entries := make([]dependency.Entry, 0, len(p.Files))
		for _, name := range p.Files {
			entries = append(entries, j.read(name).Entries...)
		}
		for _, t := range clashes(entries, p.Pins, *p) {
			out.add(t, p.severity(), j.of(p.Flows))
		}
	}
	return out.findings(j, "dependency-conflict")
}

// severity is that of what is wrong at the place: elsewhere its flows may run.
func (p *Place) severity() finding.Severity {
	if p.Partly {
		return finding.Warning
	}
	return finding.Error
}

// clashes finds pairs of requirements for one package, and requirements that a pin does not fulfil: of each package the first, as the others say the same of more
// lines. What counts under a condition that may not hold is left out.
func clashes(entries []dependency.Entry, pins []Pin, p Place) []told {
	var out []told
	counted, done := map[string][]dependency.Entry{}, map[string]bool{}
	in := requirement.Python(p.Python, p.Platform)
	for _, e := range entries {
		if e.Known == "" || e.Group != "" || e.Own || len(e.Set) == 0 || done[e.Known] || e.Wanted(in) != requirement.Yes {
			continue
		}
		t, clash := against(e, counted[e.Known], pins, p.Name)
		if done[e.Known] = clash; clash {
			out = append(out, t)
		}
		if !slices.ContainsFunc(counted[e.Known], func(o dependency.Entry) bool { return o.Set.String() == e.Set.String() }) {
			counted[e.Known] = append(counted[e.Known], e)
		}
	}
	return out
}

// against tells what a requirement can't be met together with, if anything.
func against(e dependency.Entry, others []dependency.Entry, pins []Pin, at string) (told, bool) {
	here := finding.Position{File: e.File, Line: e.Line}
	for _, other := range others {
		if !e.Set.Meets(other.Set) {
			return told{here, fmt.Sprintf("%s can't be met together with %s at %s", e.Text, other.Text, other.Where()), "", "change one of the two lines"}, true
		}
	}
	for _, pin := range pins {
		if pin.Name == e.Known && !e.Set.Takes(pin.Version) {
			return told{
				here, fmt.Sprintf("%s can't be met in %s, which has %s==%s from Prefect's lock", e.Text, at, pin.Name, pin.Version), "",
				"loosen the requirement so that the locked version fits",
			}, true
		}
	}
	return told{}, false
}

// of gives flows by their entrypoints.
func (j *judge) of(entrypoints []string) []*flow.Flow {
	out := make([]*flow.Flow, 0, len(entrypoints))
	for _, name := range entrypoints {
		if f := j.entries[name]; f != nil {
			out = append(out, f)
		}
	}
	return out
}
