package document

import "github.com/flowmage/flowmage/tasks/finding"

//nolint:gochecknoglobals // a table that nothing writes to
var catalogue = finding.Catalogue{
	"yaml-syntax":      {Severity: finding.Error, Firm: true, Means: "the file is no valid YAML"},
	"yaml-documents":   {Severity: finding.Error, Firm: true, Means: "the file holds several documents"},
	"yaml-size":        {Severity: finding.Error, Firm: true, Means: "aliases make the file too large"},
	"yaml-tag":         {Severity: finding.Error, Firm: true, Means: "a value has a tag that means nothing here"},
	"file-size":        {Severity: finding.Error, Firm: true, Means: "the file is too large"},
	"encoding":         {Severity: finding.Error, Firm: true, Means: "the file is no UTF-8"},
	"key-duplicate":    {Severity: finding.Error, Firm: true, Unless: "a warning among variables: the later one wins", Means: "a key stands twice", Formerly: "duplicate-key"},
	"key-unknown":      {Severity: finding.Error, Firm: true, Means: "there is no such key", Formerly: "unknown-key"},
	"type-wrong":       {Severity: finding.Error, Firm: true, Means: "a value has another type than its key wants", Formerly: "wrong-type"},
	"value-range":      {Severity: finding.Error, Firm: true, Means: "a number is too small or too large", Formerly: "out-of-range"},
	"cron-never":       {Severity: finding.Warning, Means: "a cron rule never fires", Why: "no run is ever scheduled, and the server notes an error each time that it looks"},
	"cron-seconds":     {Severity: finding.Warning, Means: "a cron rule has a column for seconds", Why: "elsewhere a sixth column stands first: the rule may mean sixty runs where one was meant"},
	"cron":             {Severity: finding.Error, Firm: true, Means: "Prefect does not take the cron rule"},
	"rrule":            {Severity: finding.Error, Firm: true, Means: "Prefect does not take the rrule"},
	"interval":         {Severity: finding.Error, Firm: true, Means: "an interval is no time"},
	"timezone":         {Severity: finding.Error, Firm: true, Means: "there is no such time zone"},
	"schedule-form":    {Severity: finding.Error, Firm: true, Means: "a schedule has not exactly one of cron, interval and rrule"},
	"placeholder-form": {Severity: finding.Error, Firm: true, Unless: "a warning where the text may be meant as it stands", Means: "a placeholder has a form that nobody fills in"},
	"variable-unset":   {Severity: finding.Error, Firm: true, Unless: "a warning where the value may be empty", Means: "a variable that a value takes is not set"},
	"server-reference": {Severity: finding.Error, Firm: true, Means: "a value refers to what only the server has, and is needed before"},
}.Needing(finding.Settings | finding.Manifest)

// Rules are all that this package finds.
func Rules() finding.Catalogue { return catalogue }
