package session

import (
	"github.com/flowmage/flowmage/tasks/finding"
)

//nolint:gochecknoglobals // a table that nothing writes to
var catalogue = finding.Catalogue{
	"secret-file":      {Severity: finding.Error, Firm: true, Means: "a file with a secret can't be read"},
	"credential-place": {Severity: finding.Error, Firm: true, Means: "a credential for Prefect would be written to a server to which it may not be sent", Why: "it is a credential for Prefect: docs/security.md#credentials"},
	"base-missing":     {Severity: finding.Warning, Means: "what a pull request is to be merged into is not known, so every guard is on", Why: "guards and ignores that the pull request itself has written don't count"},
}.Needing(finding.Settings)

// Rules are all that this package finds.
func Rules() finding.Catalogue { return catalogue }
