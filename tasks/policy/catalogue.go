package policy

import (
	"github.com/flowmage/flowmage/tasks/document"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/setting"
)

//nolint:gochecknoglobals // a table that nothing writes to
var catalogue = document.Rules().With(setting.Rules()).With(finding.Catalogue{
	"file-unreadable":   finding.Unreadable(),
	"policy-code":       {Severity: finding.Error, Firm: true, Means: "a policy has the code of another rule", Why: "nobody could tell which of the two has found something"},
	"policy-expression": {Severity: finding.Error, Firm: true, Means: "the expression of a policy can't be understood", Why: "the policy would judge nothing"},
	"policy-example":    {Severity: finding.Error, Firm: true, Means: "a policy says something else of one of its examples than that should show; `mage verify:policies` tells it"},
	"policy-foreign":    {Severity: finding.Note, Means: "a file in `policies/` lists no policies", Why: "nothing is judged by it"},
	"policy-changed":    {Severity: finding.Warning, Means: "a pull request has other policies than the branch that it is to be merged into", Why: "a pull request does not choose by which rules it is judged"},
}.Needing(finding.Settings))

// Catalogue are the rules about policies themselves.
func Catalogue() finding.Catalogue { return catalogue }
