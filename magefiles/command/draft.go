package command

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/check"
	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/console"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/image"
	"github.com/flowmage/flowmage/tasks/kind"
	"github.com/flowmage/flowmage/tasks/ownership"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/pool"
	"github.com/flowmage/flowmage/tasks/render"
	"github.com/flowmage/flowmage/tasks/tree"
	"github.com/flowmage/flowmage/templates"
)

// draft is the offline half of a deploy: all that the repository says.
type draft struct {
	env      config.Env
	flows    []flow.Flow // all of them
	selected []flow.Flow // those that this command is about, blocked ones included
	findings finding.List
	manifest []byte
	desired  []plan.Desired
	blocked  []blocked
	byHand   bool        // from -file: nothing is rendered
	broken   bool        // the manifest has errors, so what it asks for is not known
	pools    []pool.Pool // that the deployments may go to
	// unreadable are files that may hold flows, but can't be read.
	unreadable []string

	images       map[string]image.Planned // of container deployments, by entrypoint
	digests      map[string]string        // in the registry, by reference; only where they are deployed
	pushed       map[string]string        // digests in the registry, by deployment
	imaged       bool                     // only what needs an image was asked for
	skipped      bool                     // container deployments are left out, and are not to be pruned therefore
	withoutImage map[string]bool          // container deployments that can't have one, by entrypoint
	ready        []flow.Flow              // those that are rendered
	clone        check.Clone
	secrets      func(name string) (string, bool) // what {{ $NAME }} stands for
}

// blocked is a deployment that errors stand in the way of.
type blocked struct {
	name, flow, entrypoint string
	reasons                finding.List
}

// draft reads the flows, checks them and the settings, and renders the desired state of the selected flows. Findings, those about
// the settings among them, are collected, not returned as an error.
func (s *Session) draft(ctx context.Context, env config.Env, findings finding.List, o DeployOptions) (draft, error) {
	go s.commit(ctx) // the banner wants it
	env, scanned, err := s.scan(ctx, env)
	if err != nil {
		return draft{}, err
	}
	findings = append(findings, check.Deployed(check.Undeployed(env, scanned.Flows, scanned.Findings))...)
	d := draft{env: env, flows: scanned.Flows, findings: findings, unreadable: scanned.Unreadable}
	if d.selected, err = flow.Select(scanned.Flows, o.Only); err != nil {
		return draft{}, err
	}
	d.only(o)
	env = d.env
	ask := slices.DeleteFunc(slices.Clone(d.selected), func(f flow.Flow) bool { return !env.Settings(f.Names()...).Enabled })
	var second finding.List
	if d.flows, second, err = s.schemas(ctx, env, scanned.Library, scanned.Flows, ask); err != nil {
		return draft{}, err
	}
	scanned.Library = nil // the trees are most of what is in memory
	if d.selected, err = flow.Select(d.flows, o.Only); err != nil {
		return draft{}, err
	}
	clone := s.clone(ctx, env, d.flows)
	var wrong finding.List
	d.pools, wrong = s.wanted(env)
	secrets, unread := s.secrets(env)
	filled := func(v any) any { return config.Fill(v, secrets) }
	d.findings = slices.Concat(d.findings, second, wrong, unread, s.unwritable(env, "", ""), env.Filled(secrets), check.Settings(env, d.flows, filled), check.Code(env, d.flows, clone),
		s.neighbours(ctx, env, scanned, o))
	ready := d.gate(len(o.Only) > 0)
	s.containers(ctx, &d, ready)
	s.pinned(ctx, &d)
	d.ready, d.clone, d.secrets = ready, clone, secrets
	return d, s.render(&d)
}

// only leaves out the kinds of deployments that the command is not about.
func (d *draft) only(o DeployOptions) {
	asked := o.Kind
	if o.oneKind && asked == "" {
		asked = firstKind(d.env, d.selected)
	}
	d.imaged = o.images || asked.NeedsImage()
	for _, k := range kind.All() {
		if asked != "" && k != asked || o.images && !k.NeedsImage() {
			d.env = d.env.Without(k)
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
func (d *draft) block(f flow.Flow, kinds []kind.Kind, reasons finding.List) {
	for _, name := range d.deployments(f, kinds) {
		d.blocked = append(d.blocked, blocked{name, f.Name, f.Entrypoint, reasons})
	}
}

// deployments gives the names of a flow's deployments of some kinds.
func (d *draft) deployments(f flow.Flow, kinds []kind.Kind) []string {
	settings, out := d.env.Settings(f.Names()...), make([]string, 0, len(kinds))
	for _, k := range kinds {
		out = append(out, settings.DeploymentName(f.Slug(), k))
	}
	return out
}

// gate parts the selected flows into those that may go on, which it gives, and blocked ones. A file that can't be read counts
// as blocked, because it may well hold a flow, unless only some flows were asked for.
func (d *draft) gate(narrowed bool) []flow.Flow {
	ready := make([]flow.Flow, 0, len(d.selected))
	for _, f := range d.selected {
		settings := d.env.Settings(f.Names()...)
		if !settings.Enabled {
			continue
		}
		reasons := check.Blocking(d.findings, f)
		if len(reasons) == 0 {
			ready = append(ready, f)
			continue
		}
		d.block(f, settings.Kinds, reasons)
	}
	if narrowed {
		return ready
	}
	for _, file := range d.unreadable {
		var reasons finding.List
		for _, x := range d.findings {
			if x.Position.File == file {
				reasons = append(reasons, x)
			}
		}
		d.blocked = append(d.blocked, blocked{file, "", file, reasons})
	}
	return ready
}

// render writes the manifest and reads it back: what the text says is what counts.
func (s *Session) render(d *draft) error {
	own := s.tree()
	all := render.Deployments(d.env, d.ready, render.Options{
		Owner: d.owner().Tag(), Declares: check.Declares, Commits: d.clone.Commits, Remote: d.clone.Remote,
		Images: d.references(), Rendered: d.rendered, User: s.containerUser(d.env),
	})
	// Only a template of the repository's own can give deployments triggers, or have given them some. Nor is it known which parts it has.
	replaced, err := render.Replaced(own, templates.FS, render.Manifest)
	if err != nil {
		return err
	}
	size := readAtOnce
	if replaced {
		size = len(all)
	}
	r := rendered{env: d.env, flows: plan.FlowsOf(d.ready), secrets: d.secrets}
	if err := r.write(own, all, size); err != nil {
		return err
	}
	d.manifest = r.text
	findings, others := d.placed(r.wrong)
	others = append(others, s.withheldElsewhere(d.findings)...)
	findings = append(findings, fromTemplate(others)...)
	if findings.HasErrors() {
		d.broken = true
		d.findings = append(d.findings, findings...)
		for _, f := range d.ready {
			unwanted := func(k kind.Kind) bool { return !d.rendered(f, k) }
			d.block(f, slices.DeleteFunc(d.env.Settings(f.Names()...).Kinds, unwanted), findings)
		}
		return nil
	}
	if replaced {
		ownTriggers(r.desired)
	}
	missing := fromTemplate(r.missing)
	d.desired, d.findings = r.desired, slices.Concat(d.findings, findings, missing)
	for _, x := range missing {
		d.blocked = append(d.blocked, blocked{x.Subject, "", "", finding.List{x}})
	}
	return nil
}

// fromTemplate points findings about the rendered text, which is nowhere to be seen, at the template that it comes from. What settings can
// get wrong has been found before.
func fromTemplate(list finding.List) finding.List {
	for i, f := range list {
		if f.Position.Line > 0 {
			list[i].Message = fmt.Sprintf("line %d of what it renders: %s", f.Position.Line, f.Message)
		}
		list[i].Position = finding.Position{File: render.Folder + "/" + render.Manifest, Key: f.Position.Key}
	}
	return list
}

// ownTriggers says that the deployments have no automations but those of their triggers.
func ownTriggers(desired []plan.Desired) {
	for i := range desired {
		desired[i].OwnsTriggers = true
	}
}

// names gives the words by which the settings may know a flow: of one that has left the repository only its name is left.
func (d *draft) names(flowName string) []string {
	for _, f := range d.flows {
		if f.Name == flowName {
			return f.Names()
		}
	}
	return []string{flowName}
}

func (d *draft) owner() ownership.Owner { return ownerOf(d.env) }

// ownerOf says whose an environment's deployments are. The work pools are the environment's, also for those who deploy beside others; a
// preview, whose branch may want them otherwise, does not change them.
func ownerOf(env config.Env) ownership.Owner {
	return ownership.Owner{Project: env.Project, Env: env.Scope(), Home: env.Name, Guest: strings.Contains(env.Suffix, "-"+previewMark)}
}

func manifestName(env config.Env) string { return "prefect." + env.Scope() + ".yaml" }

// keep saves a manifest that was rendered and holds all deployments, and gives the file's name. Otherwise the name is empty, and a file that
// is there stays.
func (s *Session) keep(d draft, o DeployOptions) (string, error) {
	name := manifestName(d.env)
	if d.byHand || o.partial() {
		return "", nil
	}
	if why := d.incomplete(o); why != "" {
		if tree.Exists(s.tree(), name) {
			s.Console.Say("%s is left as it was: %s", name, why)
		}
		return "", nil
	}
	return name, s.save(d)
}

// incomplete says why the rendered manifest does not hold all deployments; empty when it does. Container deployments that are skipped for
// want of Docker are not missed: nobody could deploy them here.
func (d *draft) incomplete(o DeployOptions) string {
	switch {
	case o.partial():
		return "it would hold only the selected " + console.Count(len(d.desired), "deployment")
	case len(d.blocked) > 0:
		return "it would lack what is blocked"
	default:
		return ""
	}
}

// save writes the manifest beside the Makefile, whole or not at all.
func (s *Session) save(d draft) error {
	if err := s.tree().Write(manifestName(d.env), d.manifest, 0o644); err != nil {
		return &fault.Error{
			Code: fault.Unexpected, What: "the rendered manifest can't be written", Where: manifestName(d.env), Err: tree.Reason(err),
			Next: tree.Next(err, "make the repository's folder writable"),
		}
	}
	return nil
}

// stop is the error for a draft in which nothing is left to do, or nil.
func (d *draft) stop(strict bool) error {
	switch {
	case d.broken:
		return d.blockedFault("nothing was written")
	case len(d.blocked) > 0 && (strict || len(d.desired) == 0):
		return d.blockedFault("nothing was written")
	case len(d.flows) == 0 && !d.byHand && d.findings.HasErrors():
		return d.blockedFault("nothing was written")
	case len(d.flows) == 0 && !d.byHand:
		return &fault.Error{
			Code: fault.Findings, What: "no flows were found", Where: fmt.Sprint(d.env.Paths),
			Why: "no Python file there has a function decorated with Prefect's @flow", Next: "add one; docs/flows.md shows how",
		}
	default:
		return nil
	}
}

func (d *draft) blockedFault(effect string) error {
	names := make([]string, 0, len(d.blocked))
	for _, b := range d.blocked {
		names = append(names, cmp.Or(b.name, b.entrypoint, "a deployment without a name"))
	}
	what := "the settings or flows have errors"
	if d.byHand {
		what = "the manifest has errors"
	}
	if len(names) > 0 {
		what = "blocked by errors: " + few(names)
	}
	return &fault.Error{Code: fault.Findings, What: what, Why: effect, Next: "correct what is listed above; `mage verify` checks without deploying"}
}
