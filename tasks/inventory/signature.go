package inventory

import (
	"strings"

	"github.com/flowmage/flowmage/tasks/flow"
)

// signature gives the parameters on one line: `day, limit=25, *rest`.
func signature(f flow.Flow) string {
	parameters := f.Given()
	parts := make([]string, 0, len(parameters))
	for _, p := range parameters {
		text := stars(p) + p.Name
		if p.Default != "" {
			text += "=" + oneLine(p.Default, "")
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, ", ")
}

// stars gives what stands in front of a parameter that takes several arguments.
func stars(p flow.Parameter) string {
	return map[flow.ParameterKind]string{flow.VarPositional: "*", flow.VarKeyword: "**"}[p.Kind]
}

// definition gives a def's first line as Python would write it.
func definition(f flow.Flow) string {
	parts := []string{}
	starred, slash := false, false
	for _, p := range f.Given() {
		if slash && p.Kind != flow.PositionalOnly {
			parts = append(parts, "/")
		}
		slash = p.Kind == flow.PositionalOnly
		if p.Kind == flow.KeywordOnly && !starred {
			parts, starred = append(parts, "*"), true
		}
		starred = starred || p.Kind == flow.VarPositional
		text := stars(p) + p.Name
		equals := "="
		if p.Annotation != "" {
			text += ": " + oneLine(p.Annotation, "")
			equals = " = "
		}
		if p.Default != "" {
			text += equals + oneLine(p.Default, "")
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
	if f.Definition.Returns != "" {
		text += " -> " + oneLine(f.Definition.Returns, "")
	}
	return text
}

func oneLine(text, empty string) string {
	if text == "" {
		return empty
	}
	return strings.Join(strings.Fields(text), " ")
}
