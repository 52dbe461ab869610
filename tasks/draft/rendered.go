package draft

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/canonical"
	"github.com/flowmage/flowmage/tasks/check"
	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/kind"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/policy"
	"github.com/flowmage/flowmage/tasks/render"
	"github.com/flowmage/flowmage/tasks/tree"
	"github.com/flowmage/flowmage/templates"
)

// Rendered is the end of the offline chain: the manifest, and the deployments that it asks for.
type Rendered struct {
	Pinned
	Desired []plan.Desired
	Broken  finding.List   // errors of the manifest as a whole: what it asks for is not known then
	text    []byte         // of a template of the repository's own
	asked   []plan.Desired // before policies took some of them out
}

// Render takes what the manifest says: its text is what counts.
func Render(own *tree.Tree, p Pinned) (Rendered, error) {
	// Only a template of the repository's own can give deployments triggers, or have given them some.
	replaced, err := render.Replaced(own, templates.FS, render.Manifest)
	if err != nil {
		return Rendered{}, err
	}
	says := askedFor{env: p.Env, flows: plan.FlowsOf(p.Ready), secrets: p.values.Lookup}
	if err := says.ask(own, p.deployments(), replaced); err != nil {
		return Rendered{}, err
	}
	r := Rendered{Pinned: p, text: says.text}
	settled, others := placed(p, says.wrong)
	others = append(others, p.values.Withheld(p.Findings)...)
	wrong := p.law.Apply(slices.Concat(settled, fromTemplate(others)))
	if wrong.HasErrors() {
		return r.broken(wrong), nil
	}
	if replaced {
		ownTriggers(says.desired)
	}
	missing := fromTemplate(says.missing)
	r.Desired, r.Findings = says.desired, slices.Concat(p.Findings, wrong, missing)
	return r.missing(missing).policed(), nil
}

// deployments are what the manifest is to hold.
func (p Pinned) deployments() []render.Deployment {
	return render.Deployments(p.Env, p.Ready, render.Options{
		Owner: p.Owner().Tag(), Declares: check.Declares, Commits: p.clone.Commits, Remote: p.clone.Remote,
		Images: p.References(), Rendered: p.renders, User: ContainerUser(p.Env),
	})
}

// Manifest writes the manifest's text. Commands that save none do without.
func (r Rendered) Manifest(own *tree.Tree) ([]byte, error) {
	if r.text != nil {
		return r.text, nil
	}
	return render.Prefect(own, templates.FS, r.Env, r.deployments())
}

// Incomplete says why the rendered manifest does not hold all deployments; empty when it does. Container deployments that are skipped for
// want of Docker are not missed: nobody could deploy them here.
func (r Rendered) Incomplete() string {
	switch {
	case r.Options.Partial():
		return "it would hold only the selected " + console.Count(len(r.Desired), "deployment")
	case len(r.Blocked) > 0:
		return "it would lack what is blocked"
	default:
		return ""
	}
}

// broken is what is rendered by a template that gives no manifest: every deployment is blocked by it.
func (r Rendered) broken(wrong finding.List) Rendered {
	r.Broken, r.Findings = wrong, slices.Concat(r.Findings, wrong)
	for _, f := range r.Ready {
		unwanted := func(k kind.Kind) bool { return !r.renders(f, k) }
		r.Blocked = slices.Concat(r.Blocked, r.blocks(f, slices.DeleteFunc(r.Env.Settings(f.Names()...).Kinds, unwanted), wrong))
	}
	return r
}

// missing blocks deployments whose flow is not there.
func (r Rendered) missing(list finding.List) Rendered {
	for _, x := range list {
		r.Blocked = append(slices.Clip(r.Blocked), Block{Name: x.Subject, Reasons: finding.List{x}})
	}
	return r
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

// ForetellImages gives a plan with notes on the images that a deploy would build. Whether they are there already is not asked: plans need no
// Docker.
func (r Rendered) ForetellImages(planned plan.Plan) plan.Plan {
	references := slices.Collect(maps.Values(r.References()))
	wanted := map[string]string{}
	for _, x := range r.Desired {
		if name := x.Image(); slices.Contains(references, name) {
			wanted[x.Name] = name
		}
	}
	planned.Actions = slices.Clone(planned.Actions)
	for i := range planned.Actions {
		a := &planned.Actions[i]
		other := slices.ContainsFunc(a.Changes, func(c canonical.Change) bool { return c.Field == "job_variables.image" })
		if name := wanted[a.Name]; name != "" && !strings.Contains(name, "@") && (a.Op == plan.Create || other) {
			a.Notes = slices.Concat(a.Notes, []string{"its image will be built, unless it is there: " + name})
		}
	}
	return planned
}

// policed takes out the deployments that policies refuse, as settings and comments have it. What they said of an earlier rendering does not count any more.
func (r Rendered) policed() Rendered {
	if r.asked = r.Desired; len(r.decree.policies) == 0 {
		return r
	}
	r.Blocked = slices.DeleteFunc(slices.Clone(r.Blocked), func(b Block) bool { return b.policed })
	r.Findings = r.Findings.Where(func(f finding.Finding) bool { return !slices.Contains(r.told, f) })
	r.told = nil
	reasons := make([]finding.List, len(r.Desired))
	for _, v := range r.decree.after(r.Desired, r.Options.File != "") {
		told := r.law.Apply(finding.List{v.Finding})
		r.told = append(r.told, told...)
		for i := range reasons {
			if told.HasErrors() && (v.Subject == i || v.Subject < 0) {
				reasons[i] = append(reasons[i], told...)
			}
		}
	}
	if len(r.told) == 0 {
		return r
	}
	r.Findings, r.Desired = append(r.Findings, r.told...), nil
	for i, d := range r.asked {
		if len(reasons[i]) == 0 {
			r.Desired = append(r.Desired, d)
			continue
		}
		r.Blocked = append(r.Blocked, Block{Name: d.Name, Flow: d.Flow.Name, Entrypoint: d.Flow.Entrypoint, Reasons: reasons[i], policed: true})
	}
	return r
}

// Seen gives what policies see, as JSON; of what is blocked otherwise they see no deployment. docs/policies.md describes it.
func (r Rendered) Seen() any {
	flows, deployments := make([]any, 0, len(r.Flows)), make([]any, 0, len(r.asked))
	for _, f := range r.Flows {
		flows = append(flows, listed(f))
	}
	for _, d := range r.asked {
		deployments = append(deployments, d.Listed())
	}
	return map[string]any{"version": policy.Version, "environment": environment(r.Env), "flows": flows, "deployments": deployments}
}
