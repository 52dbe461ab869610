package command

import (
	"strings"

	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/python"
	"github.com/flowmage/flowmage/tasks/schema"
)

// listVersion is the version of the JSON that flows:list prints. It grows when a field changes its meaning or goes.
const listVersion = 1

// listed is one flow in the JSON of flows:list and flows:show. docs/flows.md describes the fields.
type listed struct {
	Name        *string           `json:"name"` // null where it can't be known without running the code
	NameExpr    string            `json:"nameExpr,omitempty"`
	File        string            `json:"file"`
	Line        int               `json:"line"`
	Function    string            `json:"function"`
	Entrypoint  string            `json:"entrypoint"`
	Async       bool              `json:"async"`
	Description string            `json:"description"`
	Parameters  []listedParameter `json:"parameters"`
	Options     map[string]any    `json:"options"`
	Loadable    bool              `json:"loadable"`
	Reason      string            `json:"reason,omitempty"`
	Version     string            `json:"version,omitempty"`
	Files       []string          `json:"files,omitempty"`
	Schema      *schema.Schema    `json:"parameterSchema,omitempty"`
	Untyped     []schema.Untyped  `json:"untyped,omitempty"`
}

// listedParameter is a parameter as the source has it.
type listedParameter struct {
	Name       string  `json:"name"`
	Kind       string  `json:"kind"`
	Annotation *string `json:"annotation"`
	Default    *string `json:"default"`
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
	for _, p := range parameters(f) {
		x.Parameters = append(x.Parameters, listedParameter{p.Name, kindWord(p.Kind), written(p.Annotation), written(p.Default)})
	}
	if f.Loadable && f.Module != nil {
		s, untyped := schema.Of(f.Sources(), f.Source, f.Dir(), f.Definition)
		x.Schema, x.Untyped = &s, untyped
	}
	return x
}

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

func written(e python.Expr) *string {
	if e.Absent() {
		return nil
	}
	return &e.Text
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
