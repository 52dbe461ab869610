package check

import (
	"fmt"
	"strings"

	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/flow"
)

// refused reports parameters that Prefect does not load a flow with.
func refused(f flow.Flow) finding.List {
	if f.Definition == nil {
		return nil
	}
	var out finding.List
	for _, p := range f.Definition.Parameters {
		reason := keptName(p.Name)
		if reason == "" {
			continue
		}
		out = append(out, catalogue.New("parameter-refused", finding.OfFlow(f.Entrypoint), finding.Finding{
			Position: finding.Position{File: f.Definition.File, Line: p.Line}, Subject: f.Name,
			Message: fmt.Sprintf("a flow can't have a parameter named %q", p.Name),
			Why:     reason + ", so Prefect can't load " + f.Function, Fix: "rename it, for instance to " + better(p.Name),
		}))
	}
	return out
}

// keptName says why no parameter may have a name, which Prefect or pydantic keep for themselves (Prefect: flows.py, utilities/callables,
// _internal/pydantic/validated_func); "" for any other name.
func keptName(name string) string {
	switch {
	case name == "return_state" || name == "wait_for":
		return "Prefect keeps this name for its own argument of every flow"
	case name == "v__args" || name == "v__kwargs" || name == "v__positional_only" || name == "v__duplicate_kwargs":
		return "Prefect keeps this name for the validation of parameters"
	case strings.HasPrefix(name, "_"):
		return "pydantic takes no field whose name starts with an underscore"
	default:
		return ""
	}
}

func better(name string) string {
	if plain := strings.TrimLeft(name, "_"); plain != "" && plain != name {
		return plain
	}
	return "the_" + strings.TrimLeft(name, "_")
}

// Untyped notes the parameters whose type or default can't be known from the source.
func Untyped(f flow.Flow) finding.List {
	out := make(finding.List, 0, len(f.Untyped))
	for _, u := range f.Untyped {
		out = append(out, catalogue.New("parameter-untyped", finding.OfFlow(f.Entrypoint), finding.Finding{
			Position: finding.Position{File: u.File, Line: u.Line}, Subject: f.Name,
			Message: fmt.Sprintf("the parameter %q of %s takes any value: %s", u.Parameter, f.Function, u.Reason),
		}))
	}
	return out
}
