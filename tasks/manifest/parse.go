package manifest

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/flowmage/flowmage/tasks/document"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/schedule"
)

// Parse reads a manifest; name is the file's name for findings. With any finding of severity error the manifest holds what
// could be read.
func Parse(name string, data []byte) (Manifest, finding.List) {
	r := &reader{Reader: document.Reader{File: name, Rules: catalogue}}
	root, findings := document.Read(name, data)
	r.Findings = findings
	return r.parsed(root)
}

// Of is [Parse] for a file whose nodes are known. They lie within the limits of [document.Bounded].
func Of(name string, root *yaml.Node) (Manifest, finding.List) {
	r := &reader{Reader: document.Reader{File: name, Rules: catalogue}}
	return r.parsed(root)
}

func (r *reader) parsed(root *yaml.Node) (Manifest, finding.List) {
	switch {
	case root == nil && len(r.Findings) == 0:
		r.Fail(&yaml.Node{Line: 1}, "", "manifest-empty", "list deployments under `deployments:`", "the file is empty")
		return Manifest{}, r.Findings
	case root == nil:
		return Manifest{}, r.Findings
	case root.Kind != yaml.MappingNode:
		r.Fail(root, "", "manifest-type", "start with `deployments:`", "the file must be a mapping, this is %s", document.Kind(root))
		return Manifest{}, r.Findings
	}
	m := r.manifest(root)
	for _, pair := range repeated(m.Deployments) {
		m.Deployments[pair[1]].Shares = append(m.Deployments[pair[1]].Shares, m.Deployments[pair[0]].Scope())
		r.Findings = append(r.Findings, duplicate(m.Deployments[pair[0]], "the deployment %q of %s stands at line %d already", m.Deployments[pair[1]]))
	}
	return m, r.Findings
}

// reader collects findings while it walks the YAML nodes of one file.
type reader struct {
	document.Reader

	judge      schedule.Memory
	ofDefaults finding.List                // about steps that deployments take over
	loose      bool                        // in what Prefect's model of the file takes as it is
	marks      map[string]finding.Position // of texts with placeholders, by text; nil: none so far
}

// repeated gives the deployments of one flow that have the name of another one before, with the first of that name.
func repeated(list []Deployment) (out [][2]int) {
	seen := map[[2]string]int{}
	for i, d := range list {
		key := [2]string{d.Entrypoint, d.Name}
		if first, there := seen[key]; !there {
			seen[key] = i
		} else if d.Name != "" {
			out = append(out, [2]int{i, first})
		}
	}
	return out
}

func duplicate(d Deployment, message string, first Deployment) finding.Finding {
	return catalogue.New("deployment-duplicate", d.Scope(), finding.Finding{
		Position: d.Position, Subject: d.Name, Message: fmt.Sprintf(message, d.Name, d.Entrypoint, first.Position.Line), Fix: "give it another name",
	})
}

// entries gives a mapping's keys, and reports what is wrong with them.
func (r *reader) entries(n *yaml.Node) []document.Entry {
	return document.Entries(n, nil, func(f document.Flaw) {
		switch f.Fault {
		case document.Repeated:
			r.Fail(f.At, f.Name, "key-duplicate", "remove one of them", "%q stands at line %d already", f.Name, f.Line)
		case document.NoText:
			r.Fail(f.At, "", wrongType, "write a text as key", "a key must be a text, this is %s", document.Kind(f.At))
		case document.NoMapping:
			r.Fail(f.At, "<<", wrongType, "write `<<: *name`, with the anchor at a mapping", "a merge key takes a mapping, this is %s", document.Kind(f.At))
		}
	})
}

// known calls the handler of each key, and reports keys without one.
func (r *reader) known(n *yaml.Node, where string, handlers map[string]func(*yaml.Node)) {
	for _, e := range r.entries(n) {
		if handle, ok := handlers[e.Name]; ok {
			handle(e.Value)
			continue
		}
		r.unknown(e, where, handlers)
	}
}

// hints tell where a key belongs that people write in the wrong place, by what has the key, and by the key. Prefect drops all of these silently, and
// for those in a schedule the whole file.
func hints() map[string]map[string]string {
	return map[string]map[string]string{
		"a deployment": {
			"job_configuration":        "job variables stand below work_pool: `work_pool: {job_variables: {…}}`",
			"job_variables":            "write `work_pool: {job_variables: {…}}`",
			"infra_overrides":          "Prefect 3 calls them job variables: `work_pool: {job_variables: {…}}`",
			"env":                      "write `work_pool: {job_variables: {env: {…}}}`",
			"image":                    "write `work_pool: {job_variables: {image: …}}`",
			"work_pool_name":           "write `work_pool: {name: …}`",
			"work_queue_name":          "write `work_pool: {work_queue_name: …}`",
			"path":                     "where the code lies is said by pull steps: `pull: [{prefect.deployments.steps.set_working_directory: {directory: …}}]`",
			"storage":                  "Prefect 3 has no storage blocks here; use pull steps",
			"infrastructure":           "Prefect 3 has no infrastructure blocks; use a work pool",
			"labels":                   "labels can't be set here; use tags",
			"is_schedule_active":       "write `active:` in the schedule, or `paused:` in the deployment",
			"concurrency_options":      "write `concurrency_limit: {limit: …, collision_strategy: …}`",
			"collision_strategy":       "write `concurrency_limit: {limit: …, collision_strategy: …}`",
			"grace_period_seconds":     "write `concurrency_limit: {limit: …, grace_period_seconds: …}`",
			"flow_location":            "the file stands in the entrypoint: `entrypoint: path/file.py:function`",
			"flow":                     "write `entrypoint: path/file.py:function`",
			"time_zone":                "write `timezone:` in the schedule",
			"timezone":                 "write it in the schedule",
			"cron":                     "write `schedules: [{cron: …}]`",
			"interval":                 "write `schedules: [{interval: …}]`",
			"rrule":                    "write `schedules: [{rrule: …}]`",
			"anchor_date":              "write it in the schedule, beside `interval:`",
			"active":                   "write `active:` in the schedule, or `paused:` in the deployment",
			"flow_run_name":            "runs are named by the flow: `@flow(flow_run_name=…)`",
			"retries":                  "runs are repeated by the flow: `@flow(retries=…)`",
			"retry_delay_seconds":      "runs are repeated by the flow: `@flow(retry_delay_seconds=…)`",
			"timeout_seconds":          "write it in the flow: `@flow(timeout_seconds=…)`",
			"log_prints":               "write it in the flow: `@flow(log_prints=True)`",
			"command":                  "write `work_pool: {job_variables: {command: …}}`",
			"work_queue":               "write `work_pool: {work_queue_name: …}`",
			"queue":                    "write `work_pool: {work_queue_name: …}`",
			"variables":                "write `work_pool: {job_variables: {…}}`",
			"max_active_runs":          "write `concurrency_limit:`",
			"catchup":                  "Prefect has no catch-up: runs that were missed are not made up for. Remove it",
			"start_date":               "write `anchor_date:` in the schedule, beside `interval:`, or DTSTART in an rrule",
			"parameter_openapi_schema": "it is read from the flow's signature; remove it",
		},
		"a schedule": {
			"catchup":            "Prefect has no catch-up: runs that were missed are not made up for. Remove it",
			"max_active_runs":    "write `concurrency_limit:` in the deployment",
			"start_date":         "write `anchor_date:` beside `interval:`, or DTSTART in an rrule",
			"schedule":           "write its keys here: `- cron: …`",
			"max_scheduled_runs": "it can be set in the Prefect UI only",
			"tz":                 "write `timezone:`",
			"time_zone":          "write `timezone:`",
			"flow_run_name":      "runs are named by the flow: `@flow(flow_run_name=…)`",
			"concurrency_limit":  "write it in the deployment",
			"tags":               "write them in the deployment",
			"name":               "write `slug:`",
			"end_date":           "write UNTIL in an rrule",
			"paused":             "write `active: false`",
			"enabled":            "write `active:`",
		},
		"work_pool": {
			"queue":              "write `work_queue_name:`",
			"work_pool_name":     "write `name:`",
			"env":                "write `job_variables: {env: {…}}`",
			"image":              "write `job_variables: {image: …}`",
			"command":            "write `job_variables: {command: …}`",
			"variables":          "write `job_variables: {…}`",
			"concurrency_limit":  "that of the deployment stands beside work_pool; that of the pool is set on the server: prefect work-pool set-concurrency-limit NAME LIMIT",
			"collision_strategy": "write `concurrency_limit: {limit: …, collision_strategy: …}` beside work_pool",
			"tags":               "write them in the deployment",
			"parameters":         "write them in the deployment",
			"schedule":           "schedules stand in the deployment: `schedules: […]`",
			"type":               "the type is the work pool's own; remove it",
		},
	}
}

func (r *reader) unknown(e document.Entry, where string, handlers map[string]func(*yaml.Node)) {
	if e.Name == "sla" && where == "a deployment" {
		if e.Value.Tag == document.Null {
			return // asks for nothing
		}
		r.Fail(e.Key, "sla", "key-unsupported", "remove it, or deploy this file with `prefect deploy`",
			"%s: service levels exist on Prefect Cloud only, and can't be deployed from here", where)
		return
	}
	effect, report := "; Prefect would drop it silently", r.Fail
	switch where {
	case "a schedule":
		effect, report = "", r.drop
	case shellStep:
		effect = "; Prefect would fail to run it"
	case pullWhere + strings.TrimPrefix(where, pullWhere):
		effect = "; every run would fail at it"
	case imageWhere + buildImage, imageWhere + pushImage:
		effect = "; it can't be honoured here"
	}
	if hint := hints()[where][e.Name]; hint != "" {
		report(e.Key, e.Name, "key-misplaced", hint, "%s has no key %q%s", where, e.Name, effect)
		return
	}
	names := slices.Sorted(maps.Keys(handlers))
	report(e.Key, e.Name, "key-unknown", finding.Suggest(e.Name, names, "", "known keys are "+strings.Join(names, ", ")), "%s has no key %q%s", where, e.Name, effect)
}
