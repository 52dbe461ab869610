package manifest

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/flowmage/flowmage/tasks/document"
	"github.com/flowmage/flowmage/tasks/finding"
)

// entry is one key of a mapping with its value, aliases and merge keys resolved.
type entry struct {
	key   *yaml.Node
	value *yaml.Node
}

// entries gives a mapping's keys in order. Merge keys (<<) add what the mapping itself does not set. Repeated keys are findings.
func (r *reader) entries(n *yaml.Node) []entry {
	n = document.Target(n)
	var out, merged []entry
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.Tag == "!!merge" {
			for _, source := range r.mergeSources(value) {
				merged = append(merged, r.entries(source)...)
			}
			continue
		}
		if key.Kind == yaml.AliasNode {
			key = document.Target(key)
		}
		if key.Kind != yaml.ScalarNode {
			r.fail(key, "", wrongType, "write a text as key", "a key must be a text, this is %s", kind(key))
			continue
		}
		if line, ok := seen[key.Value]; ok {
			r.fail(key, key.Value, "key-duplicate", "remove one of them", "%q stands at line %d already", key.Value, line)
			continue
		}
		seen[key.Value] = key.Line
		out = append(out, entry{key, document.Target(value)})
	}
	for _, m := range merged {
		if _, ok := seen[m.key.Value]; !ok {
			seen[m.key.Value] = m.key.Line
			out = append(out, m)
		}
	}
	return out
}

// mergeSources gives the mappings that a merge key names: one, or a list of them.
func (r *reader) mergeSources(n *yaml.Node) []*yaml.Node {
	n = document.Target(n)
	list := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		list = n.Content
	}
	out := make([]*yaml.Node, 0, len(list))
	for _, c := range list {
		c = document.Target(c)
		if c.Kind != yaml.MappingNode {
			r.fail(c, "<<", wrongType, "write `<<: *name`, with the anchor at a mapping", "a merge key takes a mapping, this is %s", kind(c))
			continue
		}
		out = append(out, c)
	}
	return out
}

// known calls the handler of each key, and reports keys without one.
func (r *reader) known(n *yaml.Node, where string, handlers map[string]func(*yaml.Node)) {
	for _, e := range r.entries(n) {
		if handle, ok := handlers[e.key.Value]; ok {
			handle(e.value)
			continue
		}
		r.unknown(e, where, handlers)
	}
}

// misplaced tells where a key belongs that people write in the wrong place. Prefect drops all of these silently, and for those in a
// schedule the whole file.
func misplaced(where, key string) string {
	hints := map[string]map[string]string{
		"a deployment": {
			"job_configuration":   "job variables stand below work_pool: `work_pool: {job_variables: {…}}`",
			"job_variables":       "write `work_pool: {job_variables: {…}}`",
			"infra_overrides":     "Prefect 3 calls them job variables: `work_pool: {job_variables: {…}}`",
			"env":                 "write `work_pool: {job_variables: {env: {…}}}`",
			"image":               "write `work_pool: {job_variables: {image: …}}`",
			"work_pool_name":      "write `work_pool: {name: …}`",
			"work_queue_name":     "write `work_pool: {work_queue_name: …}`",
			"path":                "where the code lies is said by pull steps: `pull: [{prefect.deployments.steps.set_working_directory: {directory: …}}]`",
			"storage":             "Prefect 3 has no storage blocks here; use pull steps",
			"infrastructure":      "Prefect 3 has no infrastructure blocks; use a work pool",
			"labels":              "labels can't be set here; use tags",
			"is_schedule_active":  "write `active:` in the schedule, or `paused:` in the deployment",
			"concurrency_options": "write `concurrency_limit: {limit: …, collision_strategy: …}`",
		},
		"a schedule": {
			"catchup":            "Prefect has no catch-up: runs that were missed are not made up for. Remove it",
			"max_active_runs":    "write `concurrency_limit:` in the deployment",
			"start_date":         "write `anchor_date:` beside `interval:`, or DTSTART in an rrule",
			"schedule":           "write its keys here: `- cron: …`",
			"max_scheduled_runs": "it can be set in the Prefect UI only",
			"tz":                 "write `timezone:`",
			"enabled":            "write `active:`",
		},
		"work_pool": {
			"queue":          "write `work_queue_name:`",
			"work_pool_name": "write `name:`",
			"env":            "write `job_variables: {env: {…}}`",
			"image":          "write `job_variables: {image: …}`",
			"schedule":       "schedules stand in the deployment: `schedules: […]`",
			"type":           "the type is the work pool's own; remove it",
		},
	}
	return hints[where][key]
}

func (r *reader) unknown(e entry, where string, handlers map[string]func(*yaml.Node)) {
	if e.key.Value == "sla" && where == "a deployment" {
		if e.value.Tag == document.Null {
			return // asks for nothing
		}
		r.fail(e.key, "sla", "key-unsupported", "remove it, or deploy this file with `prefect deploy`",
			"%s: service levels exist on Prefect Cloud only, and can't be deployed from here", where)
		return
	}
	effect := "Prefect would drop it silently"
	switch where {
	case "a schedule":
		effect = "Prefect would drop the whole file for it"
	case shellStep:
		effect = "Prefect would fail to run it"
	case imageWhere + buildImage, imageWhere + pushImage:
		effect = "it can't be honoured here"
	}
	if hint := misplaced(where, e.key.Value); hint != "" {
		r.fail(e.key, e.key.Value, "key-misplaced", hint, "%s has no key %q; %s", where, e.key.Value, effect)
		return
	}
	names := make([]string, 0, len(handlers))
	for name := range handlers {
		names = append(names, name)
	}
	slices.Sort(names)
	fix := "known keys are " + strings.Join(names, ", ")
	if near := finding.Nearest(e.key.Value, names); near != "" {
		fix = fmt.Sprintf("did you mean %q? %s", near, fix)
	}
	r.fail(e.key, e.key.Value, "key-unknown", fix, "%s has no key %q; %s", where, e.key.Value, effect)
}
