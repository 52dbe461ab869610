package imports

import (
	"fmt"

	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/requirement"
)

// conditions holds what projects ask of Python against the Python of the places where their flows run.
func (j *judge) conditions() finding.List {
	var out gathered
	for i := range j.Places {
		p := &j.Places[i]
		these, ok := requirement.ParseSet("==" + p.Python + ".*")
		if p.Python == "" || !ok {
			continue
		}
		for _, f := range j.of(p.Flows) {
			for _, file := range j.groundOf(f).files {
				for _, c := range file.Pythons {
					if c.Set.Meets(these) {
						continue
					}
					out.add(told{
						finding.Position{File: c.File, Line: c.Line},
						fmt.Sprintf("the project wants Python %s, and %s has %s", c.Set, p.Name, p.Python),
						"what is written for another Python may not even load there", "change the Python there, or what the project wants",
					}, p.severity(), []*flow.Flow{f})
				}
			}
		}
	}
	return out.findings(j, "requires-python")
}
