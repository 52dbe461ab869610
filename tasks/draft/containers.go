package draft

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/canonical"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/image"
	"github.com/flowmage/flowmage/tasks/kind"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/session"
)

// containers plans the images of the flows' container deployments: their Dockerfiles, files and tags, all without Docker. What is wrong
// with those blocks the container deployments alone. Where the settings say `containers: auto`, they are skipped when there is no Docker.
func containers(ctx context.Context, s *session.Session, d *Draft, ready []flow.Flow) {
	var wanted []flow.Flow
	for _, f := range ready {
		if settings := d.Env.Settings(f.Names()...); settings.Enabled && len(settings.Imaged()) > 0 {
			wanted = append(wanted, f)
		}
	}
	if len(wanted) == 0 {
		return
	}
	if d.Env.Containers == session.Auto && !d.Imaged {
		if _, err := s.Docker(ctx); err != nil {
			d.skipContainers(err)
			return
		}
	}
	d.Images = map[string]image.Planned{}
	for _, f := range wanted {
		if own, ok := d.Env.Settings(f.Names()...).JobVariables["image"].(string); ok && own != "" {
			continue // somebody else builds it
		}
		planned := planImage(s, *d, f)
		for _, x := range planned.Findings {
			if !slices.Contains(d.Findings, x) { // several images start from the same base
				d.Findings = append(d.Findings, x)
			}
		}
		if planned.Findings.HasErrors() {
			d.BlockContainer(f, planned.Findings)
			continue
		}
		d.Images[f.Entrypoint] = planned
	}
}

// skipContainers leaves them out, and says so once.
func (d *Draft) skipContainers(err error) {
	f := fault.Of(err)
	d.Findings = append(d.Findings, Catalogue.New("containers-skipped", finding.Surroundings(), finding.Finding{
		Position: d.Env.Origin("containers").Position,
		Message:  "container deployments are skipped: " + f.What, Why: f.Cause(), Fix: f.Next,
	}))
	d.Env = d.Env.Without(kind.Imaged(kind.All())...)
}

// BlockContainer keeps a flow's container deployments from being rendered.
func (d *Draft) BlockContainer(f flow.Flow, reasons finding.List) {
	d.block(f, d.Env.Settings(f.Names()...).Imaged(), reasons)
	d.LeaveOut(f)
}

// ForetellImages notes in a plan which images a deploy would build. Whether they are there already is not asked: plans need no Docker.
func (d *Draft) ForetellImages(planned plan.Plan) {
	references := slices.Collect(maps.Values(d.References()))
	wanted := map[string]string{}
	for _, x := range d.Desired {
		if name := x.Image(); slices.Contains(references, name) {
			wanted[x.Name] = name
		}
	}
	for i := range planned.Actions {
		a := &planned.Actions[i]
		other := slices.ContainsFunc(a.Changes, func(c canonical.Change) bool { return c.Field == "job_variables.image" })
		if name := wanted[a.Name]; name != "" && !strings.Contains(name, "@") && (a.Op == plan.Create || other) {
			a.Notes = append(a.Notes, "its image will be built, unless it is there: "+name)
		}
	}
}

// LeaveOut keeps it from being rendered without counting as blocked.
func (d *Draft) LeaveOut(f flow.Flow) {
	if d.withoutImage == nil {
		d.withoutImage = map[string]bool{}
	}
	d.withoutImage[f.Entrypoint] = true
}

// rendered tells whether a flow's deployment of a kind is rendered.
func (d *Draft) rendered(f flow.Flow, k kind.Kind) bool {
	return !k.NeedsImage() || !d.withoutImage[f.Entrypoint]
}
