package command

import (
	"strings"

	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/parameter"
)

// listVersion is the version of the JSON that flows:list prints. It grows when a field changes its meaning or goes.
const listVersion = 1

// listed is one flow in the JSON of flows:list and flows:show. docs/flows.md describes the fields.
type listed struct {
	Name        *string             `json:"name"` // null where it can't be known without running the code
	NameExpr    string              `json:"nameExpr,omitempty"`
	File        string              `json:"file"`
	Line        int                 `json:"line"`
	Function    string              `json:"function"`
	Entrypoint  string              `json:"entrypoint"`
	Async       bool                `json:"async"`
	Description string              `json:"description"`
	Parameters  []listedParameter   `json:"parameters"`
	Options     map[string]any      `json:"options"`
	Loadable    bool                `json:"loadable"`
	Reason      string              `json:"reason,omitempty"`
	Version     string              `json:"version,omitempty"`
	Files       []string            `json:"files,omitempty"`
	Schema      *parameter.Schema   `json:"parameterSchema,omitempty"`
	Untyped     []parameter.Untyped `json:"untyped,omitempty"`
}

// listedParameter is a parameter as the source has it.
type listedParameter struct {
	Name       string             `json:"name"`
	Kind       flow.ParameterKind `json:"kind"`
	Annotation *string            `json:"annotation"`
	Default    *string            `json:"default"`
}

// unknown is an option whose value is not a constant.
type unknown struct {
	Expr string `json:"expr"`
}

func listedOf(f flow.Flow) listed {
	x := listed{
		File: f.File, Line: f.Line, Function: f.Function, Entrypoint: f.Entrypoint, Async: f.Async, Description: f.Description,
		NameExpr: f.NameExpr, Options: map[string]any{}, Loadable: f.Loadable, Reason: f.Reason, Version: f.Version, Files: f.Files,
		Parameters: []listedParameter{},
	}
	if f.NameExpr == "" {
		x.Name = &f.Name
	}
	for _, o := range f.Options {
		x.Options[o.Name] = o.Value
		if !o.Known {
			x.Options[o.Name] = unknown{o.Text}
		}
	}
	for _, p := range f.Given() {
		x.Parameters = append(x.Parameters, listedParameter{p.Name, p.Kind, written(p.Annotation), written(p.Default)})
	}
	if f.Loadable && f.Schema != "" {
		s := f.Schema.Open()
		x.Schema, x.Untyped = &s, f.Untyped
	}
	return x
}

func written(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// stars gives what stands in front of a parameter that takes several arguments.
func stars(p flow.Parameter) string {
	return map[flow.ParameterKind]string{flow.VarPositional: "*", flow.VarKeyword: "**"}[p.Kind]
}

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
