package draft

import (
	"context"
	"slices"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/policy"
	"github.com/flowmage/flowmage/tasks/session"
	"github.com/flowmage/flowmage/tasks/setting"
)

// decree holds a team's own rules, and what they see of the environment. The zero value has none.
type decree struct {
	policies []policy.Policy
	env      map[string]any
}

// decreed gives the policies that count, and what is wrong with them.
func decreed(ctx context.Context, s *session.Session, env config.Env) (decree, finding.List) {
	list, wrong := s.Policies(ctx)
	if len(list) == 0 {
		return decree{}, wrong
	}
	return decree{list, environment(env)}, wrong
}

// environment is what policies see of the settings. What `mage env:show -json` prints is among it.
func environment(env config.Env) map[string]any {
	settings, err := policy.Plain(env.Explain())
	if err != nil {
		settings = []any{}
	}
	return map[string]any{"name": env.Name, "project": env.Project, "server": env.Server.URL, "settings": settings}
}

// over gives the policies over something.
func (d decree) over(word string) []policy.Policy { return policy.Of(d.policies, word) }

// input gives what policies see, from the values of words beside the environment's.
func (d decree) input(values map[string]any) policy.Input {
	return policy.Empty().Over(map[string]any{setting.OverEnvironment: d.env}).Over(values)
}

// before holds the policies over environment and flows, which are known before anything is rendered.
func (d decree) before(env config.Env, flows []flow.Flow) finding.List {
	if len(d.policies) == 0 {
		return nil
	}
	out := policy.Findings(policy.Judge(d.over(setting.OverEnvironment), []policy.Subject{{
		Scope: finding.Surroundings(), Position: finding.Position{File: "envs/" + env.Name + ".yaml"}, Input: d.input(nil),
	}}))
	list := d.over(setting.OverFlow)
	if len(list) == 0 {
		return out
	}
	var subjects []policy.Subject
	for _, f := range flows {
		if env.Settings(f.Names()...).Enabled {
			subjects = append(subjects, policy.Subject{
				Name: f.Name, Scope: finding.OfFlow(f.Entrypoint), Position: finding.Position{File: f.File, Line: f.Line}, Input: d.input(map[string]any{setting.OverFlow: listed(f)}),
			})
		}
	}
	return slices.Concat(out, policy.Findings(policy.Judge(list, subjects)))
}

// listed gives a flow as policies see it.
func listed(f flow.Flow) any {
	v, err := policy.Plain(flow.ListedOf(f))
	if err != nil {
		return map[string]any{"name": f.Name}
	}
	return v
}

// policed holds the policies over deployments against those that are asked for, and blocks what they refuse.
func (r Rendered) policed() Rendered {
	list := r.decree.over(setting.OverDeployment)
	if len(list) == 0 || len(r.Desired) == 0 {
		return r
	}
	said := policy.Rules(list)
	r.Blocked = slices.DeleteFunc(slices.Clone(r.Blocked), func(b Block) bool { return b.policed })
	r.Findings = r.Findings.Where(func(f finding.Finding) bool { return said[f.Code].Means == "" })
	subjects := make([]policy.Subject, 0, len(r.Desired))
	flows := map[string]any{}
	for _, d := range r.Desired {
		if flows[d.Flow.Entrypoint] == nil {
			flows[d.Flow.Entrypoint] = listed(*d.Flow)
		}
		seen, err := policy.Plain(d.Listed())
		if err != nil {
			seen = map[string]any{"name": d.Name}
		}
		s := policy.Subject{
			Name: d.Name, Scope: finding.OfFlow(d.Flow.Entrypoint), Position: finding.Position{File: d.Flow.File, Line: d.Flow.Line},
			Input: r.decree.input(map[string]any{setting.OverDeployment: seen, setting.OverFlow: flows[d.Flow.Entrypoint]}),
		}
		if r.Options.File != "" {
			s.Scope, s.Position = finding.OfDeployment(d.Name), d.Position
		}
		subjects = append(subjects, s)
	}
	return r.refused(policy.Judge(list, subjects))
}

// refused takes out deployments that policies refuse, as settings and comments have it.
func (r Rendered) refused(all []policy.Verdict) Rendered {
	reasons := make([]finding.List, len(r.Desired))
	r.Findings = slices.Clip(r.Findings)
	for _, v := range all {
		told := r.law.Apply(finding.List{v.Finding})
		r.Findings = append(r.Findings, told...)
		for i := range reasons {
			if told.HasErrors() && (v.Subject == i || v.Subject < 0) {
				reasons[i] = append(reasons[i], told...)
			}
		}
	}
	r.judged = r.Desired
	kept := make([]plan.Desired, 0, len(r.Desired))
	r.Blocked = slices.Clip(r.Blocked)
	for i, d := range r.Desired {
		if len(reasons[i]) == 0 {
			kept = append(kept, d)
			continue
		}
		r.Blocked = append(r.Blocked, Block{Name: d.Name, Flow: d.Flow.Name, Entrypoint: d.Flow.Entrypoint, Reasons: reasons[i], policed: true})
	}
	r.Desired = kept
	return r
}

// planned gives what the policies over the plan have against it.
func (c Compared) planned() finding.List {
	list := c.decree.over(setting.OverPlan)
	if len(list) == 0 {
		return nil
	}
	seen, err := policy.Plain(c.Plan)
	if err != nil {
		return nil
	}
	return c.law.Apply(policy.Findings(policy.Judge(list, []policy.Subject{{
		Scope: finding.Surroundings(), Position: finding.Position{File: "envs/" + c.Env.Name + ".yaml"}, Input: c.decree.input(map[string]any{setting.OverPlan: seen}),
	}})))
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

// Seen gives what policies see, as JSON; of what is blocked otherwise they see no deployment. docs/policies.md describes it.
func (r Rendered) Seen() any {
	flows, deployments := make([]any, 0, len(r.Flows)), make([]any, 0, len(r.Desired))
	for _, f := range r.Flows {
		flows = append(flows, listed(f))
	}
	all := r.judged
	if all == nil {
		all = r.Desired
	}
	for _, d := range all {
		deployments = append(deployments, d.Listed())
	}
	return map[string]any{"version": policy.Version, "environment": environment(r.Env), "flows": flows, "deployments": deployments}
}
