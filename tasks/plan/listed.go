package plan

import (
	"maps"

	"github.com/flowmage/flowmage/tasks/kind"
	"github.com/flowmage/flowmage/tasks/parameter"
	"github.com/flowmage/flowmage/tasks/plan/schedules"
	"github.com/flowmage/flowmage/tasks/secret"
)

// Listed gives the deployment as JSON has it: its managed fields by the API's names, without the parameters' schema, which is the flow's; its schedules
// as the API takes them; and what it is. Values that look secret are masked, as in a plan.
func (d Desired) Listed() map[string]any {
	fields := maps.Clone(d.Fields)
	maps.DeleteFunc(fields, func(_ string, v any) bool { _, schema := v.(parameter.Text); return schema })
	out, _ := secret.Masked(fields, nil).(map[string]any)
	out["name"], out["flow"], out["kind"] = d.Name, d.Flow.Name, kind.Python
	if d.Image() != "" {
		out["kind"] = kind.Container
	}
	list := make([]any, 0, len(d.Schedules))
	for _, s := range d.Schedules {
		list = append(list, secret.Masked(schedules.New(s), nil))
	}
	out["schedules"] = list
	return out
}
