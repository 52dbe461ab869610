package plan

import (
	"fmt"
	"maps"
	"slices"

	"github.com/flowmage/flowmage/tasks/canonical"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/manifest"
	"github.com/flowmage/flowmage/tasks/ownership"
	"github.com/flowmage/flowmage/tasks/plan/automations"
)

// Desired is one deployment as the API shall hold it.
type Desired struct {
	Name string
	Flow *flow.Flow
	// Fields are the managed fields (see [Managed]) by the API's names, as JSON values: exactly what is compared, created and updated. The parameters'
	// schema is text, because those of thousands of deployments would take much room otherwise.
	Fields map[string]any
	// Schedules is what shall be there, if HasSchedules; otherwise the server's own are left alone.
	Schedules    []manifest.Schedule
	HasSchedules bool
	Triggers     []manifest.Trigger
	// OwnsTriggers says that the deployment has no other automations than Triggers, were it none.
	OwnsTriggers bool
	// Steps run before each write; until then Fields and Schedules hold placeholders for their outputs.
	Steps    []manifest.Step
	Position finding.Position
	Places   map[string]finding.Position // of the parameters, where steps may give them their values
}

// Scope is that of what is wrong with the deployment alone.
func (d Desired) Scope() finding.Scope { return finding.OfEntry(d.Position, d.Name) }

// Flows are the flows that deployments may name, by entrypoint.
type Flows map[string]*flow.Flow

// FlowsOf gives the flows by entrypoint.
func FlowsOf(flows []flow.Flow) Flows {
	out := make(Flows, len(flows))
	for i, f := range flows {
		out[f.Entrypoint] = &flows[i]
	}
	return out
}

// Resolve joins each deployment of a manifest with the flow that its entrypoint names, and appends it to those of manifests before. A
// deployment whose entrypoint is no known flow is a finding and is left out.
func (flows Flows) Resolve(out []Desired, m manifest.Manifest, owner ownership.Owner) ([]Desired, finding.List) {
	out = slices.Grow(out, len(m.Deployments))
	var findings finding.List
	var known []string // entrypoints, where they are wanted
	var before map[string]any
	if len(out) > 0 {
		before = out[len(out)-1].Fields
	}
	for _, d := range m.Deployments {
		f, ok := flows[d.Leads()]
		if !ok {
			if known == nil {
				known = slices.Sorted(maps.Keys(flows))
			}
			findings = append(findings, missingFlow(d, known))
			continue
		}
		fields, err := fieldsOf(d, f, owner)
		if err != nil {
			findings = append(findings, about("parameter-schema", d.Scope(), d.Name, finding.Position{File: f.File, Line: f.Line}, err.Error(), ""))
			continue
		}
		before = shared(fields, before)
		one := Desired{
			Name: d.Name, Flow: f, Fields: fields,
			Schedules: d.Schedules, HasSchedules: d.HasSchedules, Triggers: d.Triggers, Steps: d.Steps, Position: d.Position,
		}
		if len(d.Steps) > 0 {
			one.Places = d.Places
		}
		out = append(out, one)
	}
	return out, findings
}

// shared gives values with what is the same as in others taken from those. Deployments differ in little, and of tens of thousands only one
// copy of the rest should be kept. Nobody may change such a value in place.
func shared(values, others map[string]any) map[string]any {
	for k, v := range values {
		other, there := others[k]
		if !there {
			continue
		}
		if canonical.Equal(v, other) {
			values[k] = other
			continue
		}
		inner, ok1 := v.(map[string]any)
		outer, ok2 := other.(map[string]any)
		if ok1 && ok2 {
			values[k] = shared(inner, outer)
		}
	}
	return values
}

func missingFlow(d manifest.Deployment, known []string) finding.Finding {
	fix := "run `mage flows:list` to see what there is"
	if near := finding.Nearest(d.Entrypoint, known); near != "" {
		fix = fmt.Sprintf("did you mean %s? %s", near, fix)
	}
	return about("entrypoint-missing", d.Scope(), d.Name, d.Position, fmt.Sprintf("the entrypoint %s is no flow of this repository", d.Entrypoint), fix)
}

// about is a finding about one deployment.
func about(code string, scope finding.Scope, name string, at finding.Position, message, fix string) finding.Finding {
	return catalogue.New(code, scope, finding.Finding{Position: at, Subject: name, Message: message, Fix: fix})
}

// tagsOf gives the declared tags, without repeats, and the owner's tag.
func tagsOf(declared []string, owner ownership.Owner) []string {
	out := make([]string, 0, len(declared)+1)
	for _, tag := range append(slices.Clone(declared), owner.Tag()) {
		if !slices.Contains(out, tag) {
			out = append(out, tag)
		}
	}
	return out
}

// Automations gives what the deployment asks for of automations.
func (d Desired) Automations() automations.Wanted {
	return automations.Wanted{Deployment: d.Name, Triggers: d.Triggers, Owned: d.OwnsTriggers}
}

// Automated tells whether the deployment's automations are ours to keep in step.
func (d Desired) Automated() bool { return d.Automations().Kept() }

// Pool gives the name of the work pool that the deployment runs in, "" when it names none.
func (d Desired) Pool() string { return value[string](d.Fields, FieldPool) }

// Queue gives the name of its work queue.
func (d Desired) Queue() string { return value[string](d.Fields, FieldQueue) }

// Parameters gives the parameters' values.
func (d Desired) Parameters() map[string]any { return value[map[string]any](d.Fields, FieldParameters) }

// JobVariables gives the job variables, the environment variables among them.
func (d Desired) JobVariables() map[string]any { return value[map[string]any](d.Fields, FieldJob) }

// Env gives the environment variables of its runs.
func (d Desired) Env() map[string]any { return value[map[string]any](d.JobVariables(), "env") }

// Image gives the image of its runs, "" when it names none.
func (d Desired) Image() string { return value[string](d.JobVariables(), "image") }

// Tags gives the tags, the owner's among them.
func (d Desired) Tags() []string {
	list, _ := d.Fields[FieldTags].([]any)
	out := make([]string, 0, len(list))
	for _, tag := range list {
		if text, ok := tag.(string); ok {
			out = append(out, text)
		}
	}
	return out
}

// Served gives the fields that a program which serves the flow gives to Prefect, too, without those that say nothing.
func (d Desired) Served() map[string]any {
	out := map[string]any{}
	for _, field := range managed {
		if v := d.Fields[field.Name]; field.Served && v != nil && v != "" {
			out[field.Name] = v
		}
	}
	return out
}

// Paused tells whether it is to be paused; said is false where the manifest leaves that to the server.
func (d Desired) Paused() (paused, said bool) {
	paused, said = d.Fields[FieldPaused].(bool)
	return paused, said
}

// value gives what a field or a variable is, the zero value where it is not there.
func value[T any](fields map[string]any, name string) T {
	v, _ := fields[name].(T)
	return v
}
