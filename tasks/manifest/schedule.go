package manifest

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/pattern"

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
			r.Fail(c, "slug", "slug-duplicate", "give each schedule its own slug", "the slug %q stands twice", s.Slug)
		}
		slugs[s.Slug] = s.Slug != ""
		out = append(out, s)
	}
	return out
}

func (r *reader) schedule(n *yaml.Node) Schedule {
	s := Schedule{Position: r.At(n, "schedules")}
	forms := 0
	r.known(n, "a schedule", map[string]func(*yaml.Node){
		"cron":        optional(func(v *yaml.Node) { s.Cron = r.text(v, "cron"); forms++ }),
		"interval":    optional(func(v *yaml.Node) { s.Interval = r.interval(v); forms++ }),
		"rrule":       optional(func(v *yaml.Node) { s.RRule = r.text(v, "rrule"); forms++ }),
		"timezone":    optional(func(v *yaml.Node) { s.Timezone = r.text(v, "timezone") }),
		"anchor_date": optional(func(v *yaml.Node) { s.AnchorDate = r.moment(v, "anchor_date") }),
		"day_or":      func(v *yaml.Node) { s.DayOr, s.DayOrText = r.laterTruth(v, "day_or") },
		"active":      func(v *yaml.Node) { s.Active, s.ActiveText = r.laterTruth(v, "active") },
		"parameters":  func(v *yaml.Node) { s.Parameters, s.Places = r.object(v, "parameters"), r.places(v) },
		"slug":        optional(func(v *yaml.Node) { s.Slug = r.text(v, "slug") }),
		"replaces":    optional(func(v *yaml.Node) { s.Replaces = r.text(v, "replaces") }),
	})
	if forms != 1 {
		r.drop(n, "schedules", "schedule-form", "keep one of cron, interval and rrule",
			"a schedule needs exactly one of cron, interval and rrule, this one has %d", forms)
	}
	var plain bool
	if s.RRule, s.Timezone, plain = schedule.PlainRule(s.RRule, s.Timezone); !plain {
		r.Fail(n, "rrule", "rrule", `write the rule itself: "FREQ=DAILY"`, "the rrule is neither a rule nor JSON with one")
	}
	r.rule(n, s)
	return s
}

// rule judges what the server would refuse, with all of the deployment. Placeholders are filled in later: see [Settle].
func (r *reader) rule(n *yaml.Node, s Schedule) {
	for _, key := range []string{schedule.TimezoneKey, schedule.CronKey, schedule.RruleKey, schedule.AnchorKey} {
		text := s.ruled()[key]
		if text == "" || strings.Contains(text, "{{") || key == schedule.RruleKey && strings.HasPrefix(strings.TrimSpace(text), "{") {
			continue
		}
		if code, fix, message := refusal(&r.judge, key, text); code != "" {
			r.Fail(n, key, code, shellFix(text, fix), "%s", message)
		}
	}
	r.odd(n, s.Cron)
	r.unused(n, s)
}

// odd warns of cron rules that Prefect takes, and that hardly mean what they say.
func (r *reader) odd(n *yaml.Node, cron string) {
	if message, fix := schedule.Seconds(cron); message != "" {
		r.warn(n, schedule.CronKey, "cron-seconds", fix, "the cron rule %q %s", cron, message)
	}
	if message, fix := schedule.Never(cron); message != "" {
		r.warn(n, schedule.CronKey, "cron-never", fix, "the cron rule %q %s", cron, message)
	}
}

// unused tells of keys that do nothing beside the form that a schedule has.
func (r *reader) unused(n *yaml.Node, s Schedule) {
	tell := func(key, form string) {
		r.warn(n, key, "schedule-key", "remove it", "%s means something beside %s only", key, form)
	}
	if s.AnchorDate != "" && s.Interval == 0 {
		tell("anchor_date", "interval")
	}
	if (s.DayOr != nil || s.DayOrText != "") && s.Cron == "" {
		tell("day_or", "cron")
	}
}

// longest is the longest time that Python's timedelta holds, in seconds.
const longest = 999_999_999 * 86_400

// interval gives seconds from a number, an ISO-8601 duration, or H:MM:SS.
func (r *reader) interval(n *yaml.Node) float64 {
	if r.early(n, "interval") {
		return 0
	}
	seconds, ok := 0.0, false
	if n.Kind == yaml.ScalarNode {
		switch x := r.scalar(n, "interval").(type) {
		case int:
			seconds, ok = float64(x), true
		case float64:
			seconds, ok = x, true
		case string:
			seconds, ok = schedule.Interval(n.Value)
		}
	}
	if message, fix := schedule.Calendar(n.Value); message != "" && n.Kind == yaml.ScalarNode {
		r.Fail(n, "interval", "interval", fix, "%q %s", n.Value, message)
		return 0
	}
	if report := r.Fail; !ok || seconds <= 0 || seconds > longest {
		if !ok {
			report = r.drop
		}
		report(n, "interval", "interval", "write seconds (3600), PT1H, or 1:00:00",
			"%s is no interval greater than zero", strings.TrimSpace(document.Kind(n)))
	}
	return seconds
}

// ruled are the texts of a schedule by which it is judged, by key.
func (s Schedule) ruled() map[string]string {
	return map[string]string{
		schedule.CronKey: s.Cron, schedule.RruleKey: s.RRule, schedule.TimezoneKey: s.Timezone, schedule.AnchorKey: s.AnchorDate, "active": s.ActiveText, "day_or": s.DayOrText,
	}
}

// refusal tells what the server would refuse about one of a schedule's texts, with all of the deployment; code is empty when it takes it.
func refusal(judge *schedule.Memory, key, value string) (code, fix, message string) {
	fix, message, known := judge.Refusal(key, value)
	_, truth := document.Truth(value)
	switch {
	case !known && !truth:
		return wrongType, "write true or false", fmt.Sprintf("%s must be true or false, this is %q", key, value)
	case message == "":
		return "", "", ""
	case key == schedule.AnchorKey:
		key = "anchor-date"
	}
	return key, fix, message
}

// Settle completes schedules into which variables or the outputs of steps have been filled, and judges what was filled in, as [Parse] does
// what is written out. before are the schedules as they were. Texts that still hold a placeholder wait. The findings stand where the
// schedules do, and say which placeholder the value came from.
func Settle(deployment string, scope finding.Scope, before, after []Schedule) ([]Schedule, finding.List) {
	var findings finding.List
	var judge schedule.Memory
	out := slices.Clone(after)
	for i := range out {
		s := &out[i]
		was := before[i].ruled()
		given := s.ruled()
		if rule, zone, ok := schedule.PlainRule(s.RRule, s.Timezone); ok {
			if zone != s.Timezone {
				was[schedule.TimezoneKey] = was[schedule.RruleKey] // the rule's text brought it along
			}
			s.RRule, s.Timezone = rule, zone
			given[schedule.RruleKey], given[schedule.TimezoneKey] = rule, zone
		}
		for _, key := range slices.Sorted(maps.Keys(given)) {
			value := given[key]
			if was[key] == value || outputPlaceholder.MatchString(value) {
				continue
			}
			if code, fix, message := refusal(&judge, key, value); code != "" {
				at := s.Position
				at.Key = key
				findings = append(findings, catalogue.New(code, scope, finding.Finding{
					Position: at, Subject: deployment, Message: fmt.Sprintf("%s; the value came from %s", message, was[key]), Fix: fix,
				}))
			}
		}
		s.Active, s.ActiveText = settledTruth(s.Active, s.ActiveText)
		s.DayOr, s.DayOrText = settledTruth(s.DayOr, s.DayOrText)
	}
	return out, findings
}

// settledTruth reads a truth value from its text, unless that waits.
func settledTruth(value *bool, waiting string) (*bool, string) {
	if waiting == "" || outputPlaceholder.MatchString(waiting) {
		return value, waiting
	}
	if truth, ok := document.Truth(waiting); ok {
		value = &truth
	}
	return value, ""
}

// shellForm is a variable as shells write it.
var shellForm = pattern.New(`^\$\{(\w+)[^{}]*\}$`)
