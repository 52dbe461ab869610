package draft

import (
	"slices"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/kind"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/session"
)

// Compared is what the repository wants beside what the server holds, and the plan that follows.
type Compared struct {
	Rendered
	Server session.Server
	Live   plan.Live
	Plan   plan.Plan
	// Policed is what the policies over the plan say of it.
	Policed finding.List
}

// compare makes the plan for code of a commit.
func compare(r Rendered, to session.Server, state plan.Live, commit string) (Compared, error) {
	c := Compared{Rendered: r, Server: to, Live: state}
	var err error
	if c.Plan, err = plan.Diff(r.Owner(), r.Desired, state); err != nil {
		return c, err
	}
	c.Plan.Commit = commit
	if len(r.Options.Flags) == 0 { // a preview's deployments have names of their own, and no command line to adopt by
		c.Plan.TakeOver(r.Options.adopting(r.Env.Name))
	}
	for _, b := range r.Blocked {
		c.Plan.Block(b.Name, b.Flow, b.Entrypoint, b.Reasons)
	}
	if len(r.Options.Only) == 0 && (r.Options.File == "" || r.Options.Project != "") {
		c.Plan.Prune(state, r.prune())
	}
	return c, nil
}

// prune says what may be deleted, where nothing asks for it any more. What was skipped is still asked for.
func (r Rendered) prune() plan.Prune {
	kinds := r.Env.AllKinds()
	if len(r.Skips) > 0 {
		kinds = r.Env.Without(kind.Imaged(kinds)...).AllKinds()
	}
	return plan.Prune{
		On: r.Options.Prune || r.Env.Prune, Kinds: kinds, Unreadable: r.Unreadable,
		Protected: func(flow string) bool { return r.Env.Settings(Names(r.Flows, flow)...).Protected() },
		Pools:     r.Options.File == "", Held: r.Env.Protected(),
	}
}

// Refusal is the error for a plan that a policy refuses as a whole, or nil.
func (c Compared) Refusal() error {
	if !c.Policed.HasErrors() {
		return nil
	}
	codes := []string{}
	for _, f := range c.Policed.Sorted() {
		if f.Severity == finding.Error && !slices.Contains(codes, f.Code) {
			codes = append(codes, f.Code)
		}
	}
	return &fault.Error{
		Code: fault.Findings, What: "the plan is refused by " + finding.Names(codes), Why: "nothing was written", Next: "correct what is listed above; `mage verify:rules CODE` explains a policy",
	}
}
