package draft

import (
	"github.com/flowmage/flowmage/tasks/finding"
)

//nolint:gochecknoglobals // a table that nothing writes to
var catalogue = finding.Catalogue{
	"deployments-missing":   {Severity: finding.Error, Means: "a manifest has no list of deployments"},
	"containers-skipped":    {Severity: finding.Warning, Means: "container deployments are left out, for want of Docker"},
	"image":                 {Severity: finding.Error, Unless: "a warning where `containers: auto` skips it", Means: "an image can't be had"},
	"image-template":        {Severity: finding.Error, Means: "a Dockerfile can't be made from the template"},
	"schema-import":         {Severity: finding.Warning, Means: "Prefect can't load a flow", Why: "its parameters are told from the source alone"},
	"schema-differs":        {Severity: finding.Warning, Means: "Prefect sees a parameter otherwise than the source has it", Why: "what Prefect says is used; another version of it, or code that runs when the file is loaded, may be the reason"},
	"schemas-untrusted":     {Severity: finding.Warning, Means: "Prefect is not asked for parameters, because the repository is not trusted"},
	"served-name-duplicate": {Severity: finding.Error, Means: "two flows would be served by one name", Why: "the two could not be told apart", Formerly: "duplicate-served-name"},
}

// Rules are all that this package finds.
func Rules() finding.Catalogue { return catalogue }
