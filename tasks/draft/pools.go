package draft

import (
	"io/fs"
	"slices"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/manifest"
	"github.com/flowmage/flowmage/tasks/pool"
	"github.com/flowmage/flowmage/templates"
)

// wanted gives the environment's work pools; what is wrong with their settings is told with the rest.
func wanted(own fs.FS, env config.Env) ([]pool.Pool, finding.List) {
	return pool.Wanted(own, templates.FS, env)
}

// named gives the work pools that a manifest names: those of the environment with all that the settings say of them, others as they are.
func named(own fs.FS, env config.Env, m manifest.Manifest) ([]pool.Pool, finding.List) {
	settings, findings := wanted(own, env)
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
