package draft

import (
	"context"
	"slices"

	"github.com/flowmage/flowmage/tasks/config"
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
	home     finding.Position // of what is said of it as a whole
}

// decreed gives the policies that count, and what is wrong with them.
func decreed(ctx context.Context, s *session.Session, env config.Env) (decree, finding.List) {
	list, wrong := s.Policies(ctx)
	if len(list) == 0 {
		return decree{}, wrong
	}
	return decree{list, environment(env), finding.Position{File: "envs/" + env.Name + ".yaml"}}, wrong
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
		Scope: finding.Surroundings(), Position: d.home, Input: d.input(nil),
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

// after holds the policies over deployments against those that are asked for, by a manifest that somebody wrote or by settings.
func (d decree) after(desired []plan.Desired, written bool) []policy.Verdict {
	list := d.over(setting.OverDeployment)
	if len(list) == 0 {
		return nil
	}
	subjects := make([]policy.Subject, 0, len(desired))
	flows := map[string]any{}
	for _, x := range desired {
		if flows[x.Flow.Entrypoint] == nil {
			flows[x.Flow.Entrypoint] = listed(*x.Flow)
		}
		seen, err := policy.Plain(x.Listed())
		if err != nil {
			seen = map[string]any{"name": x.Name}
		}
		s := policy.Subject{
			Name: x.Name, Scope: finding.OfFlow(x.Flow.Entrypoint), Position: finding.Position{File: x.Flow.File, Line: x.Flow.Line},
			Input: d.input(map[string]any{setting.OverDeployment: seen, setting.OverFlow: flows[x.Flow.Entrypoint]}),
		}
		if written {
			s.Scope, s.Position = finding.OfDeployment(x.Name), x.Position
		}
		subjects = append(subjects, s)
	}
	return policy.Judge(list, subjects)
}

// planned gives what the policies over the plan have against it.
func (d decree) planned(p plan.Plan) finding.List {
	list := d.over(setting.OverPlan)
	if len(list) == 0 {
		return nil
	}
	seen, err := policy.Plain(p)
	if err != nil {
		return nil
	}
	return policy.Findings(policy.Judge(list, []policy.Subject{{
		Scope: finding.Surroundings(), Position: d.home, Input: d.input(map[string]any{setting.OverPlan: seen}),
	}}))
}
