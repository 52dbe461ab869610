package manifest

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/finding"
)

// variable finds {{ $NAME }}, a variable of the environment (Prefect: utilities/templating).
var variable = regexp.MustCompile(`\{\{\s*\$([\w.\-\[\]]+)\s*\}\}`)

// output finds {{ name }} and {{ step.key }}, which in Prefect stand for what a build or push step gave out. Blocks, variables of the
// server and the context of a run are left for the server and the worker.
var output = regexp.MustCompile(`\{\{\s*([\w.\-\[\]]+)\s*\}\}`)

// Resolve fills in the variables of the environment. In pull steps, which run on the worker, one that is not set stays for the worker;
// elsewhere it becomes empty, as in Prefect, with a warning. References to blocks and variables of the server stay as they are: Prefect
// resolves those in job variables and pull steps when a run starts, so secrets need not be stored. The outputs of build
// and push steps, which this tool does not run, are errors.
func (m Manifest) Resolve(environ func(string) (string, bool)) (Manifest, finding.List) {
	out := m
	out.Deployments = slices.Clone(m.Deployments)
	var findings finding.List
	for i := range out.Deployments {
		d := &out.Deployments[i]
		r := resolving{environ: environ, at: d.Position, name: d.Name}
		d.Name, d.Entrypoint = r.text(d.Name, "name"), r.text(d.Entrypoint, "entrypoint")
		d.Version, d.Description = r.pointer(d.Version, "version"), r.pointer(d.Description, "description")
		d.Tags = slices.Clone(d.Tags)
		for k := range d.Tags {
			d.Tags[k] = r.text(d.Tags[k], "tags")
		}
		d.Tags = slices.DeleteFunc(d.Tags, func(tag string) bool { return tag == "" })
		d.Parameters = r.mapping(d.Parameters, "parameters")
		d.WorkPool.Name, d.WorkPool.Queue = r.text(d.WorkPool.Name, "work_pool.name"), r.text(d.WorkPool.Queue, "work_pool.work_queue_name")
		d.WorkPool.JobVariables = r.mapping(d.WorkPool.JobVariables, "work_pool.job_variables")
		d.Schedules = r.schedules(d.Schedules)
		r.worker = true
		d.Pull = slices.Clone(d.Pull)
		for k := range d.Pull {
			d.Pull[k] = r.mapping(d.Pull[k], "pull")
		}
		findings = append(findings, r.findings...)
	}
	return out, findings
}

// resolving fills in one deployment.
type resolving struct {
	environ  func(string) (string, bool)
	at       finding.Position
	name     string
	worker   bool // what is not set stays
	findings finding.List
}

func (r *resolving) text(s, key string) string {
	if !strings.Contains(s, "{{") {
		return s
	}
	s = variable.ReplaceAllStringFunc(s, func(whole string) string {
		name := variable.FindStringSubmatch(whole)[1]
		if value, set := r.environ(name); set {
			return value
		}
		if r.worker {
			return whole
		}
		r.report(finding.Warning, key, "variable-unset", "set it, or write the value",
			fmt.Sprintf("the environment variable %s in %s is not set, so it is empty", name, key))
		return ""
	})
	if !r.worker {
		for _, m := range output.FindAllStringSubmatch(s, -1) {
			if left(m[1]) {
				continue
			}
			r.report(finding.Error, key, "step-output", "write the value, or deploy this file with `prefect deploy`",
				fmt.Sprintf("%s refers to %s, the output of a build or push step, and such steps are not run from here", key, m[1]))
		}
	}
	return s
}

// left tells whether a placeholder is for the server or the worker to fill in.
func left(name string) bool {
	head, _, _ := strings.Cut(name, ".")
	return slices.Contains([]string{"prefect", "ctx", "event", "flow", "flow_run"}, head)
}

func (r *resolving) report(severity finding.Severity, key, code, fix, message string) {
	at := r.at
	at.Key = key
	r.findings = append(r.findings, finding.Finding{Code: code, Severity: severity, Position: at, Subject: r.name, Message: message, Fix: fix})
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
	for i := range out {
		s := &out[i]
		s.Cron, s.RRule = r.text(s.Cron, "schedules.cron"), r.text(s.RRule, "schedules.rrule")
		s.Timezone, s.AnchorDate = r.text(s.Timezone, "schedules.timezone"), r.text(s.AnchorDate, "schedules.anchor_date")
		s.Slug, s.Parameters = r.text(s.Slug, "schedules.slug"), r.mapping(s.Parameters, "schedules.parameters")
	}
	return out
}
