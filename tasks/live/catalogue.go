package live

import "github.com/flowmage/flowmage/tasks/finding"

//nolint:gochecknoglobals // a table that nothing writes to
var catalogue = finding.Catalogue{
	"reference-missing": {Severity: finding.Error, Firm: true, Means: "a block or variable is not on the server", Why: "every run would start with an empty value, or fail"},
}.Needing(finding.Server)

// Rules are all that this package finds.
func Rules() finding.Catalogue { return catalogue }
