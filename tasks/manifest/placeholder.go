package manifest

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/pattern"

	"github.com/flowmage/flowmage/tasks/document"
	"github.com/flowmage/flowmage/tasks/finding"
)

// outputPlaceholder finds {{ name }} and {{ step.key }}, which stand for what a build or push step gave out. Blocks, variables of the
// server and the context of a run are left for the server and the worker.
var outputPlaceholder = pattern.New(`\{\{\s*([\w.\-\[\]]+)\s*\}\}`)

// Resolve fills in the variables of the environment. In pull steps, which run on the worker, one that is not set stays for the worker;
// elsewhere it becomes empty, as in Prefect, with a warning, and is an error where a deployment's identity or schedule depends on it. What was
// filled in is judged as [Parse] judges what is written out. References to blocks and variables of the server stay as they are: Prefect
// resolves those in job variables and pull steps when a run starts, so secrets need not be stored. The outputs of build and push
// steps stay too, for [Outputs] to fill in when the steps have run; of steps that there are not they are errors.
func (m Manifest) Resolve(environ func(string) (string, bool)) (Manifest, finding.List) {
	out := m
	out.Deployments = slices.Clone(m.Deployments)
	var findings finding.List
	for i := range out.Deployments {
		d := &out.Deployments[i]
		r := resolving{environ: environ, at: d.Position, name: d.Name, scope: d.Scope(), marks: d.Placeholders}
		d.Steps = r.steps(d.Steps)
		before := *d
		told := len(r.findings)
		if d.Name = r.text(d.Name, "name"); r.findings[told:].HasErrors() {
			d.Name = before.Name // by which it is blocked
		}
		d.Entrypoint = r.text(d.Entrypoint, "entrypoint")
		d.WorkPool.Name = r.text(d.WorkPool.Name, "work_pool.name")
		r.identity(before, d)
		r.known = d.Steps
		d.Version, d.Description = r.pointer(d.Version, "version"), r.pointer(d.Description, "description")
		d.Tags = slices.Clone(d.Tags)
		for k := range d.Tags {
			d.Tags[k] = r.text(d.Tags[k], "tags")
		}
		d.Tags = slices.DeleteFunc(d.Tags, func(tag string) bool { return tag == "" })
		d.Parameters = r.mapping(d.Parameters, "parameters")
		d.WorkPool.Queue = r.text(d.WorkPool.Queue, "work_pool.work_queue_name")
		d.WorkPool.JobVariables = r.mapping(d.WorkPool.JobVariables, "work_pool.job_variables")
		d.Concurrency = r.options(d.Concurrency)
		d.Schedules = r.settle(d.Schedules, r.schedules(d.Schedules))
		r.known = nil // an automation is made from what is known beforehand
		d.Triggers = r.triggers(d.Triggers)
		r.worker = true
		r.known = d.Steps
		d.Pull = r.pulled(d.Pull)
		findings = append(findings, about(r.findings, r.scope, before.Name, d.Name)...)
	}
	return out, append(findings, twice(m.Deployments, out.Deployments)...)
}

// resolving fills in one deployment.
type resolving struct {
	environ  func(string) (string, bool)
	at       finding.Position
	marks    map[string]finding.Position // of texts, where they are known
	name     string
	scope    finding.Scope
	worker   bool             // what is not set stays
	inStep   bool             // blocks and variables have to be here
	known    []Step           // whose outputs may be referred to
	earlier  []map[string]any // pull steps before the one that is filled in
	findings finding.List
}

func (r *resolving) text(s, key string) string {
	if at, marked := r.marks[s]; marked {
		defer func(before finding.Position) { r.at = before }(r.at)
		r.at = at
	}
	if !strings.Contains(s, "{{") {
		r.shell(s, key)
		return s
	}
	r.form(s, key)
	s = document.Replace(s, func(name, whole string) string {
		if value, set := r.environ(name); set {
			return value
		}
		if _, odd := document.Defaulted(name); r.worker && !odd {
			return whole
		}
		r.unset(name, key)
		return ""
	})
	judge := r.reference
	if r.worker {
		judge = r.pullReference
	}
	for _, m := range outputPlaceholder.FindAllStringSubmatch(s, -1) {
		judge(m[1], key)
	}
	return s
}

// reference judges a placeholder that stands for no variable of the environment.
func (r *resolving) reference(name, key string) {
	_, known := producer(name, r.known)
	switch {
	case known:
	case left(name) && r.inStep && strings.HasPrefix(name, "prefect."):
		r.report(finding.Error, key, "step-reference", "hand the value over in a variable of the environment: {{ $NAME }}",
			fmt.Sprintf("%s of a step refers to %s, and blocks and variables are not fetched for steps that run here", key, name))
	case left(name) && (strings.HasPrefix(name, "prefect.") || strings.HasPrefix(key, "schedules.")) && atOnce(key):
		r.report(finding.Error, key, "server-reference", "hand the value over in a variable of the environment: {{ $NAME }}",
			fmt.Sprintf("%s refers to %s, and blocks and variables of the server are not fetched to write a deployment", key, name))
	case left(name):
	case slices.Contains([]string{"name", "entrypoint", "work_pool.name", "schedules.slug", "schedules.replaces", "concurrency_limit.collision_strategy"}, key):
		r.report(finding.Error, key, "step-output", "write it out, or take it from a variable of the environment: {{ $NAME }}",
			fmt.Sprintf("%s refers to %s, the output of a step, but it must be known before steps run", key, name))
	default:
		fix := "give a shell step in `build:` that id and use its .stdout, or write the value"
		if !strings.Contains(name, ".") {
			fix = "write {{ $" + name + " }} for a variable of the environment, or {{ ID.stdout }} for what a shell step in `build:` printed"
		}
		r.report(finding.Error, key, "step-output", fix,
			fmt.Sprintf("%s refers to %s, which no build or push step before it gives out", key, name))
	}
}

// steps fills in the inputs of build and push steps, each of which may refer to the outputs of those before it.
func (r *resolving) steps(list []Step) []Step {
	out := slices.Clone(list)
	r.inStep = true
	for i := range out {
		out[i] = out[i].each(r.text)
		r.known = out[:i+1]
	}
	r.inStep, r.known = false, nil
	return out
}

// left tells whether a placeholder is for the server or the worker to fill in.
func left(name string) bool {
	head, _, _ := strings.Cut(name, ".")
	return slices.Contains([]string{"prefect", "ctx", "event", "flow", "flow_run"}, head)
}

// atOnce tells whether a value has to be known when a deployment is written. Prefect fills in the others when a run starts, or they are judged
// with the flow.
func atOnce(key string) bool {
	for _, later := range []string{"parameters", "schedules.parameters", "work_pool.job_variables", "pull", "triggers"} {
		if key == later || strings.HasPrefix(key, later+".") {
			return false
		}
	}
	return true
}

func (r *resolving) report(severity finding.Severity, key, code, fix, message string) {
	r.reportAt(severity, r.at, key, code, fix, message)
}

func (r *resolving) reportAt(severity finding.Severity, at finding.Position, key, code, fix, message string) {
	if at.Key = key; key == "description" { // it is for people, and often a flow's own text
		severity = finding.Warning
	}
	r.findings = append(r.findings, catalogue.New(code, r.scope, finding.Finding{Position: at, Subject: r.name, Message: message, Fix: fix}).As(severity))
}

func (r *resolving) pointer(s *string, key string) *string {
	if s == nil {
		return nil
	}
	return new(r.text(*s, key))
}

func (r *resolving) mapping(m map[string]any, key string) map[string]any {
	if m == nil {
		return nil
	}
	out := make(map[string]any, len(m))
	for _, k := range slices.Sorted(maps.Keys(m)) {
		out[k] = r.value(m[k], key+"."+k)
	}
	return out
}

func (r *resolving) value(v any, key string) any {
	switch x := v.(type) {
	case string:
		return r.text(x, key)
	case map[string]any:
		return r.mapping(x, key)
	case []any:
		out := make([]any, 0, len(x))
		for _, e := range x {
			out = append(out, r.value(e, key))
		}
		return out
	default:
		return v
	}
}

func (r *resolving) schedules(list []Schedule) []Schedule {
	out := slices.Clone(list)
	deployment, marks := r.at, r.marks
	for i := range out {
		s := &out[i]
		r.at, r.marks = s.Position, nil // as what is judged of a schedule
		s.Cron, s.RRule = r.text(s.Cron, "schedules.cron"), r.text(s.RRule, "schedules.rrule")
		s.Timezone, s.AnchorDate = r.text(s.Timezone, "schedules.timezone"), r.text(s.AnchorDate, "schedules.anchor_date")
		s.ActiveText, s.DayOrText = r.text(s.ActiveText, "schedules.active"), r.text(s.DayOrText, "schedules.day_or")
		s.Parameters = r.mapping(s.Parameters, "schedules.parameters")
		known := r.known
		r.known = nil
		s.Slug, s.Replaces = r.text(s.Slug, "schedules.slug"), r.text(s.Replaces, "schedules.replaces")
		r.known = known
	}
	r.at, r.marks = deployment, marks
	return out
}
