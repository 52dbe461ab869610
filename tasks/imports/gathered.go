package imports

import (
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/flow"
)

// gathered holds what is wrong, each thing once, with the flows that it is about.
type gathered struct {
	order []told
	of    map[told]*concerned
}

type concerned struct {
	severity finding.Severity
	flows    map[*flow.Flow]bool
}

// add takes in what is wrong for some flows. Said of several places, the worst counts.
func (g *gathered) add(t told, s finding.Severity, flows []*flow.Flow) {
	if g.of == nil {
		g.of = map[told]*concerned{}
	}
	c, known := g.of[t]
	if !known {
		c = &concerned{flows: map[*flow.Flow]bool{}}
		g.of[t], g.order = c, append(g.order, t)
	}
	c.severity = max(c.severity, s)
	for _, f := range flows {
		c.flows[f] = true
	}
}

// findings tells all of it.
func (g *gathered) findings(j *judge, code string) finding.List {
	var out finding.List
	for _, t := range g.order {
		c := g.of[t]
		flows := make([]*flow.Flow, 0, len(c.flows))
		for i := range j.Flows {
			if c.flows[&j.Flows[i]] {
				flows = append(flows, &j.Flows[i])
			}
		}
		if j.members[t.File] == len(flows) { // of whatever else is in the file, too
			out = append(out, t.as(code, finding.OfFile(t.File), "").As(c.severity))
			continue
		}
		for _, x := range j.about(code, flows, t) {
			out = append(out, x.As(c.severity))
		}
	}
	return out
}
