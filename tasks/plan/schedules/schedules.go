// Package schedules compares the schedules that a deployment shall have with those on the server. It is pure: [Edits] are data.
//
// Start with [Compare]. [Pair] finds a schedule again, so that it keeps its id and the pause that somebody set.
package schedules

import (
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/flowmage/flowmage/tasks/canonical"
	"github.com/flowmage/flowmage/tasks/manifest"
	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/secret"
)

// Edits are the writes that bring a deployment's schedules to the wanted state. One that is there is edited in place, so that it
// keeps its id and the pause that somebody set.
type Edits struct {
	Create []map[string]any
	Update map[string]map[string]any // by schedule id
	Remove []string                  // schedule ids
}

// Empty tells whether nothing is to be written.
func (e Edits) Empty() bool { return len(e.Create)+len(e.Update)+len(e.Remove) == 0 }

// Compare gives the edits and the changes to show; none where no schedules are declared.
func Compare(wanted []manifest.Schedule, declared bool, live []prefect.Schedule) (Edits, []canonical.Change) {
	edits := Edits{Update: map[string]map[string]any{}}
	if !declared {
		return edits, nil
	}
	var changes []canonical.Change
	found := Pair(wanted, live)
	for i, want := range wanted {
		field, have := Label(wanted, i), found.Have[i]
		if have == nil {
			edits.Create = append(edits.Create, New(want))
			changes = append(changes, canonical.Change{Field: field, To: Describe(Wanted(want), want.Active)})
			continue
		}
		if body, differences := editSchedule(want, *have, field); len(differences) > 0 {
			edits.Update[have.ID] = body
			changes = append(changes, differences...)
		}
	}
	for _, have := range found.Rest {
		field := "schedules"
		if have.Slug != "" {
			field += "." + have.Slug
		}
		edits.Remove = append(edits.Remove, have.ID)
		changes = append(changes, canonical.Change{Field: field, From: Describe(Stored(manifest.Schedule{}, have), &have.Active)})
	}
	return edits, changes
}

// New gives a schedule as the API takes it. It is active unless declared otherwise, and has a slug only when it was given one:
// otherwise `prefect deploy` of the same file would be refused from then on.
func New(s manifest.Schedule) map[string]any {
	body := map[string]any{"schedule": ruleFields(s), parametersField: canonical.OrEmpty(s.Parameters), "active": s.Active == nil || *s.Active}
	if s.Slug != "" {
		body["slug"] = s.Slug
	}
	return body
}

// editSchedule gives the fields of an existing schedule to write, and the changes; none when it is as wanted. A rule that stays is not
// sent, because an interval would count from now and a start would be put in front of a recurrence again. Parameters are always sent:
// the server empties them otherwise. `active` is sent only when declared, because a person's pause stays.
func editSchedule(want manifest.Schedule, have prefect.Schedule, field string) (map[string]any, []canonical.Change) {
	is, shall := Stored(want, have), Wanted(want)
	body := map[string]any{parametersField: canonical.OrEmpty(want.Parameters)}
	var changes []canonical.Change
	if want.Slug != "" && want.Slug != have.Slug {
		change := canonical.Change{Field: field + ".slug", To: want.Slug}
		if body["slug"] = want.Slug; have.Slug != "" {
			change.From = have.Slug
		}
		changes = append(changes, change)
	}
	if !reflect.DeepEqual(is, shall) {
		changes = append(changes, canonical.Explain(field, is, shall)...)
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
		body["schedule"] = ruleFields(want)
	}
	return body, changes
}

// ruleFields gives when a schedule runs, as the API takes it.
func ruleFields(s manifest.Schedule) map[string]any {
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

// Wanted gives a schedule in the form in which it is compared with [Stored]: server defaults filled, fields that were not declared left out.
func Wanted(s manifest.Schedule) map[string]any {
	return compared(ruleFields(s), s.Timezone, s.Parameters, s.Active)
}

// compared fills in what is compared beside the rule itself. active is nil where that does not count.
func compared(out map[string]any, zone string, parameters map[string]any, active *bool) map[string]any {
	out["timezone"] = zone
	if strings.TrimSpace(zone) == "" { // the server's own
		out["timezone"] = "UTC"
	}
	if len(parameters) > 0 {
		if p, err := canonical.Of(parameters); err == nil {
			out[parametersField] = p
		}
	}
	if active != nil {
		out["active"] = *active
	}
	return out
}

// Stored gives a schedule of the server in the same form, without what the wanted one does not declare.
func Stored(want manifest.Schedule, have prefect.Schedule) map[string]any {
	rule, out, active := have.Rule, map[string]any{}, &have.Active
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
	if want.Active == nil {
		active = nil
	}
	return compared(out, rule.Timezone, have.Parameters, active)
}

// Describe gives a schedule in a few words. active tells whether it runs; nil says nothing of it.
func Describe(s map[string]any, active *bool) string {
	text := fmt.Sprintf("every %v s", s["interval"])
	for _, form := range []string{"cron", "rrule"} {
		if s[form] != nil {
			text = fmt.Sprintf("%s %v", form, s[form])
		}
	}
	text = fmt.Sprintf("%s %v", text, s["timezone"])
	if parameters, ok := s["parameters"].(map[string]any); ok {
		text += " " + canonical.Short(secret.Masked(parameters, []string{parametersField}))
	}
	if active != nil && !*active {
		text += ", paused"
	}
	return text
}

const parametersField = "parameters"

// DescribeStored gives a schedule in a few words, and whether it is paused.
func DescribeStored(s prefect.Schedule) string {
	return Describe(Stored(manifest.Schedule{}, s), &s.Active)
}

// sameInstant tells whether two dates, with or without time and zone, mean the same moment; a missing zone is UTC, as on the
// server.
func sameInstant(a, b string) bool {
	x, ok1 := instant(a)
	y, ok2 := instant(b)
	return ok1 && ok2 && x.Equal(y)
}

func instant(s string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999", "2006-01-02 15:04:05", time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}
