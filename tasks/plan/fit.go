package plan

import (
	"fmt"
	"maps"
	"slices"

	"github.com/flowmage/flowmage/tasks/prefect"
)

// fit takes out of a deployment what the server's release does not know and would drop without a word, and tells of it. (Prefect:
// the release in which each field came.)
func fit(d Desired, r prefect.Release) (Desired, []string) {
	var notes []string
	if options, ok := d.Fields[FieldOptions].(map[string]any); ok && options["grace_period_seconds"] != nil && !r.AtLeast(prefect.Release{Major: 3, Minor: 6, Patch: 6}) {
		options = maps.Clone(options)
		delete(options, "grace_period_seconds")
		d.Fields = maps.Clone(d.Fields)
		d.Fields[FieldOptions] = options
		notes = append(notes, "concurrency_limit.grace_period_seconds does nothing here: the server is older than 3.6.6")
	}
	if !r.AtLeast(prefect.FullAutomations()) {
		for i, t := range d.Triggers {
			if t.ScheduleAfter > 0 {
				d.Triggers = slices.Clone(d.Triggers)
				d.Triggers[i].ScheduleAfter = 0
				notes = append(notes, fmt.Sprintf("schedule_after of the trigger %s does nothing here: the server is older than %s", t.Name, prefect.FullAutomations()))
			}
		}
	}
	return d, notes
}
