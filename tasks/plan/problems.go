package plan

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/ownership"
	"github.com/flowmage/flowmage/tasks/pool"
	"github.com/flowmage/flowmage/tasks/prefect"
)

// triggerProblem finds a trigger that the server would refuse after the deployment was written.
func (l Live) triggerProblem(d Desired) (finding.Finding, bool) {
	for _, t := range d.Triggers {
		refused := func(code, message, fix string) (finding.Finding, bool) {
			return about(code, d.Scope(), d.Name, t.Position, message, fix), true
		}
		switch {
		case t.When["type"] == "metric" && !l.Release.Cloud:
			return refused("trigger-metric", fmt.Sprintf("the trigger %s is about a metric, which only Prefect Cloud has", t.Name), "remove it, or deploy to Cloud")
		case relatesToMany(t.When) && !l.Release.AtLeast(prefect.FullAutomations()):
			return refused("trigger-related", fmt.Sprintf("the trigger %s has a list under match_related, which servers before %s don't know", t.Name, prefect.FullAutomations()),
				"write one mapping, or a trigger for each")
		}
	}
	return finding.Finding{}, false
}

// relatesToMany tells whether a trigger, or one that it is made of, names several related resources. 3.2.15 takes one only, 3.4.25 both.
func relatesToMany(when map[string]any) bool {
	if _, many := when["match_related"].([]any); many {
		return true
	}
	parts, _ := when["triggers"].([]any)
	return slices.ContainsFunc(parts, func(part any) bool {
		m, ok := part.(map[string]any)
		return ok && relatesToMany(m)
	})
}

// poolProblem tells what is wrong with the pool of a deployment: of another type than its kind needs, or not known at all.
func (l Live) poolProblem(d Desired) (finding.Finding, bool) {
	name := d.Pool()
	wanted, declared := l.Wanted[name]
	have, there := l.Pools[name]
	wrong := func(code, message, fix string) (finding.Finding, bool) {
		return about(code, d.Scope(), d.Name, d.Position, message, fix), true
	}
	switch {
	case !declared && !l.AnyPool:
		return wrong("pool-unknown", fmt.Sprintf("the work pool %q is not among the environment's pools", name), "name it under `pools` in envs/")
	case l.AnyPool && (there || name == ""):
		return finding.Finding{}, false
	case name == "":
		return wrong("pool-missing", "the deployment names no work pool", "add `work_pool: {name: …}`, or set PREFECT_DEPLOYMENTS_DEFAULT_WORK_POOL_NAME")
	case wanted.Type == "" && !there:
		f, bad := wrong("pool-missing", fmt.Sprintf("there is no work pool %q on %s", name, l.API), "make it: prefect work-pool create "+name+" --type process")
		f.Why = "which type it should have is not known"
		return f, bad
	case wanted.Type != "" && there && have.Type != wanted.Type:
		f := l.otherType(wanted, have)
		f.Subject, f.Scope = d.Name, d.Scope()
		return f, true
	}
	return finding.Finding{}, false
}

// otherType is the finding for a work pool of the wrong type. No request changes the type of one.
func (l Live) otherType(want pool.Pool, have prefect.WorkPool) finding.Finding {
	return catalogue.New("pool-type", finding.Surroundings(), finding.Finding{
		Position: finding.Position{Key: "pools"},
		Message:  fmt.Sprintf("the work pool %q on %s has the type %s, these deployments need %s", want.Name, l.API, have.Type, want.Type),
		Fix:      "name another pool under `pools` in envs/: a missing one is created; or delete this one in the Prefect UI",
	})
}

// fit takes out of a deployment what the server's release does not know and would drop without a word, and tells of it. (Prefect:
// the release in which each field came.)
func fit(d Desired, r prefect.Release) (Desired, []string) {
	var notes []string
	if options, ok := d.Fields[FieldOptions].(map[string]any); ok && options["grace_period_seconds"] != nil && !r.AtLeast(prefect.Release{Major: 3, Minor: 6, Patch: 6}) {
		options = maps.Clone(options)
		delete(options, "grace_period_seconds")
		d.Fields = maps.Clone(d.Fields)
		d.Fields[FieldOptions] = options
		notes = append(notes, "concurrency_limit.grace_period_seconds does nothing here: the server is older than 3.6.6")
	}
	if !r.AtLeast(prefect.FullAutomations()) {
		for i, t := range d.Triggers {
			if t.ScheduleAfter > 0 {
				d.Triggers = slices.Clone(d.Triggers)
				d.Triggers[i].ScheduleAfter = 0
				notes = append(notes, fmt.Sprintf("schedule_after of the trigger %s does nothing here: the server is older than %s", t.Name, prefect.FullAutomations()))
			}
		}
	}
	return d, notes
}

// CheckJob compares job variables with the variables of the pool's template.
func CheckJob(owner ownership.Owner, d Desired, live Live) (finding.List, []string) {
	values, name := d.JobVariables(), d.Pool()
	variables := live.variables(owner, name)
	if len(values) == 0 || len(variables) == 0 {
		return nil, nil
	}
	properties, _ := variables["properties"].(map[string]any)
	var notes []string
	for _, v := range slices.Sorted(maps.Keys(values)) {
		if _, ok := properties[v]; ok {
			continue
		}
		note := fmt.Sprintf("the work pool %s has no job variable %q, so it does nothing", name, v)
		if near := finding.Nearest(v, slices.Sorted(maps.Keys(properties))); near != "" {
			note += fmt.Sprintf("; did you mean %s?", near)
		}
		notes = append(notes, note)
	}
	fix := "correct `job_variables` or `env` in envs/"
	if live.AnyPool { // somebody has written the manifest
		fix = "correct `work_pool.job_variables` there"
	}
	var out finding.List
	for _, problem := range pool.Misfits(variables, d.settled(values)) {
		message := fmt.Sprintf("job variable %s does not fit the work pool %s", problem, name)
		out = append(out, about("job-variable", d.Scope(), d.Name, d.Position, message, fix))
	}
	return out, notes
}

// variables gives the JSON Schema of a work pool's job variables: as the plan will leave it, else as the server has it; nil when only its
// worker knows.
func (l Live) variables(owner ownership.Owner, name string) map[string]any {
	have, there := l.Pools[name]
	if want := l.Wanted[name]; want.Base != nil && (!there || owner.Keeps(have.Description) && !owner.Guest) {
		return pool.Variables(want.Base)
	}
	var template map[string]any
	if json.Unmarshal(have.BaseJobTemplate, &template) != nil {
		return nil
	}
	return pool.Variables(template)
}

// Block takes an action back.
func (a *Action) Block(reasons finding.List) {
	*a = Action{Op: Blocked, Name: a.Name, Flow: a.Flow, Entrypoint: a.Entrypoint, ID: a.ID, Reasons: reasons, Notes: a.Notes, Have: a.Have}
}
