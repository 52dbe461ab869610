package apply

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/manifest"
	"github.com/flowmage/flowmage/tasks/plan"
)

var errNoSteps = errors.New("it has steps, and none can be run here")

// unwritable is the error for a deployment of which nothing is written, because of what its steps gave out.
func unwritable(findings finding.List) error {
	f := findings[slices.IndexFunc(findings, func(x finding.Finding) bool { return x.Severity == finding.Error })]
	f.Position.Key = ""
	return &fault.Error{Code: fault.Findings, What: f.Message, Where: f.Position.String(), Why: cmp.Or(f.Why, "the steps have run, and nothing of the deployment was written"), Next: f.Fix}
}

// afterSteps runs the steps of a deployment and gives what is left to do, now that all is known.
func (x *execution) afterSteps(ctx context.Context, a plan.Action) (plan.Action, error) {
	if len(a.Desired.Steps) == 0 {
		return a, nil
	}
	if x.steps == nil {
		return a, errNoSteps
	}
	x.scripts.Lock()
	outputs, err := x.steps(ctx, a.Name, hushed(a.Desired))
	x.scripts.Unlock()
	if err != nil {
		return a, err
	}
	d := a.Desired
	d.Fields, _ = outputs.Fill(d.Fields).(map[string]any)
	var findings finding.List
	d.Schedules, findings = manifest.Settle(d.Name, d.Schedules, outputs.Schedules(d.Schedules))
	// These are known from the start, and no text in them is meant for us.
	d.Fields[plan.FieldSchema], d.Fields[plan.FieldEntrypoint] = a.Desired.Fields[plan.FieldSchema], a.Desired.Fields[plan.FieldEntrypoint]
	if x.judge != nil {
		findings = append(findings, x.judge(d)...)
	}
	if a.Desired = d; findings.HasErrors() {
		return a, unwritable(findings)
	}
	if a.Op == plan.Create {
		a.Fields = d.Fields
		return a, nil
	}
	if _, err := a.CompareStored(); err != nil {
		return a, err
	}
	if !a.Writes() {
		a.Op = plan.Unchanged
	}
	return a, nil
}
