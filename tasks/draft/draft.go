package draft

import (
	"context"
	"slices"

	"github.com/flowmage/flowmage/tasks/check"
	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/deploy"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/image"
	"github.com/flowmage/flowmage/tasks/pool"
	"github.com/flowmage/flowmage/tasks/session"
)

// For is draft from the settings of the environment that is asked for.
func For(ctx context.Context, s *session.Session, o Options) (Draft, error) {
	env, problems, err := s.Settings(ctx, o.Env)
	if err != nil {
		return Draft{}, err
	}
	return Of(ctx, s, env, problems, o)
}

// Either reads the repository or, with -file, a manifest.
func Either(ctx context.Context, s *session.Session, env config.Env, problems finding.List, o Options) (Draft, error) {
	if o.File != "" {
		return byHand(ctx, s, env, problems, o)
	}
	return Of(ctx, s, env, problems, o)
}

// Draft is the offline half of a deploy: all that the repository says.
type Draft struct {
	Env      config.Env
	Flows    []flow.Flow // all of them
	selected []flow.Flow // those that this command is about, blocked ones included
	Findings finding.List
	manifest []byte
	Desired  []deploy.Desired
	Blocked  []Blocked
	byHand   bool        // from -file: nothing is rendered
	broken   bool        // the manifest has errors, so what it asks for is not known
	pools    []pool.Pool // that the deployments may go to
	// unreadable are files that may hold flows, but can't be read.
	Unreadable []string

	Images       map[string]image.Planned // of container deployments, by entrypoint
	Digests      map[string]string        // in the registry, by reference; only where they are deployed
	Pushed       map[string]string        // digests in the registry, by deployment
	Kind         string                   // the only one that was asked for; empty: both
	Skipped      bool                     // container deployments are left out, and are not to be pruned therefore
	withoutImage map[string]bool          // container deployments that can't have one, by entrypoint
	Ready        []flow.Flow              // those that are rendered
	clone        check.Clone
	secrets      func(name string) (string, bool) // what {{ $NAME }} stands for
}

// Blocked is a deployment that errors stand in the way of.
type Blocked struct {
	Name, flow, entrypoint string
	reasons                finding.List
}

// Of reads the flows, checks them and the settings, and renders the desired state of the selected flows. Findings, those about
// the settings among them, are collected, not returned as an error.
func Of(ctx context.Context, s *session.Session, env config.Env, findings finding.List, o Options) (Draft, error) {
	go s.Commit(ctx) // the banner wants it
	env, scanned, err := s.Scan(ctx, env)
	if err != nil {
		return Draft{}, err
	}
	findings = append(findings, check.Deployed(check.Undeployed(env, scanned.Flows, scanned.Findings))...)
	d := Draft{Env: env, Kind: o.Kind, Flows: scanned.Flows, Findings: findings, Unreadable: scanned.Unreadable}
	if d.selected, err = flow.Select(d.Flows, o.Only); err != nil {
		return Draft{}, err
	}
	if o.OneKind && d.Kind == "" {
		d.Kind = firstKind(env, d.selected)
	}
	switch d.Kind {
	case session.InProcess:
		d.Env = d.Env.Without(session.Container)
	case session.Container:
		d.Env = d.Env.Without(session.InProcess)
	}
	env = d.Env
	second, err := SecondOpinion(ctx, s, env, slices.DeleteFunc(slices.Clone(d.selected), func(f flow.Flow) bool { return !env.Settings(f.Names()...).Enabled }))
	if err != nil {
		return Draft{}, err
	}
	clone := clone(ctx, s, env, d.Flows)
	var wrong finding.List
	d.pools, wrong = wanted(s, env)
	secrets, unread := session.Secrets(s, env)
	filled := func(v any) any { return config.Fill(v, secrets) }
	d.Findings = slices.Concat(d.Findings, second, wrong, unread, session.MisplacedCredentials(s, env, "", ""), env.Filled(secrets), check.Settings(env, d.Flows, filled), check.Code(env, d.Flows, clone),
		neighbours(ctx, s, env, scanned, o))
	ready := d.gate(len(o.Only) > 0)
	containers(ctx, s, &d, ready)
	pinned(ctx, s, &d)
	d.Ready, d.clone, d.secrets = ready, clone, secrets
	return d, Render(s, &d)
}

// firstKind gives the kind of deployment that flows are run by: container where none of them has a python one.
func firstKind(env config.Env, flows []flow.Flow) string {
	if len(flows) > 0 && !slices.ContainsFunc(flows, func(f flow.Flow) bool { return slices.Contains(env.Settings(f.Names()...).Kinds, session.InProcess) }) {
		return session.Container
	}
	return session.InProcess
}

// gate parts the selected flows into those that may go on, which it gives, and blocked ones. A file that can't be read counts
// as blocked, because it may well hold a flow, unless only some flows were asked for.
func (d *Draft) gate(narrowed bool) []flow.Flow {
	ready := make([]flow.Flow, 0, len(d.selected))
	for _, f := range d.selected {
		settings := d.Env.Settings(f.Names()...)
		if !settings.Enabled {
			continue
		}
		reasons := check.Blocking(d.Findings, f)
		if len(reasons) == 0 {
			ready = append(ready, f)
			continue
		}
		for _, kind := range settings.Kinds {
			d.Blocked = append(d.Blocked, Blocked{settings.DeploymentName(f.Slug(), kind), f.Name, f.Entrypoint, reasons})
		}
	}
	if narrowed {
		return ready
	}
	for _, file := range d.Unreadable {
		var reasons finding.List
		for _, x := range d.Findings {
			if x.Position.File == file {
				reasons = append(reasons, x)
			}
		}
		d.Blocked = append(d.Blocked, Blocked{file, "", file, reasons})
	}
	return ready
}

// Names gives the words by which the settings may know a flow: of one that has left the repository only its name is left.
func (d *Draft) Names(flowName string) []string {
	for _, f := range d.Flows {
		if f.Name == flowName {
			return f.Names()
		}
	}
	return []string{flowName}
}

func (d *Draft) Owner() deploy.Owner { return session.OwnerOf(d.Env) }
