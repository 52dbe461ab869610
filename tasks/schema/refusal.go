package schema

import (
	"strings"

	"github.com/flowmage/flowmage/tasks/python"
)

// Refusal is a parameter that Prefect does not load a flow with.
type Refusal struct {
	Parameter string
	Start     int // where it stands in the flow's module
	Reason    string
}

// Refusals gives the parameters whose names Prefect or pydantic keep for themselves (Prefect: flows.py, utilities/callables,
// _internal/pydantic/validated_func).
func Refusals(fn *python.Function) []Refusal {
	out := make([]Refusal, 0, len(fn.Parameters))
	for _, p := range fn.Parameters {
		var reason string
		switch {
		case p.Name == "return_state" || p.Name == "wait_for":
			reason = "Prefect keeps this name for its own argument of every flow"
		case p.Name == "v__args" || p.Name == "v__kwargs" || p.Name == "v__positional_only" || p.Name == "v__duplicate_kwargs":
			reason = "Prefect keeps this name for the validation of parameters"
		case strings.HasPrefix(p.Name, "_"):
			reason = "pydantic takes no field whose name starts with an underscore"
		default:
			continue
		}
		out = append(out, Refusal{Parameter: p.Name, Start: p.Start, Reason: reason})
	}
	return out
}
