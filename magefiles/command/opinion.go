package command

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/local"
	"github.com/flowmage/flowmage/tasks/schema"
)

// secondOpinion has Prefect itself compute the parameter schemas of flows, by loading them in the environment's Python, and has those used
// from then on. It does so only where the settings want it (schemas: python). What Prefect can't load, and what it sees otherwise than the
// source has it, is told.
func (s *Session) secondOpinion(ctx context.Context, env config.Env, flows []flow.Flow) (finding.List, error) {
	if env.Schemas != "python" {
		return nil, nil
	}
	if s.Untrusted {
		return s.unasked(env), nil
	}
	flows = slices.DeleteFunc(slices.Clone(flows), func(f flow.Flow) bool { return !f.Loadable || f.Module == nil })
	if len(flows) == 0 {
		return nil, nil
	}
	slices.SortStableFunc(flows, func(a, b flow.Flow) int { return cmp.Compare(a.File, b.File) })
	ask := local.Question{Requirements: s.requirements(flows), Env: s.loading(ctx, env)}
	for _, f := range flows {
		ask.Entrypoints = append(ask.Entrypoints, f.Entrypoint)
	}
	answers, err := s.embedded(env).Schemas(ctx, ask)
	if err != nil {
		return nil, err
	}
	var out finding.List
	for i, f := range flows {
		out = append(out, heard(f, answers, answers.List[i])...)
	}
	return out, nil
}

// loading gives the variables that flows find when they are loaded, as far as they are known before a run: those of the settings, and the
// server where there is one already.
func (s *Session) loading(ctx context.Context, env config.Env) []string {
	var out []string
	if at, err := s.locate(env); err == nil {
		address := at.options.URL
		if at.embedded != nil {
			running, _ := at.embedded.Recorded(ctx)
			address, at.options.AuthString = running.URL, running.Auth
		}
		if address != "" {
			out = append(append(credentialsOf(at.options), s.direct(address)...), "PREFECT_API_URL="+address)
		}
	}
	for name, value := range env.Env {
		if !strings.Contains(value, "{{") {
			out = append(out, name+"="+value)
		}
	}
	return out
}

// heard takes an answer for a flow.
func heard(f flow.Flow, by local.Answers, a local.Answer) finding.List {
	theirs, err := schema.Parse(a.Schema)
	if a.Reason == "" && err != nil {
		a.Reason = err.Error()
	}
	if a.Reason != "" {
		at := finding.Position{File: f.File, Line: f.Line}
		if a.File != "" {
			at = finding.Position{File: a.File, Line: a.Line}
		}
		return finding.List{catalogue.New("schema-import", finding.OfFlow(f.Entrypoint), finding.Finding{
			Position: at, Subject: f.Name,
			Message: fmt.Sprintf("Prefect %s can't load %s: %s", by.Prefect, f.Entrypoint, a.Reason),
			Fix:     "mend the file, or install what it needs into the environment's Python",
		})}
	}
	ours, untyped := schema.Of(f.Sources(), f.Source, f.Dir(), f.Definition)
	schema.Believe(f.Sources(), f.Source, f.Dir(), f.Definition, theirs)
	var out finding.List
	for _, name := range ours.Differences(theirs) {
		if slices.ContainsFunc(untyped, func(u schema.Untyped) bool { return u.Parameter == name }) {
			continue
		}
		out = append(out, differing(f, by, name, ours, theirs))
	}
	return out
}

// differing reports a parameter that Prefect sees otherwise than we do.
func differing(f flow.Flow, by local.Answers, name string, ours, theirs schema.Schema) finding.Finding {
	at := f.Definition.Start
	for _, p := range f.Definition.Parameters {
		if p.Name == name {
			at = p.Start
		}
	}
	said := func(s schema.Schema) string {
		if _, ok := s.Properties[name]; !ok {
			return "not there"
		}
		return s.Describe(name)
	}
	message := fmt.Sprintf("the parameter %q of %s is %s by its source, and %s for Prefect %s with pydantic %s", name, f.Function, said(ours), said(theirs),
		by.Prefect, by.Pydantic)
	if said(ours) == said(theirs) {
		message = fmt.Sprintf("Prefect %s with pydantic %s has another schema for the parameter %q of %s than its source", by.Prefect, by.Pydantic, name, f.Function)
	}
	return catalogue.New("schema-differs", finding.OfFlow(f.Entrypoint), finding.Finding{
		Position: finding.Position{File: f.Source, Line: f.Module.Line(at)}, Subject: f.Name,
		Message: message,
		Fix:     "if neither is, please report it: the source was misread",
	})
}
