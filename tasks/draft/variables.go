package draft

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/pattern"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/prefect"
)

// reference is a variable of the server in a parameter. It is no secret, and Prefect's command line puts its value in its place before a deployment
// is stored (Prefect: utilities/templating.py, resolve_variables); a block's stays a reference.
var reference = pattern.New(`\{\{\s*prefect\.variables\.(\w+)\s*\}\}`)

// withVariables fills in the variables of the server to which the parameters of a manifest refer that somebody wrote, and judges the values. Those that
// are not there are told with the other references.
func withVariables(ctx context.Context, api *prefect.Client, r Rendered) (Rendered, error) {
	if r.Options.File == "" {
		return r, nil
	}
	v := variables{ctx: ctx, api: api, known: map[string]any{}}
	desired := make([]plan.Desired, 0, len(r.Desired))
	for _, d := range r.Desired {
		before := v.filled
		d.Schedules = slices.Clone(d.Schedules)
		for i := range d.Schedules {
			d.Schedules[i].Parameters, _ = v.value(d.Schedules[i].Parameters).(map[string]any)
		}
		if parameters := v.value(d.Fields[plan.FieldParameters]); v.filled > before {
			fields := make(map[string]any, len(d.Fields))
			for name, value := range d.Fields {
				fields[name] = value
			}
			fields[plan.FieldParameters] = parameters
			d.Fields = fields
			if wrong := AfterSteps(d).Where(func(f finding.Finding) bool { return f.Severity == finding.Error && (v.odd || f.Code != "parameter-placeholder") }); len(wrong) > 0 {
				r.Findings = append(r.Findings, wrong...)
				r.Blocked = append(slices.Clip(r.Blocked), Block{d.Name, d.Flow.Name, d.Flow.Entrypoint, wrong})
				continue
			}
		}
		desired = append(desired, d)
	}
	r.Desired = desired
	if v.err != nil {
		return r, fmt.Errorf("reading the variables that parameters refer to: %w", v.err)
	}
	return r, nil
}

// variables reads each variable once.
type variables struct {
	ctx    context.Context //nolint:containedctx // it lives for one call
	api    *prefect.Client
	known  map[string]any // nil: there is none
	filled int
	odd    bool // a value that has no text stands in the middle of one
	err    error
}

func (v *variables) of(name string) any {
	value, asked := v.known[name]
	if asked || v.err != nil {
		return value
	}
	found, there, err := v.api.Variable(v.ctx, name)
	if err == nil && there {
		decoder := json.NewDecoder(bytes.NewReader(found.Value))
		decoder.UseNumber()
		err = decoder.Decode(&value)
	}
	v.known[name], v.err = value, err
	return value
}

// value gives a value with the variables in it. A text that is nothing but a reference becomes what the variable is.
func (v *variables) value(x any) any {
	switch x := x.(type) {
	case string:
		return v.text(x)
	case map[string]any:
		if x == nil {
			return x
		}
		out := make(map[string]any, len(x))
		for k, e := range x {
			out[k] = v.value(e)
		}
		return out
	case []any:
		out := make([]any, 0, len(x))
		for _, e := range x {
			out = append(out, v.value(e))
		}
		return out
	default:
		return x
	}
}

func (v *variables) text(s string) any {
	m := reference.FindStringSubmatch(s)
	if m == nil {
		return s
	}
	if m[0] == s {
		if value := v.of(m[1]); value != nil {
			v.filled++
			return value
		}
		return s
	}
	return reference.ReplaceAllStringFunc(s, func(whole string) string {
		text, fits := inText(v.of(reference.FindStringSubmatch(whole)[1]))
		v.filled++
		if !fits {
			v.odd = true
			return whole
		}
		return text
	})
}

// inText gives a variable as Python has it in the middle of a text: of lists and mappings that is nothing which anybody means.
func inText(value any) (string, bool) {
	switch x := value.(type) {
	case string:
		return x, true
	case json.Number:
		return x.String(), true
	case bool:
		return map[bool]string{true: "True", false: "False"}[x], true
	default:
		return "", false
	}
}
