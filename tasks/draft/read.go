package draft

import (
	"context"
	"slices"

	"github.com/flowmage/flowmage/tasks/check"
	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/kind"
	"github.com/flowmage/flowmage/tasks/ownership"
	"github.com/flowmage/flowmage/tasks/session"
)

// Read is what the repository says: settings, flows, and what is wrong with either.
type Read struct {
	Options    Options
	Env        config.Env   // with the kinds of deployments that were asked for
	Imaged     bool         // only what needs an image was asked for
	Flows      []flow.Flow  // all of them
	Selected   []flow.Flow  // those that the command is about, blocked ones included
	Unreadable []string     // files that may hold flows, and can't be read
	Findings   finding.List // of all stages so far
	settings   []string     // files of settings beside flows
	marked     []string     // Python files in which comments may have something ignored
}

// Owner says whose the deployments are.
func (r Read) Owner() ownership.Owner { return session.OwnerOf(r.Env) }

// read scans the flows where the settings say.
func read(ctx context.Context, s *session.Session, env config.Env, problems finding.List, o Options) (Read, error) {
	go s.Commit(ctx) // the banner wants it
	env, scanned, err := s.Scan(ctx, env)
	if err != nil {
		return Read{}, err
	}
	r := Read{Options: o, Env: env, Unreadable: scanned.Unreadable, settings: scanned.Settings, marked: scanned.Marked}
	r.Findings = slices.Concat(problems, check.Deployed(check.Undeployed(env, scanned.Flows, scanned.Findings)))
	if r.Selected, err = flow.Select(scanned.Flows, o.Only); err != nil {
		return Read{}, err
	}
	r.Env, r.Imaged = only(env, r.Selected, o)
	deployed := slices.DeleteFunc(slices.Clone(r.Selected), func(f flow.Flow) bool { return !r.Env.Settings(f.Names()...).Enabled })
	r.Findings = append(r.Findings, dependencies(s, r.Env, scanned.Library, scanned.Flows)...)
	var second finding.List
	if r.Flows, second, err = Schemas(ctx, s, r.Env, scanned.Library, scanned.Flows, deployed); err != nil {
		return Read{}, err
	}
	r.Findings = append(r.Findings, second...)
	r.Selected, err = flow.Select(r.Flows, o.Only)
	return r, err
}

// only leaves out the kinds of deployments that the command is not about, and tells whether those with an image alone are left.
func only(env config.Env, selected []flow.Flow, o Options) (_ config.Env, imaged bool) {
	asked := o.Kind
	if o.OneKind && asked == "" {
		asked = firstKind(env, selected)
	}
	for _, k := range kind.All() {
		if asked != "" && k != asked || o.Images && !k.NeedsImage() {
			env = env.Without(k)
		}
	}
	return env, o.Images || asked.NeedsImage()
}

// firstKind gives the kind of deployment that flows are run by: the first that any of them has.
func firstKind(env config.Env, flows []flow.Flow) kind.Kind {
	for _, k := range kind.All() {
		if slices.ContainsFunc(flows, func(f flow.Flow) bool { return slices.Contains(env.Settings(f.Names()...).Kinds, k) }) {
			return k
		}
	}
	return kind.Default
}

// skippable tells whether container deployments may be left out where they are impossible.
func (r Read) skippable() bool {
	return r.Env.Containers == session.Auto && !r.Imaged
}

// Deployments gives the names of a flow's deployments of some kinds.
func (r Read) Deployments(f flow.Flow, kinds []kind.Kind) []string {
	settings, out := r.Env.Settings(f.Names()...), make([]string, 0, len(kinds))
	for _, k := range kinds {
		out = append(out, settings.DeploymentName(f.Slug(), k))
	}
	return out
}

// Names gives the words by which the settings may know a flow: of one that has left the repository only its name is left.
func Names(flows []flow.Flow, name string) []string {
	for _, f := range flows {
		if f.Name == name {
			return f.Names()
		}
	}
	return []string{name}
}

// ManifestName gives the file that an environment's manifest is rendered to, at the repository's root.
func ManifestName(env config.Env) string { return "prefect." + env.Scope() + ".yaml" }
