package check

import (
	"fmt"
	"strings"

	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/schema"
)

// refused reports parameters that Prefect does not load a flow with.
func refused(f flow.Flow) finding.List {
	if f.Module == nil {
		return nil
	}
	refusals := schema.Refusals(f.Definition)
	out := make(finding.List, 0, len(refusals))
	for _, r := range refusals {
		out = append(out, catalogue.New("parameter-refused", finding.OfFlow(f.Entrypoint), finding.Finding{
			Position: finding.Position{File: f.Source, Line: f.Module.Line(r.Start)}, Subject: f.Name,
			Message: fmt.Sprintf("a flow can't have a parameter named %q", r.Parameter),
			Why:     r.Reason + ", so Prefect can't load " + f.Function, Fix: "rename it, for instance to " + better(r.Parameter),
		}))
	}
	return out
}

func better(name string) string {
	if plain := strings.TrimLeft(name, "_"); plain != "" && plain != name {
		return plain
	}
	return "the_" + strings.TrimLeft(name, "_")
}

// Untyped notes the parameters whose type or default can't be known from the source.
func Untyped(f flow.Flow) finding.List {
	if f.Module == nil {
		return nil
	}
	_, untyped := schema.Of(f.Sources(), f.Source, f.Dir(), f.Definition)
	out := make(finding.List, 0, len(untyped))
	for _, u := range untyped {
		out = append(out, catalogue.New("parameter-untyped", finding.OfFlow(f.Entrypoint), finding.Finding{
			Position: finding.Position{File: u.File, Line: u.Line}, Subject: f.Name,
			Message: fmt.Sprintf("the parameter %q of %s takes any value: %s", u.Parameter, f.Function, u.Reason),
		}))
	}
	return out
}
