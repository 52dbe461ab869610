package plan

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/ownership"
	"github.com/flowmage/flowmage/tasks/pool"
)

// checkJob compares job variables with the variables of the pool's template.
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
	var out finding.List
	for _, problem := range pool.Misfits(variables, d.settled(values)) {
		out = append(out, finding.Finding{
			Code: "job-variable", Severity: finding.Error, Position: d.Position, Subject: d.Name,
			Message: fmt.Sprintf("job variable %s does not fit the work pool %s", problem, name),
			Why:     "the server refuses the deployment", Fix: "correct `job_variables` or `env` in envs/",
		})
	}
	return out, notes
}

// variables gives the JSON Schema of a work pool's job variables: as the plan will leave it, else as the server has it; nil when only its
// worker knows.
func (l Live) variables(owner ownership.Owner, name string) map[string]any {
	have, there := l.Pools[name]
	if want := l.Wanted[name]; want.Template != nil && (!there || owner.Keeps(have.Description) && !owner.Guest) {
		return pool.Variables(want.Template)
	}
	var template map[string]any
	if json.Unmarshal(have.BaseJobTemplate, &template) != nil {
		return nil
	}
	return pool.Variables(template)
}

// block takes an action back.
func (a *Action) Block(reasons finding.List) {
	*a = Action{Op: Blocked, Name: a.Name, Flow: a.Flow, Entrypoint: a.Entrypoint, ID: a.ID, Reasons: reasons, Notes: a.Notes, Have: a.Have}
}
