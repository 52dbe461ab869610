package command

import "github.com/flowmage/flowmage/tasks/finding"

//nolint:gochecknoglobals // a table that nothing writes to
var catalogue = finding.Catalogue{
	"deployments-missing":   {Severity: finding.Error, Means: "a manifest has no list of deployments"},
	"secret-file":           {Severity: finding.Error, Means: "a file with a secret can't be read"},
	"credential-place":      {Severity: finding.Error, Means: "a credential for Prefect would be written to a server to which it may not be sent", Why: "it is a credential for Prefect: docs/security.md#credentials"},
	"base-missing":          {Severity: finding.Warning, Means: "what a pull request is to be merged into is not known, so every guard is on", Why: "guards and ignores that the pull request itself has written don't count"},
	"containers-skipped":    {Severity: finding.Warning, Means: "container deployments are left out, for want of Docker"},
	"image":                 {Severity: finding.Error, Unless: "a warning where `containers: auto` skips it", Means: "an image can't be had"},
	"image-template":        {Severity: finding.Error, Means: "a Dockerfile can't be made from the template"},
	"schema-import":         {Severity: finding.Warning, Means: "Prefect can't load a flow", Why: "its parameters are told from the source alone"},
	"schema-differs":        {Severity: finding.Warning, Means: "Prefect sees a parameter otherwise than the source has it", Why: "what Prefect says is used; another version of it, or code that runs when the file is loaded, may be the reason"},
	"schemas-untrusted":     {Severity: finding.Warning, Means: "Prefect is not asked for parameters, because the repository is not trusted"},
	"served-name-duplicate": {Severity: finding.Error, Means: "two flows would be served by one name", Why: "the two could not be told apart", Formerly: "duplicate-served-name"},
	"repository":            {Severity: finding.Error, Means: "mage env:doctor can't plan a deploy"},
	"server":                {Severity: finding.Error, Means: "mage env:doctor can't reach the server"},
}

// Rules are all that this package finds.
func Rules() finding.Catalogue { return catalogue }
