package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/flow"
)

// Neighbour is an environment of the repository among those whose deployments go to one server.
type Neighbour struct {
	Env    config.Env
	Flows  []flow.Flow // that it deploys from
	Server string      // where its server is named
}

// Neighbours reports deployments that another environment on the same server has under the same name: a server keeps one for each flow and
// name, so the two environments would take it from each other.
func Neighbours(one Neighbour, others []Neighbour) finding.List {
	out := make(finding.List, 0, len(others))
	for _, other := range others {
		out = append(out, clashes(one, other)...)
	}
	return out
}

// clashes compares with one environment. What concerns every flow is told once.
func clashes(one, other Neighbour) finding.List {
	theirs := map[[2]string]flow.Flow{}
	for _, f := range other.Flows {
		for _, name := range deploymentNames(other.Env, f) {
			theirs[[2]string{f.Name, name}] = f
		}
	}
	var out finding.List
	enabled := 0
	for _, f := range one.Flows {
		names := deploymentNames(one.Env, f)
		if len(names) == 0 {
			continue
		}
		enabled++
		for _, name := range names {
			if g, taken := theirs[[2]string{f.Name, name}]; taken {
				out = append(out, clash(one, other, f, g, name))
				break
			}
		}
	}
	first := func(x finding.Finding) bool { return x.Position != out[0].Position }
	if len(out) < 2 || len(out) < enabled || slices.ContainsFunc(out, first) {
		return out
	}
	all := out[0]
	all.Scope, all.Subject, all.Message = finding.Everything(), "", fmt.Sprintf("%s; so do %d more", all.Message, len(out)-1)
	return finding.List{all}
}

// deploymentNames gives the names of a flow's deployments; none when it has none.
func deploymentNames(env config.Env, f flow.Flow) []string {
	s := env.Settings(f.Names()...)
	if !s.Enabled {
		return nil
	}
	out := make([]string, 0, len(s.Kinds))
	for _, k := range s.Kinds {
		out = append(out, s.DeploymentName(f.Slug(), k))
	}
	return out
}

func clash(one, other Neighbour, f, g flow.Flow, name string) finding.Finding {
	return catalogue.New("deployment-name-shared", finding.OfFlow(f.Entrypoint), finding.Finding{
		Position: one.Env.FlowOrigin("naming", f.Names()...).Position, Subject: f.Name,
		Message: fmt.Sprintf("%s and %s both have a deployment %s/%s on one server (%s; %s), which %s names at %s",
			one.Env.Name, other.Env.Name, f.Name, name, one.Server, other.Server, other.Env.Name, placeOf(other.Env.FlowOrigin("naming", g.Names()...))),
		Fix: "put {env} into `naming`, or give one of the environments another server",
	})
}

// placeOf shows the place of a setting, or the variable that it came from.
func placeOf(at config.Origin) string {
	if strings.HasPrefix(at.File, "<") && at.Key != "" {
		return at.Key
	}
	return at.String()
}
