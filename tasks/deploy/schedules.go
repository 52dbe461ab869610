package deploy

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/flowmage/flowmage/tasks/manifest"
	"github.com/flowmage/flowmage/tasks/prefect"
)

// scheduleEdits are the writes that bring a deployment's schedules to the wanted state. Schedules are known by their slug, so
// that an edited one keeps its identity and the pause that somebody set.
type scheduleEdits struct {
	create []map[string]any
	update map[string]map[string]any // by schedule id
	remove []string                  // schedule ids
}

func (e scheduleEdits) empty() bool {
	return len(e.create) == 0 && len(e.update) == 0 && len(e.remove) == 0
}

// compareSchedules gives the edits and the changes to show.
func compareSchedules(d Desired, live []prefect.Schedule) (scheduleEdits, []Change) {
	edits := scheduleEdits{update: map[string]map[string]any{}}
	if !d.HasSchedules {
		return edits, nil
	}
	var changes []Change
	bySlug := map[string]prefect.Schedule{}
	for _, s := range live {
		if s.Slug != "" {
			bySlug[s.Slug] = s
		}
	}
	wanted := map[string]bool{}
	for _, s := range d.Schedules {
		wanted[s.Slug] = true
		have, ok := bySlug[s.Slug]
		field := "schedules." + s.Slug
		if old, renamed := bySlug[s.Replaces]; !ok && renamed && s.Replaces != "" {
			body := scheduleBody(s, false)
			body["slug"] = s.Slug
			edits.update[old.ID] = body
			changes = append(changes, Change{Field: field, From: "schedules." + s.Replaces, To: describe(wantedSchedule(s))})
			wanted[s.Replaces] = true
			continue
		}
		if !ok {
			edits.create = append(edits.create, scheduleBody(s, true))
			changes = append(changes, Change{Field: field, To: describe(wantedSchedule(s))})
			continue
		}
		if differences := explain(field, liveSchedule(s, have), wantedSchedule(s)); len(differences) > 0 &&
			!reflect.DeepEqual(liveSchedule(s, have), wantedSchedule(s)) {
			edits.update[have.ID] = scheduleBody(s, false)
			changes = append(changes, differences...)
		}
	}
	for _, s := range live {
		// Old servers take a slug twice, for example when a request was repeated because its answer was lost.
		doubled := bySlug[s.Slug].ID != s.ID
		if !wanted[s.Slug] || s.Slug == "" || doubled {
			edits.remove = append(edits.remove, s.ID)
			changes = append(changes, Change{Field: "schedules." + orDefault(s.Slug, s.ID), From: describe(liveSchedule(manifest.Schedule{}, s))})
		}
	}
	return edits, changes
}

// scheduleBody gives a schedule as the API takes it. A new one is active unless declared otherwise; of an existing one
// `active` is sent only when declared, because a person's pause stays.
func scheduleBody(s manifest.Schedule, create bool) map[string]any {
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
	body := map[string]any{"schedule": rule, "parameters": orEmpty(s.Parameters)}
	if create {
		body["slug"], body["active"] = s.Slug, true
	}
	if s.Active != nil {
		body["active"] = *s.Active
	}
	return body
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

func describe(s map[string]any) string {
	zone := s["timezone"]
	switch {
	case s["cron"] != nil:
		return fmt.Sprintf("cron %v %v", s["cron"], zone)
	case s["rrule"] != nil:
		return fmt.Sprintf("rrule %v %v", s["rrule"], zone)
	default:
		return fmt.Sprintf("every %v s %v", s["interval"], zone)
	}
}
