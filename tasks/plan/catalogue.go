package plan

import "github.com/flowmage/flowmage/tasks/finding"

//nolint:gochecknoglobals // a table that nothing writes to
var catalogue = finding.Catalogue{
	"entrypoint-missing": {Severity: finding.Error, Firm: true, Needs: finding.Source | finding.Manifest, Means: "an entrypoint is no flow of the repository", Why: "every run would crash when Prefect tries to load it"},
	"parameter-schema":   {Severity: finding.Error, Firm: true, Needs: finding.Source, Means: "a flow's parameters can't be described"},
	"job-variable":       {Severity: finding.Error, Firm: true, Means: "a job variable does not fit its work pool", Why: "the server refuses the deployment"},
	"pool-unknown":       {Severity: finding.Error, Firm: true, Needs: finding.Settings | finding.Manifest, Means: "a work pool is none of the environment's"},
	"pool-missing":       {Severity: finding.Error, Firm: true, Means: "a deployment has no work pool that is there", Why: "nothing would start its runs"},
	"pool-type":          {Severity: finding.Error, Firm: true, Means: "a work pool on the server has another type", Why: "its workers could not start the runs, and a pool's type can't be changed"},
	"deployment-foreign": {Severity: finding.Error, Firm: true, Means: "the server has a deployment of that name that nobody owns", Why: "somebody else made it, by hand or with another tool; it is never overwritten", Formerly: "foreign-deployment"},
	"deployment-claimed": {Severity: finding.Error, Firm: true, Means: "the server has a deployment of that name that another project owns", Why: "two owners of one deployment would undo each other's work with each deploy", Formerly: "claimed-deployment"},
	"deployment-served":  {Severity: finding.Error, Firm: true, Means: "the server has a deployment of that name that a program serves", Why: "the program that serves it starts its runs; a work pool would take them away from it", Formerly: "served-deployment"},
	"trigger-metric":     {Severity: finding.Error, Firm: true, Means: "a trigger is about a metric, and the server is not Prefect Cloud", Why: "the server would refuse it after the deployment was written"},
	"trigger-related":    {Severity: finding.Error, Firm: true, Means: "a trigger names several related resources, and the server is old", Why: "the server would refuse it after the deployment was written"},
}.Needing(finding.Server)

// Rules are all that this package finds.
func Rules() finding.Catalogue { return catalogue }
