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
	file := r.file
	return func(fill func(text, key string) string) (Trigger, finding.List) {
		came := map[[2]int]string{} // texts that were filled in, by line and column
		later := &reader{file: file}
		t := later.trigger(filledNode(n, "triggers", func(n *yaml.Node, key string) string {
			filled := fill(n.Value, key)
			if filled != n.Value {
				came[[2]int{n.Line, n.Column}] = n.Value
			}
			return filled
		}))
		for i, f := range later.findings {
			from := "; its variables were filled in"
			if text, known := came[[2]int{f.Position.Line, f.Position.Column}]; known {
				from = "; the value came from " + text
			}
			later.findings[i].Message += from
		}
		return t, later.findings
	}
}

// ofRun are the keys of a trigger that are for the run which it starts, or for people.
func ofRun(key string) bool {
	return slices.Contains([]string{"triggers.parameters", "triggers.job_variables", "triggers.name", "triggers.description"}, key)
}

// filledNode gives a copy of a node in which texts are filled in.
func filledNode(n *yaml.Node, key string, fill func(n *yaml.Node, key string) string) *yaml.Node {
	n = document.Target(n)
	if ofRun(key) {
		return n
	}
	out := *n
	if n.Kind == yaml.ScalarNode && n.Tag == text {
		out.Value = fill(n, key)
		return &out
	}
	out.Content = make([]*yaml.Node, 0, len(n.Content))
	for i, c := range n.Content {
		switch {
		case n.Kind != yaml.MappingNode:
			c = filledNode(c, key, fill)
		case i%2 == 1:
			c = filledNode(c, key+"."+n.Content[i-1].Value, fill)
		}
		out.Content = append(out.Content, c)
	}
	return &out
}

// holdsVariable tells whether a variable is to be filled in below a node.
func holdsVariable(n *yaml.Node) bool {
	found := false
	filledNode(n, "triggers", func(n *yaml.Node, _ string) string {
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
