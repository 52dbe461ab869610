// Package doctor finds out all that can be known of an environment, and says what is wrong with what to do (env:doctor). A glance at the embedded
// one is env:status.
//
// Start with [Examine], which asks everybody and gives [Facts], plain data; [Diagnose] judges them and asks nobody. A new rule is one function in
// rules.go and a case in its test. It starts and changes nothing.
package doctor

import (
	"slices"

	"github.com/flowmage/flowmage/tasks/finding"
)

// Diagnose judges the facts: every trouble with its severity, the cause and the remedy, the worst first. It asks nobody.
func Diagnose(f Facts) finding.List {
	rules := []rule{settingsRule, rungsRule, toolsRule, embeddedRule, clockRule, diskRule, databaseRule, packagesRule, releasesRule, idleRule, runsRule, lockRule, leftRule}
	out := make(finding.List, 0, len(rules))
	for _, r := range rules {
		out = append(out, r(f)...)
	}
	slices.SortStableFunc(out, func(a, b finding.Finding) int { return int(b.Severity) - int(a.Severity) })
	return out
}
