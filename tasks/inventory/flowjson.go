package inventory

import (
	"cmp"

	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/kind"
	"github.com/flowmage/flowmage/tasks/parameter"
	"github.com/flowmage/flowmage/tasks/session"
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

// deployment is one that the settings make of a flow.
type deployment struct {
	Name string    `json:"name"`
	Kind kind.Kind `json:"kind"`
	Pool string    `json:"pool"`
}

// flowsJSON prints flows for programs.
func flowsJSON(s *session.Session, root string, all bool, flows []flow.Flow, result flow.Result) error {
	out := struct {
		Version  int            `json:"version"`
		Root     string         `json:"root"`
		Flows    []listed       `json:"flows"`
		LeftOut  []flow.LeftOut `json:"leftOut,omitempty"`
		Findings finding.List   `json:"findings"`
	}{Version: listVersion, Root: cmp.Or(root, "."), Flows: []listed{}, Findings: append(finding.List{}, result.Findings...)}
	if all {
		out.LeftOut = result.LeftOut
	}
	for _, f := range flows {
		out.Flows = append(out.Flows, listedOf(f))
	}
	return s.Console.JSON(out)
}

// flowJSON prints all of one flow for programs.
func flowJSON(s *session.Session, f flow.Flow, deployments []deployment) error {
	return s.Console.JSON(struct {
		listed
		Deployments []deployment `json:"deployments"`
	}{listedOf(f), deployments})
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
