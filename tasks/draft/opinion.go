package draft

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
	"github.com/flowmage/flowmage/tasks/session"
)

// SecondOpinion has Prefect itself compute the parameter schemas of flows, by loading them in the environment's Python, and has those used
// from then on. It does so only where the settings want it (schemas: python). What Prefect can't load, and what it sees otherwise than the
// source has it, is told.
func SecondOpinion(ctx context.Context, s *session.Session, env config.Env, flows []flow.Flow) (finding.List, error) {
	if env.Schemas != "python" {
		return nil, nil
	}
	if s.Stance().Untrusted {
		return unasked(s, env), nil
	}
	flows = slices.DeleteFunc(slices.Clone(flows), func(f flow.Flow) bool { return !f.Loadable || f.Module == nil })
	if len(flows) == 0 {
		return nil, nil
	}
	slices.SortStableFunc(flows, func(a, b flow.Flow) int { return cmp.Compare(a.File, b.File) })
	ask := local.Question{Requirements: session.Requirements(s, flows), Env: loading(ctx, s, env)}
	for _, f := range flows {
		ask.Entrypoints = append(ask.Entrypoints, f.Entrypoint)
	}
	answers, err := s.Embedded(env).Schemas(ctx, ask)
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
func loading(ctx context.Context, s *session.Session, env config.Env) []string {
	var out []string
	if at, err := s.Locate(env); err == nil {
		if at.Embedded != nil {
			running, _ := at.Embedded.Recorded(ctx)
			at.Options.URL, at.Options.AuthString = running.URL, running.Auth
		}
		if at.Options.URL != "" {
			out = append(session.ProgramEnviron(s, at.Options), "PREFECT_API_URL="+at.Options.URL)
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
		return finding.List{{
			Code: "schema-import", Severity: finding.Warning, Position: at, Subject: f.Name,
			Message: fmt.Sprintf("Prefect %s can't load %s: %s", by.Prefect, f.Entrypoint, a.Reason),
			Why:     "its parameters are told from the source alone",
			Fix:     "mend the file, or install what it needs into the environment's Python",
		}}
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
	return finding.Finding{
		Code: "schema-differs", Severity: finding.Warning, Position: finding.Position{File: f.Source, Line: f.Module.Line(at)}, Subject: f.Name,
		Message: message, Why: "what Prefect says is used; another version of it, or code that runs when the file is loaded, may be the reason",
		Fix: "if neither is, please report it: the source was misread",
	}
}

// unasked says that Prefect is not asked for parameters, because it would load the flows.
func unasked(s *session.Session, env config.Env) finding.List {
	return finding.List{{
		Code: "schemas-untrusted", Severity: finding.Warning, Position: env.Origin("schemas"),
		Message: "Prefect is not asked for the parameters of flows, which are told from the source alone", Why: "it would run their files; " + s.Stance().Reason,
	}}
}
