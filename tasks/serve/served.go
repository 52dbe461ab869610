package serve

import (
	"fmt"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/draft"
	"github.com/flowmage/flowmage/tasks/kind"
	"github.com/flowmage/flowmage/tasks/local"
	"github.com/flowmage/flowmage/tasks/manifest"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/pool"
)

// served gives what is to be served: each flow once, as its first deployment has it; one in processes goes before those in containers.
// Beside it stand those deployments, by the served one's name.
func served(d draft.Rendered) ([]local.Served, map[string]plan.Desired) {
	var out []local.Served
	wanted := map[string]plan.Desired{}
	seen, types := map[string]bool{}, pool.Types(d.Env)
	for _, k := range kind.All() {
		for _, x := range d.Desired {
			if seen[x.Flow.Entrypoint] || kind.OfPool(types[x.Pool()]) != k {
				continue
			}
			seen[x.Flow.Entrypoint] = true
			one := servedAs(d, x)
			out, wanted[one.Name] = append(out, one), x
		}
	}
	return out, wanted
}

func servedAs(d draft.Rendered, x plan.Desired) local.Served {
	s := local.Served{
		Name: draft.ServedName(d.Env, x.Flow.Slug()), Entrypoint: x.Flow.Entrypoint, Fields: x.Served(), Schedules: []map[string]any{}, Env: variablesOf(x),
	}
	s.Paused, _ = x.Paused()
	tags := slices.DeleteFunc(x.Tags(), func(tag string) bool { return tag == d.Owner().Tag() })
	s.Fields[plan.FieldTags] = append(tags, d.Owner().ServeTag())
	for _, said := range []string{plan.FieldEntrypoint, plan.FieldPaused, plan.FieldJob} { // in ways of their own, above
		delete(s.Fields, said)
	}
	for _, schedule := range x.Schedules {
		s.Schedules = append(s.Schedules, scheduleOf(schedule))
	}
	return s
}

// variablesOf gives the environment variables of a deployment's runs, those that only a worker could fill in included.
func variablesOf(x plan.Desired) map[string]string {
	out := map[string]string{}
	for name, value := range x.Env() {
		out[name] = fmt.Sprint(value)
	}
	return out
}

// withoutBlocks takes out of what is to be served the variables that name blocks and variables of Prefect, and gives their names.
func withoutBlocks(list []local.Served) []string {
	var left []string
	for _, x := range list {
		for name, value := range x.Env {
			if strings.Contains(value, "{{") {
				delete(x.Env, name)
				left = append(left, name)
			}
		}
	}
	slices.Sort(left)
	return slices.Compact(left)
}

// scheduleOf gives a schedule in the words of Prefect's Schedule.
func scheduleOf(x manifest.Schedule) map[string]any {
	out := map[string]any{}
	set := func(key string, value any, wanted bool) {
		if wanted {
			out[key] = value
		}
	}
	set("cron", x.Cron, x.Cron != "")
	set("day_or", x.DayOr == nil || *x.DayOr, x.Cron != "") // Prefect 3.2 has another default
	set("interval", x.Interval, x.Interval > 0)
	set("rrule", x.RRule, x.RRule != "")
	set("timezone", x.Timezone, x.Timezone != "")
	set("anchor_date", x.AnchorDate, x.AnchorDate != "")
	set("slug", x.Slug, x.Slug != "")
	set("parameters", x.Parameters, len(x.Parameters) > 0)
	if x.Active != nil {
		out["active"] = *x.Active
	}
	return out
}
