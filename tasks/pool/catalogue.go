package pool

import "github.com/flowmage/flowmage/tasks/finding"

//nolint:gochecknoglobals // a table that nothing writes to
var catalogue = finding.Catalogue{
	"pool-template": {Severity: finding.Error, Means: "the template of a work pool can't be used"},
	"pool-default":  {Severity: finding.Error, Means: "a default does not fit the work pool's template", Why: "it would do nothing"},
}

// Rules are all that this package finds.
func Rules() finding.Catalogue { return catalogue }
