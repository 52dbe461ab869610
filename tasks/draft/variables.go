package draft

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/flowmage/flowmage/tasks/check"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/live"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/session"
)

// withVariables fills in the variables of the server to which the parameters of a manifest refer that somebody wrote, and judges the values. Those that
// are not there are told with the other references.
func withVariables(ctx context.Context, to session.Server, r Rendered) (Rendered, error) {
	if r.Options.File == "" {
		return r, nil
	}
	known := live.VariablesOf(to.API)
	desired := make([]plan.Desired, 0, len(r.Desired))
	for _, d := range r.Desired {
		one, filled, err := withOwn(ctx, known, d)
		if err != nil {
			return r, fmt.Errorf("reading the variables that the parameters of %s refer to: %w", d.Name, err)
		}
		wrong := filled.Where(func(f finding.Finding) bool { return f.Severity == finding.Error })
		r.Findings = append(r.Findings, filled...)
		if len(wrong) > 0 {
			r.Blocked = append(slices.Clip(r.Blocked), Block{Name: d.Name, Flow: d.Flow.Name, Entrypoint: d.Flow.Entrypoint, Reasons: wrong})
			continue
		}
		desired = append(desired, one)
	}
	r.Desired = desired
	return r, nil
}

// withOwn fills in those of one deployment, and tells what is wrong with the values.
func withOwn(ctx context.Context, known *live.Variables, d plan.Desired) (plan.Desired, finding.List, error) {
	parameters, found, err := known.Fill(ctx, d.Fields[plan.FieldParameters])
	d.Schedules = slices.Clone(d.Schedules)
	for i := range d.Schedules {
		values, more, wrong := known.Fill(ctx, d.Schedules[i].Parameters)
		d.Schedules[i].Parameters, _ = values.(map[string]any)
		if found = found || more; wrong != nil {
			err = wrong
		}
	}
	if err != nil || !found {
		return d, nil, err
	}
	d.Fields = maps.Clone(d.Fields)
	d.Fields[plan.FieldParameters] = parameters
	own := check.Given{Values: d.Parameters(), Places: d.Places, Position: d.Position, Variables: true}
	return d, check.Parameters(*d.Flow, own, given(d.Schedules, true)...), nil
}
