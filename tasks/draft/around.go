package draft

import (
	"context"
	"io/fs"
	"slices"

	"github.com/flowmage/flowmage/tasks/check"
	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/manifest"
	"github.com/flowmage/flowmage/tasks/pool"
	"github.com/flowmage/flowmage/tasks/session"
	"github.com/flowmage/flowmage/tasks/verdict"
	"github.com/flowmage/flowmage/templates"
)

// Around is what lies around flows and settings, and counts for what they may say. It is asked for once, so that the stages after it ask nobody.
type Around struct {
	Clone      check.Clone    // what git says of code that workers clone
	Pools      []pool.Pool    // that the settings want
	Values     session.Values // what {{ $NAME }} stands for
	At         string         // where the environment's server is named
	Neighbours []check.Neighbour
	Findings   finding.List // about pools, secrets and credentials
	Law        verdict.Law  // what settings and comments say of findings
	decree     decree
}

// around asks git, the process's environment and the other environments' files.
func around(ctx context.Context, s *session.Session, r Read) Around {
	a := Around{Clone: clone(ctx, s, r.Env, r.Flows), Law: s.Law(ctx, r.Env, r.marked, r.Env.Marked(), verdict.Declaring(r.Findings))}
	var pools, secrets, policies finding.List
	a.Pools, pools = wantedPools(s.Tree(), r.Env)
	a.Values, secrets = session.Secrets(s, r.Env)
	a.decree, policies = decreed(ctx, s, r.Env)
	a.Findings = slices.Concat(pools, secrets, policies, session.MisplacedCredentials(s, r.Env, "", ""))
	a.At, a.Neighbours = neighbours(ctx, s, r)
	return a
}

// wantedPools gives the environment's work pools; what is wrong with their settings is told with the rest.
func wantedPools(own fs.FS, env config.Env) ([]pool.Pool, finding.List) {
	return pool.Wanted(own, templates.FS, env)
}

// named gives the work pools that a manifest names: those of the environment with all that the settings say of them, others as they are.
func named(own fs.FS, env config.Env, m manifest.Manifest) ([]pool.Pool, finding.List) {
	settings, findings := wantedPools(own, env)
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
