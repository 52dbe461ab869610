package inventory

import (
	"strings"

	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/python"
)

// parameters gives what a run of the flow can be given: not the class of a class method.
func parameters(f flow.Flow) []python.Parameter {
	if f.Definition == nil {
		return nil
	}
	all := f.Definition.Parameters
	for _, d := range f.Definition.Decorators {
		if d.Text == "classmethod" && len(all) > 0 {
			return all[1:]
		}
	}
	return all
}

func kindWord(k python.ParameterKind) string {
	switch k {
	case python.PositionalOnly:
		return "positional-only"
	case python.PositionalOrKeyword:
		return "positional-or-keyword"
	case python.VarPositional:
		return "var-positional"
	case python.KeywordOnly:
		return "keyword-only"
	case python.VarKeyword:
		return "var-keyword"
	default:
		return ""
	}
}

// signature gives the parameters on one line: `day, limit=25, *rest`.
func signature(f flow.Flow) string {
	parameters := parameters(f)
	parts := make([]string, 0, len(parameters))
	for _, p := range parameters {
		text := map[python.ParameterKind]string{python.VarPositional: "*", python.VarKeyword: "**"}[p.Kind] + p.Name
		if !p.Default.Absent() {
			text += "=" + strings.Join(strings.Fields(p.Default.Text), " ")
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, ", ")
}

func oneLine(text, empty string) string {
	if text == "" {
		return empty
	}
	return strings.Join(strings.Fields(text), " ")
}

// definition gives a def's first line as Python would write it.
func definition(f flow.Flow) string {
	parts := []string{}
	starred, slash := false, false
	for _, p := range parameters(f) {
		if slash && p.Kind != 0 {
			parts = append(parts, "/")
		}
		word := kindWord(p.Kind)
		slash = word == "positional-only"
		if word == "keyword-only" && !starred {
			parts, starred = append(parts, "*"), true
		}
		starred = starred || word == "var-positional"
		text := map[string]string{"var-positional": "*", "var-keyword": "**"}[word] + p.Name
		equals := "="
		if !p.Annotation.Absent() {
			text += ": " + oneLine(p.Annotation.Text, "")
			equals = " = "
		}
		if !p.Default.Absent() {
			text += equals + oneLine(p.Default.Text, "")
		}
		parts = append(parts, text)
	}
	if slash {
		parts = append(parts, "/")
	}
	text := "def " + f.Definition.Name + "(" + strings.Join(parts, ", ") + ")"
	if f.Async {
		text = "async " + text
	}
	if !f.Definition.Returns.Absent() {
		text += " -> " + oneLine(f.Definition.Returns.Text, "")
	}
	return text
}
