package inventory

import (
	"cmp"

	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/kind"
	"github.com/flowmage/flowmage/tasks/session"
)

// listVersion is the version of the JSON that flows:list prints. It grows when a field changes its meaning or goes.
const listVersion = 1

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
		Flows    []flow.Listed  `json:"flows"`
		LeftOut  []flow.LeftOut `json:"leftOut,omitempty"`
		Findings finding.List   `json:"findings"`
	}{Version: listVersion, Root: cmp.Or(root, "."), Flows: []flow.Listed{}, Findings: append(finding.List{}, result.Findings...)}
	if all {
		out.LeftOut = result.LeftOut
	}
	for _, f := range flows {
		out.Flows = append(out.Flows, flow.ListedOf(f))
	}
	return s.Console.JSON(out)
}

// flowJSON prints all of one flow for programs.
func flowJSON(s *session.Session, f flow.Flow, deployments []deployment) error {
	return s.Console.JSON(struct {
		flow.Listed
		Deployments []deployment `json:"deployments"`
	}{flow.ListedOf(f), deployments})
}
