package flow

import "github.com/flowmage/flowmage/tasks/parameter"

// Listed is one flow as JSON has it: in flows:list and flows:show, and for policies. docs/flows.md describes the fields.
type Listed struct {
	Name        *string             `json:"name"` // null where it can't be known without running the code
	NameExpr    string              `json:"nameExpr,omitempty"`
	File        string              `json:"file"`
	Line        int                 `json:"line"`
	Function    string              `json:"function"`
	Entrypoint  string              `json:"entrypoint"`
	Async       bool                `json:"async"`
	Description string              `json:"description"`
	Parameters  []ListedParameter   `json:"parameters"`
	Options     map[string]any      `json:"options"`
	Loadable    bool                `json:"loadable"`
	Reason      string              `json:"reason,omitempty"`
	Version     string              `json:"version,omitempty"`
	Files       []string            `json:"files,omitempty"`
	Schema      *parameter.Schema   `json:"parameterSchema,omitempty"`
	Untyped     []parameter.Untyped `json:"untyped,omitempty"`
}

// ListedParameter is a parameter as the source has it.
type ListedParameter struct {
	Name       string        `json:"name"`
	Kind       ParameterKind `json:"kind"`
	Annotation *string       `json:"annotation"`
	Default    *string       `json:"default"`
}

// unknown is an option whose value is not a constant.
type unknown struct {
	Expr string `json:"expr"`
}

// ListedOf gives a flow as JSON has it.
func ListedOf(f Flow) Listed {
	x := Listed{
		File: f.File, Line: f.Line, Function: f.Function, Entrypoint: f.Entrypoint, Async: f.Async, Description: f.Description,
		NameExpr: f.NameExpr, Options: map[string]any{}, Loadable: f.Loadable, Reason: f.Reason, Version: f.Version, Files: f.Files,
		Parameters: []ListedParameter{},
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
		x.Parameters = append(x.Parameters, ListedParameter{p.Name, p.Kind, written(p.Annotation), written(p.Default)})
	}
	if f.Loadable && f.Schema != "" {
		s := f.Schema.Open()
		x.Schema, x.Untyped = &s, f.Untyped
	}
	return x
}

// written gives a text, nil for none.
func written(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
