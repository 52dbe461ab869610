// Package plan decides what has to be written to a Prefect server, and writes nothing. It asks no server either, and prints nothing: what goes in and
// comes out is data, so that anybody can test, show, save or execute it.
//
// The way through it: [Flows.Resolve] joins manifest and flows into what the API shall hold ([Desired], whose fields stand in [Managed]); package live
// reads what it holds ([Live]); [Diff] compares the two into a [Plan] of an [Action] each; [Plan.Prune] adds what is left over. Package apply executes
// exactly that plan, and [Plan.Applied] gives it as it stands then.
//
// Unchanged means no write: every write makes Prefect throw away the deployment's scheduled runs (prefect deploy does it each time).
package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/canonical"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/manifest"
	"github.com/flowmage/flowmage/tasks/ownership"
	"github.com/flowmage/flowmage/tasks/plan/automations"
	"github.com/flowmage/flowmage/tasks/plan/schedules"
	"github.com/flowmage/flowmage/tasks/prefect"
)

// Op is what happens to one deployment.
type Op string

// The operations.
const (
	Create    Op = "create"
	Update    Op = "update"
	Unchanged Op = "unchanged"
	Blocked   Op = "blocked" // an error stands in the way; nothing is written
	Delete    Op = "delete"
	Leftover  Op = "leftover" // ours, asked for by nothing, and not to be deleted: prune is off, or something speaks for it
	Adopted   Op = "adopt"    // somebody else's that was made ours; no plan has it, receipts do
	Released  Op = "release"  // ours that was given back; no plan has it, receipts do
)

// Writes tells whether an apply writes something for it.
func (o Op) Writes() bool { return o == Create || o == Update || o == Delete }

// Plan is everything an apply would do. It is data: printed, written as JSON, or executed by package apply.
type Plan struct {
	Project string   `json:"project"`
	Env     string   `json:"environment"`
	API     string   `json:"api"`
	Commit  string   `json:"commit"`
	Pools   []Pool   `json:"pools,omitempty"`
	Actions []Action `json:"deployments"`

	// What an apply needs beside that. It is no part of the JSON.
	Owner    ownership.Owner      `json:"-"`
	Release  prefect.Release      `json:"-"` // of the server
	Flows    map[string]string    `json:"-"` // that exist: id to name
	Seen     []prefect.Deployment `json:"-"` // what it was made from: ours, and what has a wanted name
	takeOver string               // the command that adopts what is in the way
}

// Action is one deployment's part of the plan.
type Action struct {
	Op         Op     `json:"op"`
	Name       string `json:"name"`
	Flow       string `json:"flow"`
	Entrypoint string `json:"entrypoint"`
	ID         string `json:"id,omitempty"` // of the deployment on the server, when it exists
	// Changes are the differences of an update, or the values of a create that people want to see.
	Changes []canonical.Change `json:"changes,omitempty"`
	// Reasons are the findings that block it.
	Reasons finding.List `json:"reasons,omitempty"`
	// Notes are what people did on the server and a deploy leaves alone, such as a pause.
	Notes []string `json:"notes,omitempty"`
	// Stays says why a leftover is not deleted.
	Stays string `json:"stays,omitempty"`

	// What an apply needs beside that. It is no part of the JSON.
	Desired   Desired             `json:"-"`
	Have      *prefect.Deployment `json:"-"` // on the server, when it is ours
	Foreign   *prefect.Deployment `json:"-"` // on the server, when it blocks ours because it is nobody's
	Claimed   bool                `json:"-"` // what is on the server belongs to somebody, or a program serves it
	Fields    map[string]any      `json:"-"` // to write
	Schedules schedules.Edits     `json:"-"`
	Triggers  automations.Edits   `json:"-"`
	Release   prefect.Release     `json:"-"` // of the server
	Tag       string              `json:"-"` // of our automations; "" on servers that know none
}

// Empty tells whether applying the plan would write nothing.
func (p Plan) Empty() bool {
	return !p.WritesPools() && p.Count(Create)+p.Count(Update)+p.Count(Delete) == 0
}

// Count gives how many deployments have the operation.
func (p Plan) Count(op Op) int { return countOf(p.Actions, func(a Action) bool { return a.Op == op }) }

func countOf[T any](list []T, is func(T) bool) int {
	n := 0
	for _, x := range list {
		if is(x) {
			n++
		}
	}
	return n
}

// Summary gives one line: "1 to create, 1 to update, 1 unchanged, 0 blocked", with what is left over, if anything is.
func (p Plan) Summary() string {
	parts := []string{
		fmt.Sprintf("%d to create, %d to update, %d unchanged, %d blocked",
			p.Count(Create), p.Count(Update), p.Count(Unchanged), p.Count(Blocked)),
	}
	parts = append(parts, numbered(p.Count, Delete, Leftover)...)
	if pools := p.poolSummary(); pools != "" {
		parts = append(parts, pools)
	}
	return strings.Join(parts, ", ")
}

// numbered gives "2 to delete" for each of the operations that anything has.
func numbered(count func(Op) int, ops ...Op) []string {
	words := map[Op]string{Create: "to create", Update: "to update", Delete: "to delete", Blocked: "blocked", Leftover: "left over"}
	var out []string
	for _, op := range ops {
		if n := count(op); n > 0 {
			out = append(out, fmt.Sprintf("%d %s", n, words[op]))
		}
	}
	return out
}

// Block adds a deployment that can't be deployed because of findings in the user's files, so that the plan and the summary
// show it.
func (p *Plan) Block(name, flow, entrypoint string, reasons finding.List) {
	p.Actions = append(p.Actions, Action{Op: Blocked, Name: name, Flow: flow, Entrypoint: entrypoint, Reasons: reasons})
	p.Sort()
}

// Sort brings the deployments into the order in which people see them.
func (p *Plan) Sort() {
	slices.SortStableFunc(p.Actions, func(a, b Action) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Flow, b.Flow))
	})
}

// UsedPools gives the work pools that the plan's deployments run in, sorted.
func (p Plan) UsedPools() []string {
	var out []string
	for _, a := range p.Actions {
		if name, ok := a.Desired.Fields[FieldPool].(string); ok {
			out = append(out, name)
		}
	}
	return slices.Compact(slices.Sorted(slices.Values(out)))
}

// IDs gives the ids of the plan's deployments that are on the server, without those that are only left over or to be deleted.
func (p Plan) IDs() []string {
	var out []string
	for _, a := range p.Actions {
		if a.ID != "" && (a.Op == Update || a.Op == Unchanged) {
			out = append(out, a.ID)
		}
	}
	return out
}

// Pool gives the name of the work pool that the deployment shall run in; empty when it has none.
func (a Action) Pool() string { return a.Desired.Pool() }

// UsedQueues gives the work queues that the plan's deployments run in, sorted, by their pool's name.
func (p Plan) UsedQueues() map[string][]string {
	out := map[string][]string{}
	for _, a := range p.Actions {
		pool, queue := a.Desired.Pool(), a.Desired.Queue()
		if pool != "" && queue != "" {
			out[pool] = slices.Compact(slices.Sorted(slices.Values(append(out[pool], queue))))
		}
	}
	return out
}

// Scheduled gives the ids of existing deployments that have an active schedule of ours.
func (p Plan) Scheduled() []string {
	var out []string
	for _, a := range p.Actions {
		active := slices.ContainsFunc(a.Desired.Schedules, func(s manifest.Schedule) bool { return s.Active == nil || *s.Active })
		if a.ID != "" && active {
			out = append(out, a.ID)
		}
	}
	return out
}
