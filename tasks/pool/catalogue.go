package pool

import "github.com/flowmage/flowmage/tasks/finding"

//nolint:gochecknoglobals // a table that nothing writes to
var catalogue = finding.Catalogue{
	"pool-conflict":  {Severity: finding.Error, Firm: true, Means: "a work pool is said twice, and differently", Why: "a work pool is one, whichever flows run in it"},
	"pool-shared":    {Severity: finding.Error, Firm: true, Means: "a flow's settings would change a work pool of others", Why: "no name is given beside it, so it is the environment's pool"},
	"queue-unknown":  {Severity: finding.Warning, Means: "a queue is not among those of its work pool", Why: "the server makes it, without a limit and behind the others"},
	"queue-priority": {Severity: finding.Error, Firm: true, Means: "two queues of a work pool have one priority", Why: "the server gives a priority once, and moves the other queue"},
	"pool-template":  {Severity: finding.Error, Firm: true, Means: "the template of a work pool can't be used"},
	"pool-default":   {Severity: finding.Error, Firm: true, Means: "a default does not fit the work pool's template", Why: "it would do nothing"},
}.Needing(finding.Settings)

// Rules are all that this package finds.
func Rules() finding.Catalogue { return catalogue }
