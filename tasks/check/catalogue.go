package check

import (
	"github.com/flowmage/flowmage/tasks/document"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/setting"
)

//nolint:gochecknoglobals // a table that nothing writes to
var catalogue = document.Rules().With(setting.Rules()).With(finding.Catalogue{
	"placeholder-place":         {Severity: finding.Error, Firm: true, Needs: finding.Settings, Means: "a setting holds a variable that nothing fills in"},
	"override-unmatched":        {Severity: finding.Error, Means: "settings match no flow", Why: "they would never apply"},
	"parameter-unknown":         {Severity: finding.Error, Firm: true, Means: "a value is given for a parameter that the flow does not have", Why: "the server accepts it, and every run crashes"},
	"parameter-placeholder":     {Severity: finding.Error, Firm: true, Means: "a parameter would be the text of a placeholder", Why: "Prefect fills in blocks and variables when a run starts, but in job variables and pull steps only"},
	"parameter-type":            {Severity: finding.Error, Firm: true, Means: "a value does not fit the parameter's type", Why: "Prefect refuses the deployment or its runs"},
	"parameter-missing":         {Severity: finding.Error, Firm: true, Means: "a schedule gives no value for a parameter without a default", Why: "its scheduled runs would all fail"},
	"parameter-refused":         {Severity: finding.Error, Firm: true, Needs: finding.Source, Means: "a parameter has a name that Prefect reserves"},
	"parameter-untyped":         {Severity: finding.Note, Needs: finding.Source, Means: "a parameter's type or default can't be known from the source", Why: "Prefect learns it by running the code; runs are not checked for it"},
	"deployment-name-duplicate": {Severity: finding.Error, Firm: true, Means: "two deployments would have one name", Why: "the two could not be told apart in the UI", Formerly: "duplicate-deployment-name"},
	"deployment-name-shared":    {Severity: finding.Error, Firm: true, Means: "another environment has a deployment of that name on the same server", Why: "a server has one deployment of a name for each flow: the environments would take it from each other"},
	"code-elsewhere":            {Severity: finding.Warning, Means: "the code is where only this machine finds it", Why: "a worker on another machine does not find the code, and every run crashes"},
	"code-git":                  {Severity: finding.Error, Firm: true, Unless: "a warning where git says less than it could", Means: "workers can't clone what is to run"},
	"code-uncommitted":          {Severity: finding.Error, Firm: true, Means: "a flow has changes that are in no commit", Why: "workers could not clone it"},
	"code-unpushed":             {Severity: finding.Error, Firm: true, Means: "the commit of a flow is not on the remote", Why: "workers could not clone it"},
	"container-setting":         {Severity: finding.Error, Unless: "a warning where it depends on how the server listens", Means: "a setting can't work where containers run"},
	"guard":                     {Severity: finding.Error, Firm: true, Needs: finding.Settings, Unless: "a warning for who only looks", Means: "a guard of the environment refuses the deploy"},
}.Needing(finding.Source | finding.Settings))

// Rules are all that this package finds.
func Rules() finding.Catalogue { return catalogue }
