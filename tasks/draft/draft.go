package draft

import (
	"context"
	"slices"

	"github.com/flowmage/flowmage/tasks/check"
	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/image"
	"github.com/flowmage/flowmage/tasks/kind"
	"github.com/flowmage/flowmage/tasks/ownership"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/pool"
	"github.com/flowmage/flowmage/tasks/session"
)

// For is draft from the settings of the environment that is asked for.
func For(ctx context.Context, s *session.Session, o Options) (Draft, error) {
	if err := o.Kind.Check(); err != nil {
		return Draft{}, err
	}
	env, problems, err := s.Settings(ctx, o.Env)
	if err != nil {
		return Draft{}, err
	}
	return Of(ctx, s, env, problems, o)
}

// Either reads the repository or, with -file, a manifest.
func Either(ctx context.Context, s *session.Session, env config.Env, problems finding.List, o Options) (Draft, error) {
	if err := o.Kind.Check(); err != nil {
		return Draft{}, err
	}
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
	Desired  []plan.Desired
	Blocked  []Blocked
	byHand   bool        // from -file: nothing is rendered
	broken   bool        // the manifest has errors, so what it asks for is not known
	pools    []pool.Pool // that the deployments may go to
	// unreadable are files that may hold flows, but can't be read.
	Unreadable []string

	Images       map[string]image.Planned // of container deployments, by entrypoint
	Digests      map[string]string        // in the registry, by reference; only where they are deployed
	Pushed       map[string]string        // digests in the registry, by deployment
	Imaged       bool                     // only what needs an image was asked for
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
	d := Draft{Env: env, Flows: scanned.Flows, Findings: findings, Unreadable: scanned.Unreadable}
	if d.selected, err = flow.Select(scanned.Flows, o.Only); err != nil {
		return Draft{}, err
	}
	d.only(o)
	env = d.Env
	ask := slices.DeleteFunc(slices.Clone(d.selected), func(f flow.Flow) bool { return !env.Settings(f.Names()...).Enabled })
	var second finding.List
	if d.Flows, second, err = Schemas(ctx, s, env, scanned.Library, scanned.Flows, ask); err != nil {
		return Draft{}, err
	}
	scanned.Library = nil // the trees are most of what is in memory
	if d.selected, err = flow.Select(d.Flows, o.Only); err != nil {
		return Draft{}, err
	}
	clone := clone(ctx, s, env, d.Flows)
	var wrong finding.List
	d.pools, wrong = wanted(s, env)
	secrets, unread := session.Secrets(s, env)
	filled := func(v any) any { return config.Fill(v, secrets) }
	d.Findings = slices.Concat(d.Findings, second, wrong, unread, session.Unwritable(s, env, "", ""), env.Filled(secrets), check.Settings(env, d.Flows, filled), check.Code(env, d.Flows, clone),
		neighbours(ctx, s, env, scanned, o))
	ready := d.gate(len(o.Only) > 0)
	containers(ctx, s, &d, ready)
	pinned(ctx, s, &d)
	d.Ready, d.clone, d.secrets = ready, clone, secrets
	return d, Render(s, &d)
}

// only leaves out the kinds of deployments that the command is not about.
func (d *Draft) only(o Options) {
	asked := o.Kind
	if o.OneKind && asked == "" {
		asked = firstKind(d.Env, d.selected)
	}
	d.Imaged = o.Images || asked.NeedsImage()
	for _, k := range kind.All() {
		if asked != "" && k != asked || o.Images && !k.NeedsImage() {
			d.Env = d.Env.Without(k)
		}
	}
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

// block notes that errors stand in the way of a flow's deployments of some kinds.
func (d *Draft) block(f flow.Flow, kinds []kind.Kind, reasons finding.List) {
	for _, name := range d.Deployments(f, kinds) {
		d.Blocked = append(d.Blocked, Blocked{name, f.Name, f.Entrypoint, reasons})
	}
}

// Deployments gives the names of a flow's deployments of some kinds.
func (d *Draft) Deployments(f flow.Flow, kinds []kind.Kind) []string {
	settings, out := d.Env.Settings(f.Names()...), make([]string, 0, len(kinds))
	for _, k := range kinds {
		out = append(out, settings.DeploymentName(f.Slug(), k))
	}
	return out
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
		d.block(f, settings.Kinds, reasons)
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

func (d *Draft) Owner() ownership.Owner { return session.OwnerOf(d.Env) }
