package manifest

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/flowmage/flowmage/tasks/document"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/schedule"
)

// labels reads what resources are matched by: a text or a list of texts for each label.
func (r *reader) labels(n *yaml.Node, key string) map[string]any {
	if n.Kind != yaml.MappingNode {
		r.Fail(n, key, wrongType, "write a mapping: {label: value}", "%s must be a mapping, this is %s", key, document.Kind(n))
		return map[string]any{}
	}
	out := map[string]any{}
	for _, e := range r.entries(n) {
		if e.Value.Kind == yaml.SequenceNode {
			out[e.Name] = r.set(e.Value, key+"."+e.Name)
			continue
		}
		out[e.Name] = r.text(e.Value, key+"."+e.Name)
	}
	return out
}

func (r *reader) set(n *yaml.Node, key string) []any {
	r.filled(n, key)
	words := r.texts(n, key)
	out := make([]any, 0, len(words))
	for _, word := range words {
		out = append(out, word)
	}
	return out
}

// word reads one of some words.
func (r *reader) word(n *yaml.Node, key string, words ...string) string {
	s := r.text(n, key)
	if n.Tag == textTag && !slices.Contains(words, s) {
		r.Fail(n, key, "word-unknown", "write one of "+strings.Join(words, ", "), "%s can't be %q", key, s)
	}
	return s
}

// span reads a time in seconds, as number, PT1M or 0:01:00.
func (r *reader) span(n *yaml.Node, key string) float64 {
	if n.Tag == textTag {
		if seconds, ok := schedule.Interval(n.Value); ok {
			return seconds
		}
		r.Fail(n, key, "interval", "write seconds (60), PT1M, or 0:01:00", "%s must be a time, this is %s", key, document.Kind(n))
		return 0
	}
	seconds := r.number(n, key)
	if seconds < 0 {
		r.Fail(n, key, "value-range", "use 0 or more", "%s can't be less than zero", key)
	}
	return seconds
}

func (r *reader) number(n *yaml.Node, key string) float64 {
	var f float64
	if n.Kind == yaml.ScalarNode && n.Tag == textTag {
		if parsed, err := strconv.ParseFloat(strings.TrimSpace(n.Value), 64); err == nil && !math.IsInf(parsed, 0) && !math.IsNaN(parsed) { // as pydantic reads it
			return parsed
		}
	}
	if n.Kind != yaml.ScalarNode || n.Tag != integer && n.Tag != floating || n.Decode(&f) != nil {
		r.Fail(n, key, wrongType, "write a number", "%s must be a number, this is %s", key, document.Kind(n))
	}
	return f
}

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
	out.Name = cmp.Or(out.Name, t.Name)
	for _, f := range findings {
		f.Subject, f.Scope = r.name, r.scope
		r.findings = append(r.findings, f)
	}
	return out
}
