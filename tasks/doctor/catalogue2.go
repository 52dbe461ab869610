package doctor

import (
	"github.com/flowmage/flowmage/tasks/finding"
)

//nolint:gochecknoglobals // a table that nothing writes to
var stoppers = finding.Catalogue{
	"repository": {Severity: finding.Error, Means: "mage env:doctor can't plan a deploy"},
	"server":     {Severity: finding.Error, Means: "mage env:doctor can't reach the server"},
}

// StopperRules are all that this package finds.
func StopperRules() finding.Catalogue { return stoppers }
