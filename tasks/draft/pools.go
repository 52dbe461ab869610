package draft

import (
	"slices"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/manifest"
	"github.com/flowmage/flowmage/tasks/pool"
	"github.com/flowmage/flowmage/tasks/session"
	"github.com/flowmage/flowmage/templates"
)

// wanted gives the environment's work pools; what is wrong with their settings is told with the rest.
func wanted(s *session.Session, env config.Env) ([]pool.Pool, finding.List) {
	return pool.Wanted(s.Tree(), templates.FS, env)
}

// named gives the work pools that a manifest names: those of the environment with all that the settings say of them, others as they are.
func named(s *session.Session, env config.Env, m manifest.Manifest) ([]pool.Pool, finding.List) {
	settings, findings := wanted(s, env)
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
