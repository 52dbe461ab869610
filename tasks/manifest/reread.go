package manifest

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/flowmage/flowmage/tasks/document"
	"github.com/flowmage/flowmage/tasks/finding"
)

// again gives how a trigger is read once its placeholders can be filled in: Prefect looks at its numbers and truth values only then. What a
// run is given is left alone here.
func (r *reader) again(n *yaml.Node) func(fill func(text, key string) string) (Trigger, finding.List) {
	file := r.File
	return func(fill func(text, key string) string) (Trigger, finding.List) {
		came := map[[2]int]string{} // texts that were filled in, by line and column
		later := &reader{Reader: document.Reader{File: file, Rules: catalogue}}
		t := later.trigger(document.Filled(n, "triggers", ofRun, func(n *yaml.Node, key string) string {
			filled := fill(n.Value, key)
			if filled != n.Value {
				came[[2]int{n.Line, n.Column}] = n.Value
			}
			return filled
		}))
		for i, f := range later.Findings {
			from := "; its variables were filled in"
			if text, known := came[[2]int{f.Position.Line, f.Position.Column}]; known {
				from = "; the value came from " + text
			}
			later.Findings[i].Message += from
		}
		return t, later.Findings
	}
}

// ofRun are the keys of a trigger that are for the run which it starts, or for people.
func ofRun(key string) bool {
	return slices.Contains([]string{"triggers.parameters", "triggers.job_variables", "triggers.name", "triggers.description"}, key)
}

// holdsVariable tells whether a variable is to be filled in below a node.
func holdsVariable(n *yaml.Node) bool {
	found := false
	document.Filled(n, "triggers", ofRun, func(n *yaml.Node, _ string) string {
		found = found || strings.Contains(n.Value, "{{") && strings.Contains(n.Value, "$")
		return n.Value
	})
	return found
}

// reread judges a trigger with its variables filled in.
func (r *resolving) reread(t Trigger) Trigger {
	out, findings := t.Again(r.text)
	if out.Name == "" {
		out.Name = t.Name
	}
	for _, f := range findings {
		f.Subject, f.Scope = r.name, finding.OfDeployment(r.name)
		r.findings = append(r.findings, f)
	}
	return out
}
