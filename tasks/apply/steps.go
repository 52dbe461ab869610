package apply

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/manifest"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/secret"
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
	d.Schedules, findings = manifest.Settle(d.Name, d.Scope(), d.Schedules, outputs.Schedules(d.Schedules))
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

// hushed gives the steps, with those marked whose output is a secret: by the step's id, or because it goes to where a secret belongs, be it by
// way of another step.
func hushed(d plan.Desired) []manifest.Step {
	steps := slices.Clone(d.Steps)
	secretTexts := secretsIn(d.Fields, nil)
	for _, s := range d.Schedules {
		secretTexts = append(secretTexts, secretsIn(s.Parameters, nil)...)
	}
	for i := len(steps) - 1; i >= 0; i-- {
		s := &steps[i]
		s.Secret = secret.Named([]string{s.ID}) || slices.ContainsFunc(secretTexts, func(text string) bool { return s.Feeds(text) })
		if s.Secret { // what it is made from
			secretTexts = append(secretTexts, s.Script)
			secretTexts = append(secretTexts, slices.Collect(maps.Values(s.Env))...)
		}
		for name, value := range s.Env {
			if secret.Named([]string{name}) {
				secretTexts = append(secretTexts, value)
			}
		}
	}
	return steps
}

// secretsIn gives the texts below path that stand where a secret belongs, as far as they hold placeholders.
func secretsIn(v any, path []string) []string {
	var out []string
	switch x := v.(type) {
	case string:
		if strings.Contains(x, "{{") && (secret.Named(path) || secret.InAddress(x)) {
			out = append(out, x)
		}
	case map[string]any:
		for name, value := range x {
			out = append(out, secretsIn(value, append(slices.Clone(path), name))...)
		}
	case []any:
		for _, value := range x {
			out = append(out, secretsIn(value, path)...)
		}
	case []map[string]any:
		for _, value := range x {
			out = append(out, secretsIn(value, path)...)
		}
	}
	return out
}
