package command

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/config"

	"github.com/flowmage/flowmage/tasks/canonical"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/image"
	"github.com/flowmage/flowmage/tasks/kind"
	"github.com/flowmage/flowmage/tasks/plan"
)

// auto skips container deployments where they are impossible.
const auto = "auto"

// containers plans the images of the flows' container deployments: their Dockerfiles, files and tags, all without Docker. What is wrong
// with those blocks the container deployments alone. Where the settings say `containers: auto`, they are skipped when there is no Docker.
func (s *Session) containers(ctx context.Context, d *draft, ready []flow.Flow) {
	var wanted []flow.Flow
	for _, f := range ready {
		if settings := d.env.Settings(f.Names()...); settings.Enabled && len(settings.Imaged()) > 0 {
			wanted = append(wanted, f)
		}
	}
	if len(wanted) == 0 {
		return
	}
	if d.env.Containers == auto && !d.imaged {
		if _, err := s.docker(ctx); err != nil {
			d.skipContainers(err)
			return
		}
	}
	d.images = map[string]image.Planned{}
	for _, f := range wanted {
		if own, ok := d.env.Settings(f.Names()...).JobVariables["image"].(string); ok && own != "" {
			continue // somebody else builds it
		}
		planned := s.planImage(*d, f)
		for _, x := range planned.Findings {
			if !slices.Contains(d.findings, x) { // several images start from the same base
				d.findings = append(d.findings, x)
			}
		}
		if planned.Findings.HasErrors() {
			d.blockContainer(f, planned.Findings)
			continue
		}
		d.images[f.Entrypoint] = planned
	}
}

// skipContainers leaves them out, and says so once.
func (d *draft) skipContainers(err error) {
	f := faultOf(err)
	d.findings = append(d.findings, catalogue.New("containers-skipped", finding.Surroundings(), finding.Finding{
		Position: d.env.Origin("containers").Position,
		Message:  "container deployments are skipped: " + f.What, Why: f.Cause(), Fix: f.Next,
	}))
	d.env = d.env.Without(kind.Imaged(kind.All())...)
}

// blockContainer keeps a flow's container deployments from being rendered.
func (d *draft) blockContainer(f flow.Flow, reasons finding.List) {
	d.block(f, d.env.Settings(f.Names()...).Imaged(), reasons)
	d.leaveOut(f)
}

// foretellImages notes in a plan which images a deploy would build. Whether they are there already is not asked: plans need no Docker.
func (d *draft) foretellImages(planned plan.Plan) {
	references := slices.Collect(maps.Values(d.references()))
	wanted := map[string]string{}
	for _, x := range d.desired {
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

// leaveOut keeps it from being rendered without counting as blocked.
func (d *draft) leaveOut(f flow.Flow) {
	if d.withoutImage == nil {
		d.withoutImage = map[string]bool{}
	}
	d.withoutImage[f.Entrypoint] = true
}

// rendered tells whether a flow's deployment of a kind is rendered.
func (d *draft) rendered(f flow.Flow, k kind.Kind) bool {
	return !k.NeedsImage() || !d.withoutImage[f.Entrypoint]
}

// faultOf gives an error's fault, or one that says the same.
func faultOf(err error) *fault.Error {
	if f, ok := errors.AsType[*fault.Error](err); ok {
		return f
	}
	return &fault.Error{Code: fault.Unexpected, What: err.Error()}
}

// hasContainers tells whether any flow may be deployed as a container.
func hasContainers(env config.Env) bool { return len(kind.Imaged(env.AllKinds())) > 0 }
