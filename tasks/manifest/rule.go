package manifest

import (
	"fmt"
	"maps"
	"regexp"
	"slices"

	"github.com/flowmage/flowmage/tasks/document"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/schedule"
)

// ruled are the texts of a schedule by which it is judged, by key.
func (s Schedule) ruled() map[string]string {
	return map[string]string{
		schedule.CronKey: s.Cron, schedule.RruleKey: s.RRule, schedule.TimezoneKey: s.Timezone, schedule.AnchorKey: s.AnchorDate, "active": s.ActiveText, "day_or": s.DayOrText,
	}
}

// refusal tells what the server would refuse about one of a schedule's texts, with all of the deployment; code is empty when it takes it.
func refusal(judge *schedule.Memory, key, value string) (code, fix, message string) {
	if fix, message, known := judge.Refusal(key, value); known {
		switch {
		case message == "":
		case key == schedule.AnchorKey:
			code = "anchor-date"
		default:
			code = key
		}
		return code, fix, message
	}
	if _, ok := document.Truth(value); !ok {
		return wrongType, "write true or false", fmt.Sprintf("%s must be true or false, this is %q", key, value)
	}
	return "", "", ""
}

// Settle completes schedules into which variables or the outputs of steps have been filled, and judges what was filled in, as [Parse] does
// what is written out. before are the schedules as they were. Texts that still hold a placeholder wait. The findings stand where the
// schedules do, and say which placeholder the value came from.
func Settle(deployment string, before, after []Schedule) ([]Schedule, finding.List) {
	var findings finding.List
	var judge schedule.Memory
	out := slices.Clone(after)
	for i := range out {
		s := &out[i]
		was := before[i].ruled()
		tell := func(key, code, fix, message string) {
			at := s.Position
			at.Key = key
			findings = append(findings, catalogue.New(code, finding.OfDeployment(deployment), finding.Finding{
				Position: at, Subject: deployment,
				Message: fmt.Sprintf("%s; the value came from %s", message, was[key]), Fix: fix,
			}))
		}
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
			if was[key] == value || output.MatchString(value) {
				continue
			}
			if code, fix, message := refusal(&judge, key, value); code != "" {
				tell(key, code, fix, message)
			}
		}
		s.Active, s.ActiveText = settledTruth(s.Active, s.ActiveText)
		s.DayOr, s.DayOrText = settledTruth(s.DayOr, s.DayOrText)
	}
	return out, findings
}

// settledTruth reads a truth value from its text, unless that waits.
func settledTruth(value *bool, waiting string) (*bool, string) {
	if waiting == "" || output.MatchString(waiting) {
		return value, waiting
	}
	if truth, ok := document.Truth(waiting); ok {
		value = &truth
	}
	return value, ""
}

// shellForm is a variable as shells write it.
var shellForm = regexp.MustCompile(`^\$\{(\w+)[^{}]*\}$`)
