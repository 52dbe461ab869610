package draft

import (
	"github.com/flowmage/flowmage/tasks/finding"
)

//nolint:gochecknoglobals // a table that nothing writes to
var catalogue = finding.Catalogue{
	"deployment-one":        {Severity: finding.Error, Firm: true, Means: "two entries are one deployment, by the names of flow and deployment", Why: "the second one would overwrite the first"},
	"entrypoint-ambiguous":  {Severity: finding.Error, Firm: true, Means: "an entrypoint fits in two places", Why: "which flow it means depends on where the command is run"},
	"flow-name-shared":      {Severity: finding.Warning, Means: "two deployments are of flows that share a name", Why: "Prefect knows a flow by its name alone: the two are shown as one, with the runs of both"},
	"deployments-missing":   {Severity: finding.Error, Firm: true, Needs: finding.Manifest, Means: "a manifest has no list of deployments"},
	"containers-skipped":    {Severity: finding.Warning, Needs: finding.Settings | finding.Image, Means: "container deployments are left out, for want of Docker"},
	"image":                 {Severity: finding.Error, Firm: true, Needs: finding.Image, Unless: "a warning where `containers: auto` skips it", Means: "an image can't be had"},
	"image-template":        {Severity: finding.Error, Firm: true, Needs: finding.Image, Means: "a Dockerfile can't be made from the template"},
	"schema-import":         {Severity: finding.Warning, Needs: finding.Source | finding.Machine, Means: "Prefect can't load a flow", Why: "its parameters are told from the source alone"},
	"schema-differs":        {Severity: finding.Warning, Needs: finding.Source | finding.Machine, Means: "Prefect sees a parameter otherwise than the source has it", Why: "what Prefect says is used; another version of it, or code that runs when the file is loaded, may be the reason"},
	"schemas-untrusted":     {Severity: finding.Warning, Needs: finding.Settings, Means: "Prefect is not asked for parameters, because the repository is not trusted"},
	"served-name-duplicate": {Severity: finding.Error, Firm: true, Means: "two flows would be served by one name", Why: "the two could not be told apart", Formerly: "duplicate-served-name"},
}.Needing(finding.Source | finding.Settings)

// Rules are all that this package finds.
func Rules() finding.Catalogue { return catalogue }
