package deploy

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/manifest"
	"github.com/flowmage/flowmage/tasks/prefect"
)

// triggerEdits are the writes that bring a deployment's automations to the wanted state. A changed one is made anew, as Prefect's own
// command line does with all of them on each deploy: the server forgets an automation's owner when it is edited.
type triggerEdits struct {
	create []map[string]any // without the deployment's id
	remove []string         // automation ids
}

func (e triggerEdits) empty() bool { return len(e.create)+len(e.remove) == 0 }

// compareTriggers gives the edits and the changes to show. tag marks the automations that are made, "" on servers that know no tags.
func compareTriggers(d Desired, tag string, live []prefect.Automation) (triggerEdits, []Change, error) {
	var edits triggerEdits
	var changes []Change
	if !d.automated() {
		return edits, nil, nil
	}
	byName := map[string]prefect.Automation{}
	for _, a := range live {
		if _, doubled := byName[a.Name]; doubled { // a lost answer may have led to two
			edits.remove = append(edits.remove, a.ID)
			changes = append(changes, Change{Field: "triggers." + a.Name, From: "twice", To: "once"})
			continue
		}
		byName[a.Name] = a
	}
	for _, t := range d.Triggers {
		have, there := byName[t.Name]
		delete(byName, t.Name)
		want, err := canonical(wantedTrigger(t))
		if err != nil {
			return edits, nil, fmt.Errorf("trigger %s: %w", t.Name, err)
		}
		field := "triggers." + t.Name
		if !there {
			edits.create = append(edits.create, automation(t, tag, true))
			changes = append(changes, Change{Field: field, To: describeTrigger(t.When)})
			continue
		}
		now, err := liveTrigger(t, have)
		if err != nil {
			return edits, nil, fmt.Errorf("trigger %s: %w", t.Name, err)
		}
		if !equal(want, now) {
			edits.remove = append(edits.remove, have.ID)
			edits.create = append(edits.create, automation(t, tag, have.Enabled))
			changes = append(changes, explain(field, now, want)...)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		edits.remove = append(edits.remove, byName[name].ID)
		changes = append(changes, Change{Field: "triggers." + name, From: describeTrigger(byName[name].Trigger)})
	}
	return edits, changes, nil
}

// automated tells whether the deployment's automations are ours to keep in step.
func (d Desired) automated() bool { return d.OwnsTriggers || len(d.Triggers) > 0 }

// automation gives a trigger as the API takes it.
func automation(t manifest.Trigger, tag string, enabled bool) map[string]any {
	if t.Enabled != nil {
		enabled = *t.Enabled
	}
	action := map[string]any{"type": "run-deployment", "source": "selected", "parameters": t.Parameters, "job_variables": t.JobVariables}
	if t.ScheduleAfter > 0 { // servers before 3.4 don't know it
		action["schedule_after"] = t.ScheduleAfter
	}
	body := map[string]any{
		"name": t.Name, "description": t.Description, "enabled": enabled, "trigger": t.When, "actions": []any{action},
	}
	if tag != "" {
		body["tags"] = []string{tag}
	}
	return body
}

// wantedTrigger and liveTrigger give both sides in one normal form. Whether an automation is enabled counts only when declared, because
// a person's switch stays.
func wantedTrigger(t manifest.Trigger) map[string]any {
	out := map[string]any{
		"description": t.Description, "when": sortedWords(t.When), "parameters": t.Parameters, "job_variables": t.JobVariables, "schedule_after": t.ScheduleAfter,
	}
	if t.Enabled != nil {
		out["enabled"] = *t.Enabled
	}
	return out
}

func liveTrigger(t manifest.Trigger, have prefect.Automation) (map[string]any, error) {
	action := map[string]any{}
	if len(have.Actions) > 0 {
		action = have.Actions[0]
	}
	after := action["schedule_after"]
	if after == nil {
		after = 0
	}
	out := map[string]any{
		"description": have.Description, "when": sortedWords(have.Trigger), "parameters": action["parameters"], "job_variables": action["job_variables"],
		"schedule_after": after,
	}
	if t.Enabled != nil {
		out["enabled"] = have.Enabled
	}
	if extra := len(have.Actions) - 1 + len(have.ActionsOnTrigger) + len(have.ActionsOnResolve); extra != 0 {
		out["actions"] = len(have.Actions) + len(have.ActionsOnTrigger) + len(have.ActionsOnResolve)
	}
	return canonical(out)
}

// sortedWords gives a trigger without the ids that the server adds, and with sets of words in order.
func sortedWords(when map[string]any) map[string]any {
	out := make(map[string]any, len(when))
	for key, v := range when {
		list, isList := v.([]any)
		switch {
		case key == "id":
			continue
		case isList && (key == "after" || key == "expect" || key == "for_each"):
			v = sortedTags(list)
		case isList && key == "triggers":
			parts := make([]any, 0, len(list))
			for _, part := range list {
				if m, ok := part.(map[string]any); ok {
					part = sortedWords(m)
				}
				parts = append(parts, part)
			}
			v = parts
		}
		out[key] = v
	}
	return out
}

// describeTrigger gives a trigger in a few words: event b.x, or compound of 2.
func describeTrigger(when map[string]any) string {
	if parts, ok := when["triggers"].([]any); ok {
		return fmt.Sprintf("%v of %d", when["type"], len(parts))
	}
	words, _ := when["expect"].([]any)
	text := make([]string, 0, len(words))
	for _, w := range words {
		text = append(text, fmt.Sprint(w))
	}
	return strings.TrimSpace(fmt.Sprintf("%v %s", when["type"], strings.Join(text, ", ")))
}

// readAutomations gives the automations that are ours, by the id of the deployment that they run.
func readAutomations(ctx context.Context, api *prefect.Client, owner Owner, release prefect.Release, desired []Desired) (map[string][]prefect.Automation, error) {
	wanted, names := false, []string{}
	for _, d := range desired {
		wanted = wanted || d.automated()
		for _, t := range d.Triggers {
			names = append(names, t.Name)
		}
	}
	if !wanted {
		return map[string][]prefect.Automation{}, nil
	}
	var found []prefect.Automation
	var err error
	if release.AtLeast(prefect.FullAutomations()) {
		found, err = api.AutomationsTagged(ctx, owner.Tag())
	} else {
		found, err = api.AutomationsNamed(ctx, names)
	}
	if err != nil {
		return nil, err
	}
	out := map[string][]prefect.Automation{}
	for _, a := range found {
		if len(a.Actions) == 0 {
			continue
		}
		if id, ok := a.Actions[0]["deployment_id"].(string); ok && a.Actions[0]["type"] == "run-deployment" {
			out[id] = append(out[id], a)
		}
	}
	return out, nil
}

// apply executes the edits.
func (e triggerEdits) apply(ctx context.Context, api *prefect.Client, deployment string) error {
	for _, id := range e.remove {
		if err := api.DeleteAutomation(ctx, id); err != nil && !prefect.IsNotFound(err) {
			return err
		}
	}
	for _, body := range e.create {
		actions, _ := body["actions"].([]any)
		action, _ := actions[0].(map[string]any)
		action = maps.Clone(action)
		action["deployment_id"] = deployment
		body = maps.Clone(body)
		body["actions"] = []any{action}
		if _, err := api.CreateAutomation(ctx, deployment, body); err != nil {
			return err
		}
	}
	return nil
}

// triggerProblem finds a trigger that the server would refuse after the deployment was written.
func (l Live) triggerProblem(d Desired) (finding.Finding, bool) {
	for _, t := range d.Triggers {
		f := finding.Finding{
			Severity: finding.Error, Position: t.Position, Subject: d.Name, Why: "the server would refuse it after the deployment was written",
		}
		switch {
		case t.When["type"] == "metric" && !l.release.Cloud:
			f.Code, f.Fix = "trigger-metric", "remove it, or deploy to Cloud"
			f.Message = fmt.Sprintf("the trigger %s is about a metric, which only Prefect Cloud has", t.Name)
			return f, true
		case relatesToMany(t.When) && !l.release.AtLeast(prefect.FullAutomations()):
			f.Code, f.Fix = "trigger-related", "write one mapping, or a trigger for each"
			f.Message = fmt.Sprintf("the trigger %s has a list under match_related, which servers before %s don't know", t.Name, prefect.FullAutomations())
			return f, true
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
