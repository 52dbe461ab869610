package manifest

import (
	"cmp"
	"encoding/json"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/flowmage/flowmage/tasks/document"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/schedule"
)

func (r *reader) schedules(n *yaml.Node) []Schedule {
	if n.Tag == document.Null {
		return nil
	}
	items := r.mappings(n, "schedules", "schedules", "a schedule", "cron: …")
	out := make([]Schedule, 0, len(items))
	slugs := map[string]bool{}
	for _, c := range items {
		s := r.schedule(c)
		if slugs[s.Slug] {
			r.fail(c, "slug", "duplicate-slug", "give each schedule its own slug", "the slug %q stands twice", s.Slug)
		}
		slugs[s.Slug] = s.Slug != ""
		out = append(out, s)
	}
	return out
}

func (r *reader) schedule(n *yaml.Node) Schedule {
	s := Schedule{Position: r.at(n, "schedules")}
	forms := 0
	r.known(n, "a schedule", map[string]func(*yaml.Node){
		"cron":        optional(func(v *yaml.Node) { s.Cron = r.text(v, "cron"); forms++ }),
		"interval":    optional(func(v *yaml.Node) { s.Interval = r.interval(v); forms++ }),
		"rrule":       optional(func(v *yaml.Node) { s.RRule = r.text(v, "rrule"); forms++ }),
		"timezone":    optional(func(v *yaml.Node) { s.Timezone = r.text(v, "timezone") }),
		"anchor_date": optional(func(v *yaml.Node) { s.AnchorDate = r.moment(v, "anchor_date") }),
		"day_or":      func(v *yaml.Node) { s.DayOr = r.truth(v, "day_or") },
		"active":      func(v *yaml.Node) { s.Active = r.truth(v, "active") },
		"parameters":  func(v *yaml.Node) { s.Parameters, s.Places = r.object(v, "parameters"), r.places(v) },
		"slug":        optional(func(v *yaml.Node) { s.Slug = r.text(v, "slug") }),
		"replaces":    optional(func(v *yaml.Node) { s.Replaces = r.text(v, "replaces") }),
	})
	if forms != 1 {
		r.fail(n, "schedules", "schedule-form", "keep one of cron, interval and rrule",
			"a schedule needs exactly one of cron, interval and rrule, this one has %d", forms)
	}
	r.jsonRule(n, &s)
	r.rule(n, s)
	return s
}

// rule judges what the server would refuse, with all of the deployment. Placeholders are filled in later.
func (r *reader) rule(n *yaml.Node, s Schedule) {
	given := func(text string) bool { return text != "" && !strings.Contains(text, "{{") }
	if given(s.Timezone) && !r.judge.Zone(s.Timezone) {
		r.fail(n, "timezone", "timezone", "use an IANA name such as Europe/Berlin or UTC", "there is no time zone %q", s.Timezone)
	}
	if given(s.Cron) {
		if err := r.judge.Cron(s.Cron); err != nil {
			r.fail(n, "cron", "cron", `write minute, hour, day, month and weekday, such as "0 6 * * 1-5"`, "Prefect does not take the cron rule %q: %v", s.Cron, err)
		}
	}
	if given(s.RRule) && !strings.HasPrefix(strings.TrimSpace(s.RRule), "{") {
		if err := schedule.RRule(s.RRule); err != nil {
			r.fail(n, "rrule", "rrule", `write a rule such as "FREQ=WEEKLY;BYDAY=MO"`, "Prefect does not take the rrule %q: %v", s.RRule, err)
		}
	}
	r.unused(n, s)
	if given(s.AnchorDate) && !schedule.Moment(s.AnchorDate) {
		r.fail(n, "anchor_date", "anchor-date", "write it like 2026-01-31T06:00:00+01:00", "%q is no date and time", s.AnchorDate)
	}
}

// unused tells of keys that do nothing beside the form that a schedule has.
func (r *reader) unused(n *yaml.Node, s Schedule) {
	tell := func(key, form string) {
		r.fail(n, key, "schedule-key", "remove it", "%s means something beside %s only", key, form)
		r.findings[len(r.findings)-1].Severity = finding.Warning
	}
	if s.AnchorDate != "" && s.Interval == 0 {
		tell("anchor_date", "interval")
	}
	if s.DayOr != nil && s.Cron == "" {
		tell("day_or", "cron")
	}
}

// jsonRule reads an rrule that is written as JSON, {"rrule": …, "timezone": …}, as Prefect's own commands take it.
func (r *reader) jsonRule(n *yaml.Node, s *Schedule) {
	if !strings.HasPrefix(strings.TrimSpace(s.RRule), "{") || strings.HasPrefix(strings.TrimSpace(s.RRule), "{{") {
		return
	}
	var rule struct{ RRule, Timezone string }
	if err := json.Unmarshal([]byte(s.RRule), &rule); err != nil || rule.RRule == "" {
		r.fail(n, "rrule", "rrule", `write the rule itself: "FREQ=DAILY"`, "the rrule is neither a rule nor JSON with one")
		return
	}
	s.RRule, s.Timezone = rule.RRule, cmp.Or(rule.Timezone, s.Timezone)
}

// interval gives seconds from a number, an ISO-8601 duration, or H:MM:SS.
func (r *reader) interval(n *yaml.Node) float64 {
	seconds, ok := 0.0, false
	switch n.Tag {
	case integer, "!!float":
		ok = n.Decode(&seconds) == nil
	case text:
		seconds, ok = schedule.Interval(n.Value)
	}
	if !ok || seconds <= 0 {
		r.fail(n, "interval", "interval", "write seconds (3600), PT1H, or 1:00:00",
			"%s is no interval greater than zero", strings.TrimSpace(kind(n)))
	}
	return seconds
}
