package draft

import (
	"context"
	"slices"

	"github.com/flowmage/flowmage/tasks/check"
	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/deploy"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/session"
)

// Read is what the repository says: settings, flows, and what is wrong with either.
type Read struct {
	Options    Options
	Env        config.Env   // with the kinds of deployments that were asked for
	Kind       string       // the only one that was asked for; empty: both
	Flows      []flow.Flow  // all of them
	Selected   []flow.Flow  // those that the command is about, blocked ones included
	Unreadable []string     // files that may hold flows, and can't be read
	Findings   finding.List // of all stages so far
	settings   []string     // files of settings beside flows
}

// Owner says whose the deployments are.
func (r Read) Owner() deploy.Owner { return session.OwnerOf(r.Env) }

// read scans the flows where the settings say.
func read(ctx context.Context, s *session.Session, env config.Env, problems finding.List, o Options) (Read, error) {
	go s.Commit(ctx) // the banner wants it
	env, scanned, err := s.Scan(ctx, env)
	if err != nil {
		return Read{}, err
	}
	r := Read{Options: o, Env: env, Kind: o.Kind, Flows: scanned.Flows, Unreadable: scanned.Unreadable, settings: scanned.Settings}
	r.Findings = slices.Concat(problems, check.Deployed(check.Undeployed(env, scanned.Flows, scanned.Findings)))
	if r.Selected, err = flow.Select(r.Flows, o.Only); err != nil {
		return Read{}, err
	}
	if o.OneKind && r.Kind == "" {
		r.Kind = firstKind(env, r.Selected)
	}
	switch r.Kind {
	case session.InProcess:
		r.Env = env.Without(session.Container)
	case session.Container:
		r.Env = env.Without(session.InProcess)
	}
	deployed := slices.DeleteFunc(slices.Clone(r.Selected), func(f flow.Flow) bool { return !r.Env.Settings(f.Names()...).Enabled })
	second, err := SecondOpinion(ctx, s, r.Env, deployed)
	r.Findings = append(r.Findings, second...)
	return r, err
}

// firstKind gives the kind of deployment that flows are run by: container where none of them has a python one.
func firstKind(env config.Env, flows []flow.Flow) string {
	if len(flows) > 0 && !slices.ContainsFunc(flows, func(f flow.Flow) bool { return slices.Contains(env.Settings(f.Names()...).Kinds, session.InProcess) }) {
		return session.Container
	}
	return session.InProcess
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
