package draft

import (
	"fmt"
	"slices"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/plan"
)

// ServedName is the name of the deployment that a flow is served as: never that of one in a work pool, which Prefect's runner would take
// out of its pool.
func ServedName(env config.Env, slug string) string {
	return env.Prefix + slug + ServedSuffix(env)
}

// ServedSuffix is how the names of an environment's served deployments end.
func ServedSuffix(env config.Env) string { return "-serve-" + env.Name + env.Suffix }

// ToServe leaves out flows that would be served by the name of another one: by that name alone a program tells what it serves.
func (r Rendered) ToServe() Rendered {
	first, told := map[string]*flow.Flow{}, map[string]bool{}
	r.Desired = slices.DeleteFunc(slices.Clone(r.Desired), func(x plan.Desired) bool {
		name, f := ServedName(r.Env, x.Flow.Slug()), x.Flow
		other, taken := first[name]
		if !taken {
			first[name] = f
		}
		if !taken || other.Entrypoint == f.Entrypoint {
			return false
		}
		if told[f.Entrypoint] {
			return true
		}
		told[f.Entrypoint] = true
		why := catalogue.New("served-name-duplicate", finding.OfFlow(f.Entrypoint), finding.Finding{
			Position: finding.Position{File: f.File, Line: f.Line}, Subject: f.Name,
			Message: fmt.Sprintf("it would be served as %s, like %s at %s:%d", name, other.Name, other.File, other.Line),
			Fix:     "rename one of the flows, or serve it by itself with -only=",
		})
		r.Findings = append(slices.Clip(r.Findings), why)
		r.Blocked = append(slices.Clip(r.Blocked), Block{Name: name, Flow: f.Name, Entrypoint: f.Entrypoint, Reasons: finding.List{why}})
		return true
	})
	return r
}
