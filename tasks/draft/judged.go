package draft

import (
	"slices"

	"github.com/flowmage/flowmage/tasks/check"
	"github.com/flowmage/flowmage/tasks/document"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/kind"
	"github.com/flowmage/flowmage/tasks/pool"
	"github.com/flowmage/flowmage/tasks/session"
	"github.com/flowmage/flowmage/tasks/verdict"
)

// Judged is a [Read] repository with every rule held against it.
type Judged struct {
	Read
	Ready   []flow.Flow // those that go on
	Blocked []Block     // of all stages so far
	Pools   []pool.Pool // that the deployments may go to

	law    verdict.Law    // what settings and comments say of findings
	clone  check.Clone    // what git says of code that workers clone
	values session.Values // what {{ $NAME }} stands for
	decree decree         // the team's own rules
	told   finding.List   // what they said of deployments when last rendered
}

// Block is a deployment that errors stand in the way of, or a file that may hold some.
type Block struct {
	Name       string // the deployment's, or the file's; empty where an entry of a manifest has none
	Flow       string // empty where it is not known
	Entrypoint string // empty where it is not known
	Reasons    finding.List
	policed    bool // by policies over deployments, which judge anew what is rendered anew
}

// judge holds the rules that need no server against flows, settings and what is around them. What settings and comments say of the findings holds
// from here on.
func judge(r Read, a Around) Judged {
	j := Judged{Read: r, Pools: a.Pools, law: a.Law, clone: a.Clone, values: a.Values, decree: a.decree}
	filled := func(v any) any { return document.FillValue(v, a.Values.Lookup) }
	j.Findings = a.Law.Judge(slices.Concat(r.Findings, a.Findings, check.Filled(r.Env, a.Values.Lookup), check.Settings(r.Env, r.Flows, filled), check.Code(r.Env, r.Flows, a.Clone),
		check.Neighbours(check.Neighbour{Env: r.Env, Flows: r.Flows, Server: a.At}, a.Neighbours), a.decree.before(r.Env, r.Flows)))
	j.Ready, j.Blocked = gate(r, j.Findings)
	return j
}

// gate parts the selected flows into those that may go on and blocked ones. A file that can't be read counts as blocked, because it may
// well hold a flow, unless only some flows were asked for.
func gate(r Read, findings finding.List) (ready []flow.Flow, blocked []Block) {
	for _, f := range r.Selected {
		settings := r.Env.Settings(f.Names()...)
		if !settings.Enabled {
			continue
		}
		reasons := check.Blocking(findings, f)
		if len(reasons) == 0 {
			ready = append(ready, f)
			continue
		}
		blocked = append(blocked, r.blocks(f, settings.Kinds, reasons)...)
	}
	if len(r.Options.Only) > 0 {
		return ready, blocked
	}
	for _, file := range r.Unreadable {
		reasons := slices.DeleteFunc(slices.Clone(findings), func(f finding.Finding) bool { return f.Position.File != file })
		blocked = append(blocked, Block{Name: file, Entrypoint: file, Reasons: reasons})
	}
	return ready, blocked
}

// blocks gives a flow's deployments of some kinds as blocked.
func (r Read) blocks(f flow.Flow, kinds []kind.Kind, reasons finding.List) []Block {
	out := make([]Block, 0, len(kinds))
	for _, name := range r.Deployments(f, kinds) {
		out = append(out, Block{Name: name, Flow: f.Name, Entrypoint: f.Entrypoint, Reasons: reasons})
	}
	return out
}
