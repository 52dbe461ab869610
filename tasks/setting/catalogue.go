package setting

import "github.com/flowmage/flowmage/tasks/finding"

//nolint:gochecknoglobals // a table that nothing writes to
var catalogue = finding.Catalogue{
	badValue:      {Severity: finding.Error, Firm: true, Means: "a value is none that the setting takes", Formerly: "bad-value"},
	"code-source": {Severity: finding.Error, Firm: true, Means: "the code of flows comes from two places"},
}.Needing(finding.Settings)

// Rules are the findings that only the rules of settings make; others they share with package document.
func Rules() finding.Catalogue { return catalogue }
