package command

import (
	"fmt"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/console"

	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/manifest"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/pool"
	"github.com/flowmage/flowmage/templates"
)

// wanted gives the environment's work pools; what is wrong with their settings is told with the rest.
func (s *Session) wanted(env config.Env) ([]pool.Pool, finding.List) {
	return pool.Wanted(s.tree(), templates.FS, env)
}

// named gives the work pools that a manifest names: those of the environment with all that the settings say of them, others as they are.
func (s *Session) named(env config.Env, m manifest.Manifest) ([]pool.Pool, finding.List) {
	settings, findings := s.wanted(env)
	var out []pool.Pool
	for _, x := range m.Deployments {
		same := func(p pool.Pool) bool { return p.Name == x.WorkPool.Name }
		if slices.ContainsFunc(out, same) {
			continue
		}
		p := pool.Pool{Name: x.WorkPool.Name}
		if i := slices.IndexFunc(settings, same); i >= 0 {
			p = settings[i]
		}
		out = append(out, p)
	}
	return out, findings
}

// reportPools prints a line for each work pool that was written, or is left over.
func (s *Session) reportPools(pools []plan.Outcome) {
	for _, p := range pools {
		word, more := done(p.Op), p.Stays
		if p.Err != nil {
			word, more = "failed", p.Failure
		}
		s.Console.Printf("%s\n", strings.TrimRight(fmt.Sprintf("%-9s work pool %s  %s", word, p.Name, more), " "))
	}
}

// counted tells of deployments and work pools, as far as there are any.
func counted(deployments, pools int) string {
	switch {
	case pools == 0:
		return console.Count(deployments, "deployment")
	case deployments == 0:
		return console.Count(pools, "work pool")
	default:
		return console.Count(deployments, "deployment") + " and " + console.Count(pools, "work pool")
	}
}

// countedFailures counts what could not be written.
func countedFailures(r plan.Result) string {
	pools := len(plan.Result{Pools: r.Pools}.Failed())
	return counted(len(r.Failed())-pools, pools)
}
