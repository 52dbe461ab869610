package command

import (
	"slices"

	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/flow"
)

// container is the kind of deployments that run in images.
const container = "container"

// containers says what becomes of container deployments, which this version can't build images for: they are blocked, or skipped
// where the settings say `containers: auto`. Those of the other kind go on. This is the only place that knows.
func (d *draft) containers(ready []flow.Flow) {
	skip, told := d.env.Containers == "auto", false
	for _, f := range ready {
		s := d.env.Settings(f.Names()...)
		if !slices.Contains(s.Kinds, container) {
			continue
		}
		reason := finding.Finding{
			Code: "not-available", Severity: finding.Error, Position: d.env.FlowOrigin("kinds", f.Names()...), Subject: f.Name,
			Message: "the kind container is not available yet", Why: "this version deploys the kind python only",
			Fix: "write kinds: [python], or containers: auto to skip the others",
		}
		if !skip {
			d.findings = append(d.findings, reason)
			d.blocked = append(d.blocked, blocked{s.DeploymentName(f.Slug(), container), f.Name, f.Entrypoint, finding.List{reason}})
			continue
		}
		if !told {
			reason.Code, reason.Severity, reason.Subject = "containers-skipped", finding.Warning, ""
			reason.Message, reason.Fix = "container deployments are skipped: the kind is not available yet", ""
			d.findings = append(d.findings, reason)
			told = true
		}
	}
	d.env = d.env.Without(container)
}
