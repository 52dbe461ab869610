// Package automations compares the triggers that a deployment shall have with the automations on the server. It is pure: [Edits] are data.
//
// Start with [Compare]; counterparts.go finds the automation that does the work of a trigger.
package automations

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/canonical"
	"github.com/flowmage/flowmage/tasks/manifest"
	"github.com/flowmage/flowmage/tasks/ownership"
	"github.com/flowmage/flowmage/tasks/prefect"
)

// Edits are the writes that bring a deployment's automations to the wanted state. A changed one is edited in place: it keeps its id,
// the switch that somebody threw, and its owner, by which `prefect deploy` finds it again.
type Edits struct {
	Create []map[string]any // without the deployment's id
	Change []Edit
	Remove []string // automation ids
	Notes  []string // for people: what stays, and what an edit can't keep
}

// Edit is an edit of one automation. One that only throws its switch leaves what its triggers have counted.
type Edit struct {
	ID     string         `json:"id"`
	Body   map[string]any `json:"body,omitempty"` // without the deployment's id
	Switch *bool          `json:"switch,omitempty"`
}

// Empty tells whether nothing is to be written.
func (e Edits) Empty() bool { return len(e.Create)+len(e.Change)+len(e.Remove) == 0 }

// Compare gives the edits and the changes to show. live are the automations that run the deployment, whosever they are; tag marks
// ours, "" on servers that know no tags.
func Compare(wanted Wanted, tag string, live []prefect.Automation) (Edits, []canonical.Change, error) {
	var edits Edits
	var changes []canonical.Change
	if !wanted.Kept() {
		return edits, nil, nil
	}
	found, err := wanted.counterparts(tag, live)
	if err != nil {
		return edits, nil, err
	}
	for _, a := range found.doubles {
		edits.Remove = append(edits.Remove, a.ID)
		changes = append(changes, canonical.Change{Field: "triggers." + a.Name, From: "twice", To: "once"})
	}
	for i, t := range wanted.Triggers {
		have := found.of[i]
		if have == nil {
			edits.Create = append(edits.Create, automation(t, tag, true))
			changes = append(changes, canonical.Change{Field: "triggers." + t.Name, To: describeTrigger(t.When)})
			continue
		}
		more, err := edits.compare(wanted, t, *have, tag)
		if err != nil {
			return edits, nil, fmt.Errorf("trigger %s: %w", t.Name, err)
		}
		changes = append(changes, more...)
	}
	slices.SortFunc(found.rest, func(a, b prefect.Automation) int { return strings.Compare(a.Name, b.Name) })
	for _, a := range found.rest {
		switch {
		case hasTag(a, tag):
			edits.Remove = append(edits.Remove, a.ID)
			changes = append(changes, canonical.Change{Field: "triggers." + a.Name, From: describeTrigger(a.Trigger)})
		case tag != "" && (wanted.numbered(a.Name) || slices.ContainsFunc(wanted.Triggers, func(t manifest.Trigger) bool { return t.Name == a.Name })):
			edits.Notes = append(edits.Notes, fmt.Sprintf("the automation %s (%s) runs it too and is no trigger of the manifest; it is not ours, and stays", a.Name, describeTrigger(a.Trigger)))
		}
	}
	return edits, changes, nil
}

// compare adds what the automation of a trigger needs, and gives the changes to show.
func (e *Edits) compare(wanted Wanted, t manifest.Trigger, have prefect.Automation, tag string) ([]canonical.Change, error) {
	if have.Name != t.Name && !hasTag(have, tag) && !wanted.numbered(have.Name) {
		e.Notes = append(e.Notes, fmt.Sprintf("the automation %s does what the trigger %s asks for; it is not ours and stays, and no second one is made", have.Name, t.Name))
		return nil, nil
	}
	t.Name = wanted.nameFor(t, have)
	want, err := canonical.Of(wantedTrigger(t))
	if err != nil {
		return nil, err
	}
	now, err := liveTrigger(t, have)
	if err != nil {
		return nil, err
	}
	field := "triggers." + t.Name
	want["name"], now["name"] = t.Name, have.Name
	if canonical.Equal(without(want, "enabled"), without(now, "enabled")) && (tag == "" || hasTag(have, tag) || Remembers(have)) {
		if !canonical.Equal(want, now) {
			e.Change = append(e.Change, Edit{ID: have.ID, Switch: t.Enabled})
		}
		return inside(field, now, want), nil
	}
	if tag != "" {
		want["tags"], now["tags"] = canonical.Sorted(listed(tagged(have.Tags, tag))), canonical.Sorted(listed(have.Tags))
	}
	if Remembers(have) {
		e.Notes = append(e.Notes, fmt.Sprintf("its trigger %s begins to count anew: servers forget with each edit what it has seen", t.Name))
	}
	e.Change = append(e.Change, Edit{ID: have.ID, Body: edited(t, have, tag)})
	return inside(field, now, want), nil
}

// nameFor gives the name that a trigger's automation shall have: its own, but where both are made up and it counts events, since an edit for
// the name alone would cost what it has seen.
func (w Wanted) nameFor(t manifest.Trigger, have prefect.Automation) string {
	if w.numbered(t.Name) && w.numbered(have.Name) && Remembers(have) {
		return have.Name
	}
	return t.Name
}

// without gives a mapping without a key.
func without(m map[string]any, key string) map[string]any {
	m = maps.Clone(m)
	delete(m, key)
	return m
}

// inside gives the changes inside a field; none when both are equal.
func inside(field string, from, to map[string]any) []canonical.Change {
	if canonical.Equal(from, to) {
		return nil
	}
	return canonical.Explain(field, from, to)
}

// edited gives a trigger as the API takes it for an automation that is there.
func edited(t manifest.Trigger, have prefect.Automation, tag string) map[string]any {
	body := automation(t, tag, have.Enabled)
	if tag != "" {
		body["tags"] = tagged(have.Tags, tag)
	}
	if len(have.ActionsOnTrigger) > 0 {
		body["actions_on_trigger"] = []any{}
	}
	if len(have.ActionsOnResolve) > 0 {
		body["actions_on_resolve"] = []any{}
	}
	return body
}

func listed(words []string) []any {
	out := make([]any, 0, len(words))
	for _, w := range words {
		out = append(out, w)
	}
	return out
}

// tagged gives an automation's tags with ours in place of any other owner's.
func tagged(tags []string, tag string) []string {
	tags = slices.DeleteFunc(slices.Clone(tags), func(t string) bool { return t == tag || len(ownership.Claims([]string{t})) > 0 })
	return append(tags, tag)
}

// Kept tells whether the deployment's automations are ours to keep in step.
func (w Wanted) Kept() bool { return w.Owned || len(w.Triggers) > 0 }

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
	return canonical.Of(out)
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
			v = canonical.Sorted(list)
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

// Wanted is what a deployment asks for.
type Wanted struct {
	Deployment string // its name
	Triggers   []manifest.Trigger
	Owned      bool // it has no other automations than these, were it none
}
