package verdict

import "github.com/flowmage/flowmage/tasks/finding"

//nolint:gochecknoglobals // a table that nothing writes to
var catalogue = finding.Catalogue{
	"ignore-reason":  {Severity: finding.Warning, Means: "a comment ignores a finding and gives no reason", Why: "who reads it later can't tell whether it still holds"},
	"ignore-unknown": {Severity: finding.Warning, Means: "a comment ignores a rule that does not exist", Why: "it ignores nothing"},
	"ignore-unused":  {Severity: finding.Warning, Means: "a comment ignores what is not found there", Why: "it would hide the next mistake of that kind"},
	"ignore-changed": finding.IgnoreChanged(),
	"rule-firm":      finding.RuleFirm(),
}.Needing(finding.Source | finding.Settings)

// Rules are all that this package finds.
func Rules() finding.Catalogue { return catalogue }
