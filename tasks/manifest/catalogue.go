package manifest

import (
	"github.com/flowmage/flowmage/tasks/document"
	"github.com/flowmage/flowmage/tasks/finding"
)

//nolint:gochecknoglobals // a table that nothing writes to
var catalogue = document.Rules().With(finding.Catalogue{
	"manifest-empty":       {Severity: finding.Error, Firm: true, Means: "the file is empty"},
	"manifest-type":        {Severity: finding.Error, Firm: true, Means: "the file is no mapping"},
	"deployment-duplicate": {Severity: finding.Error, Firm: true, Means: "two deployments of one flow have one name", Why: "the second one would overwrite the first", Formerly: "duplicate-deployment"},
	"deployment-name":      {Severity: finding.Error, Firm: true, Means: "a deployment has no name that Prefect accepts"},
	"deployment-unnamed":   {Severity: finding.Warning, Means: "an entry has no name, and is passed over", Why: "`prefect deploy --all` passes it over, too"},
	"entrypoint-form":      {Severity: finding.Error, Firm: true, Means: "an entrypoint names no file and function"},
	"slug-duplicate":       {Severity: finding.Error, Firm: true, Means: "two schedules have one slug", Formerly: "duplicate-slug"},
	"schedule-twice":       {Severity: finding.Error, Firm: true, Means: "both `schedule` and `schedules` are given"},
	"schedule-key":         {Severity: finding.Warning, Means: "a key does nothing in a schedule of that form"},
	"anchor-date":          {Severity: finding.Error, Firm: true, Means: "an anchor is no date and time"},
	"version-type":         {Severity: finding.Error, Firm: true, Means: "there is no such type of version"},
	"concurrency-limit":    {Severity: finding.Error, Firm: true, Means: "a limit of runs is missing beside its options"},
	"collision-strategy":   {Severity: finding.Error, Firm: true, Means: "there is no such collision strategy"},
	"key-misplaced":        {Severity: finding.Error, Firm: true, Means: "a key stands where Prefect drops it", Formerly: "misplaced-key"},
	"key-unsupported":      {Severity: finding.Error, Firm: true, Means: "a key is understood by `prefect deploy` alone", Formerly: "unsupported-key"},
	"step-form":            {Severity: finding.Error, Firm: true, Means: "a step is not written as one"},
	"step-legacy":          {Severity: finding.Error, Firm: true, Means: "a step is of Prefect 2"},
	"step-unknown":         {Severity: finding.Error, Firm: true, Means: "Prefect has no such step"},
	"step-unsupported":     {Severity: finding.Error, Firm: true, Means: "a step can't be run here"},
	"step-requires":        {Severity: finding.Error, Firm: true, Means: "a step wants packages installed"},
	"step-script":          {Severity: finding.Error, Firm: true, Means: "a shell step has no script"},
	"step-input":           {Severity: finding.Error, Firm: true, Means: "a pull step lacks an input, or has two of which it takes one"},
	"step-image":           {Severity: finding.Error, Firm: true, Means: "a step names no image"},
	"step-credentials":     {Severity: finding.Warning, Means: "credentials of a step are not fetched"},
	"step-reference":       {Severity: finding.Error, Firm: true, Means: "a step refers to what only the server has"},
	"step-output":          {Severity: finding.Error, Firm: true, Means: "a value refers to what no step gives out"},
	"placeholder-early":    {Severity: finding.Error, Firm: true, Means: "a placeholder stands where the value is needed at once"},
	"trigger-type":         {Severity: finding.Error, Firm: true, Means: "there is no such trigger"},
	"trigger-incomplete":   {Severity: finding.Error, Firm: true, Means: "a trigger lacks what it needs"},
	"word-unknown":         {Severity: finding.Error, Firm: true, Means: "a word is none of those that a key takes", Formerly: "unknown-word"},
}.Needing(finding.Manifest))

// Rules are all that this package finds.
func Rules() finding.Catalogue { return catalogue }
