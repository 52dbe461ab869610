package flow

import "github.com/flowmage/flowmage/tasks/finding"

//nolint:gochecknoglobals // a table that nothing writes to
var catalogue = finding.Catalogue{
	"file-unreadable":      finding.Unreadable(),
	"python-syntax":        {Severity: finding.Error, Firm: true, Unless: "a warning where no flow needs the file", Means: "a Python file has a mistake", Why: "Python can't load this file, so its flows can't run"},
	"path-missing":         finding.PathMissing(),
	"flow-name-duplicate":  {Severity: finding.Error, Unless: "a note where at most one of them is deployed, a warning where their deployments have different names", Means: "two flows have one name", Why: "Prefect knows a flow by its name alone: their deployments and runs would be mixed up", Formerly: "duplicate-flow-name"},
	"flow-name-computed":   {Severity: finding.Error, Firm: true, Unless: "a note where it is not deployed", Means: "a flow's name can't be known without running the code", Why: "the deployment would be stored under another flow than the one that runs"},
	"flow-name-illegal":    {Severity: finding.Error, Firm: true, Unless: "a note where it is not deployed", Means: "Prefect does not accept a flow's name"},
	"flow-decorated-again": {Severity: finding.Warning, Means: "another decorator stands above the flow's", Why: "Prefect loads what the name is bound to in the end: unless that is still a flow, every run fails"},
	"flow-replaced":        {Severity: finding.Warning, Means: "something else takes the name of a flow further down"},
	"ignore-changed":       finding.IgnoreChanged(),
}.Needing(finding.Source)

// Rules are all that this package finds.
func Rules() finding.Catalogue { return catalogue }
