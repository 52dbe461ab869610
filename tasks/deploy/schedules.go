package deploy

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/manifest"
	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/secret"
)

// scheduleEdits are the writes that bring a deployment's schedules to the wanted state. One that is there is edited in place, so that it
// keeps its id and the pause that somebody set.
type scheduleEdits struct {
	create []map[string]any
	update map[string]map[string]any // by schedule id
	remove []string                  // schedule ids
}

func (e scheduleEdits) empty() bool {
	return len(e.create) == 0 && len(e.update) == 0 && len(e.remove) == 0
}

// apply executes the edits.
func (e scheduleEdits) apply(ctx context.Context, api *prefect.Client, deployment string, d Desired) error {
	// Removing comes first: what takes the place of a schedule must not run beside it.
	for _, id := range e.remove {
		if err := api.DeleteSchedule(ctx, deployment, id); err != nil && !prefect.IsNotFound(err) {
			return err
		}
	}
	for _, id := range slices.Sorted(maps.Keys(e.update)) {
		if err := api.UpdateSchedule(ctx, deployment, id, e.update[id]); err != nil {
			return err
		}
	}
	// The server takes a schedule without a slug as often as it is sent. So when the answer is lost, what is there is looked at before it is
	// sent again.
	for try := 1; len(e.create) > 0; try++ {
		_, err := api.CreateSchedules(ctx, deployment, e.create)
		if err == nil || try == maxCreates || prefect.IsRefusal(err) {
			return err
		}
		now, readErr := api.Schedules(ctx, deployment)
		if readErr != nil {
			return errors.Join(err, readErr)
		}
		e, _ = compareSchedules(d, now)
	}
	return nil
}

// SettleSchedules edits the schedules of a stored deployment as a deploy does, for deployments that are written by somebody else, and gives
// the changes: none where no schedules are declared.
func SettleSchedules(ctx context.Context, api *prefect.Client, stored prefect.Deployment, d Desired) ([]Change, error) {
	edits, changes := compareSchedules(d, stored.Schedules)
	return changes, edits.apply(ctx, api, stored.ID, d)
}

// maxCreates is how often schedules are sent whose answer is lost each time.
const maxCreates = 5

// compareSchedules gives the edits and the changes to show.
func compareSchedules(d Desired, live []prefect.Schedule) (scheduleEdits, []Change) {
	edits := scheduleEdits{update: map[string]map[string]any{}}
	if !d.HasSchedules {
		return edits, nil
	}
	var changes []Change
	found := pair(d.Schedules, live)
	for i, want := range d.Schedules {
		field, have := label(d.Schedules, i), found.have[i]
		if have == nil {
			edits.create = append(edits.create, newSchedule(want))
			changes = append(changes, Change{Field: field, To: describe(wantedSchedule(want), want.Active)})
			continue
		}
		if body, differences := editSchedule(want, *have, field); len(differences) > 0 {
			edits.update[have.ID] = body
			changes = append(changes, differences...)
		}
	}
	for _, have := range found.rest {
		field := "schedules"
		if have.Slug != "" {
			field += "." + have.Slug
		}
		edits.remove = append(edits.remove, have.ID)
		changes = append(changes, Change{Field: field, From: describe(liveSchedule(manifest.Schedule{}, have), &have.Active)})
	}
	return edits, changes
}

// newSchedule gives a schedule as the API takes it. It is active unless declared otherwise, and has a slug only when it was given one:
// otherwise `prefect deploy` of the same file would be refused from then on.
func newSchedule(s manifest.Schedule) map[string]any {
	body := map[string]any{"schedule": rule(s), FieldParameters: orEmpty(s.Parameters), "active": s.Active == nil || *s.Active}
	if s.Slug != "" {
		body["slug"] = s.Slug
	}
	return body
}

// editSchedule gives the fields of an existing schedule to write, and the changes; none when it is as wanted. A rule that stays is not
// sent, because an interval would count from now and a start would be put in front of a recurrence again. Parameters are always sent:
// the server empties them otherwise. `active` is sent only when declared, because a person's pause stays.
func editSchedule(want manifest.Schedule, have prefect.Schedule, field string) (map[string]any, []Change) {
	is, shall := liveSchedule(want, have), wantedSchedule(want)
	body := map[string]any{FieldParameters: orEmpty(want.Parameters)}
	var changes []Change
	if want.Slug != "" && want.Slug != have.Slug {
		change := Change{Field: field + ".slug", To: want.Slug}
		if body["slug"] = want.Slug; have.Slug != "" {
			change.From = have.Slug
		}
		changes = append(changes, change)
	}
	if !reflect.DeepEqual(is, shall) {
		changes = append(changes, explain(field, is, shall)...)
	}
	if len(changes) == 0 {
		return nil, nil
	}
	if want.Active != nil {
		body["active"] = *want.Active
	}
	if !reflect.DeepEqual(ruleOf(is), ruleOf(shall)) {
		if want.AnchorDate == "" && want.Interval > 0 {
			want.AnchorDate = have.Rule.AnchorDate
		}
		body["schedule"] = rule(want)
	}
	return body, changes
}

// rule gives when a schedule runs, as the API takes it.
func rule(s manifest.Schedule) map[string]any {
	rule := map[string]any{}
	switch {
	case s.Cron != "":
		rule["cron"] = s.Cron
		rule["day_or"] = s.DayOr == nil || *s.DayOr
	case s.RRule != "":
		rule["rrule"] = s.RRule
	default:
		rule["interval"] = s.Interval
		if s.AnchorDate != "" {
			rule["anchor_date"] = s.AnchorDate
		}
	}
	if s.Timezone != "" {
		rule["timezone"] = s.Timezone
	}
	return rule
}

// wantedSchedule and liveSchedule give both sides in one normal form: server defaults filled, fields that were not declared
// left out.
func wantedSchedule(s manifest.Schedule) map[string]any {
	out := map[string]any{"timezone": orDefault(s.Timezone, "UTC")}
	switch {
	case s.Cron != "":
		out["cron"], out["day_or"] = s.Cron, s.DayOr == nil || *s.DayOr
	case s.RRule != "":
		out["rrule"] = s.RRule
	default:
		out["interval"] = s.Interval
		if s.AnchorDate != "" {
			out["anchor_date"] = s.AnchorDate
		}
	}
	if len(s.Parameters) > 0 {
		if p, err := canonical(s.Parameters); err == nil {
			out["parameters"] = p
		}
	}
	if s.Active != nil {
		out["active"] = *s.Active
	}
	return out
}

func liveSchedule(want manifest.Schedule, have prefect.Schedule) map[string]any {
	rule := have.Rule
	out := map[string]any{"timezone": orDefault(rule.Timezone, "UTC")}
	switch {
	case rule.Cron != "":
		out["cron"], out["day_or"] = rule.Cron, rule.DayOr == nil || *rule.DayOr
	case rule.RRule != "":
		out["rrule"] = rule.RRule
		// The server puts a start in front of a rule that has none, and would do so again with each write.
		if _, bare, ok := strings.Cut(rule.RRule, "\n"); ok && strings.HasPrefix(rule.RRule, "DTSTART") && !strings.Contains(want.RRule, "DTSTART") {
			out["rrule"] = bare
			if !strings.HasPrefix(want.RRule, "RRULE:") {
				out["rrule"] = strings.TrimPrefix(bare, "RRULE:")
			}
		}
	default:
		out["interval"] = rule.Interval
		if want.AnchorDate != "" {
			out["anchor_date"] = rule.AnchorDate
			if sameInstant(rule.AnchorDate, want.AnchorDate) {
				out["anchor_date"] = want.AnchorDate
			}
		}
	}
	if len(have.Parameters) > 0 {
		if p, err := canonical(have.Parameters); err == nil {
			out["parameters"] = p
		}
	}
	if want.Active != nil {
		out["active"] = have.Active
	}
	return out
}

// describe gives a schedule in a few words. active tells whether it runs; nil says nothing of it.
func describe(s map[string]any, active *bool) string {
	text := fmt.Sprintf("every %v s", s["interval"])
	for _, form := range []string{"cron", "rrule"} {
		if s[form] != nil {
			text = fmt.Sprintf("%s %v", form, s[form])
		}
	}
	text = fmt.Sprintf("%s %v", text, s["timezone"])
	if parameters, ok := s["parameters"].(map[string]any); ok {
		text += " " + short(secret.Masked(parameters, []string{FieldParameters}))
	}
	if active != nil && !*active {
		text += ", paused"
	}
	return text
}
