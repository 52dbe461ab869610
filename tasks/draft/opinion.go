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
	"github.com/flowmage/flowmage/tasks/interpreter"
	"github.com/flowmage/flowmage/tasks/parameter"
	"github.com/flowmage/flowmage/tasks/python"
	"github.com/flowmage/flowmage/tasks/schema"
	"github.com/flowmage/flowmage/tasks/session"
)

// Schemas is the stage that computes the parameter schemas of flows, after which nobody needs the trees of their source: those of the library are
// freed with it. Where the settings want it (schemas: python), Prefect itself is asked about some of the flows, and what it says counts. What it
// can't load, and what it sees otherwise than the source has it, is told.
func Schemas(ctx context.Context, s *session.Session, env config.Env, library *python.Library, flows, ask []flow.Flow) ([]flow.Flow, finding.List, error) {
	said, by, out, err := secondOpinion(ctx, s, env, ask)
	if err != nil {
		return nil, nil, err
	}
	flows, differences := schema.Flows(library, flows, said)
	for _, x := range differences {
		out = append(out, differing(x, by))
	}
	return flows, out, nil
}

// secondOpinion has Prefect itself compute the parameter schemas of flows, by loading them in the environment's Python. It gives them by
// entrypoint, and who has said so. It does so only where the settings want it.
func secondOpinion(ctx context.Context, s *session.Session, env config.Env, flows []flow.Flow) (map[string]parameter.Schema, interpreter.Answers, finding.List, error) {
	if env.Schemas != "python" {
		return nil, interpreter.Answers{}, nil, nil
	}
	if s.Stance().Untrusted {
		return nil, interpreter.Answers{}, unasked(s, env), nil
	}
	flows = slices.DeleteFunc(slices.Clone(flows), func(f flow.Flow) bool { return !f.Loadable || f.Definition == nil })
	if len(flows) == 0 {
		return nil, interpreter.Answers{}, nil, nil
	}
	slices.SortStableFunc(flows, func(a, b flow.Flow) int { return cmp.Compare(a.File, b.File) })
	ask := interpreter.Question{Requirements: session.Requirements(s, flows), Env: loading(ctx, s, env)}
	for _, f := range flows {
		ask.Entrypoints = append(ask.Entrypoints, f.Entrypoint)
	}
	answers, err := s.Embedded(env).Schemas(ctx, ask)
	if err != nil {
		return nil, answers, nil, err
	}
	said := map[string]parameter.Schema{}
	var out finding.List
	for i, f := range flows {
		theirs, wrong := heard(f, answers, answers.List[i])
		if out = append(out, wrong...); len(wrong) == 0 {
			said[f.Entrypoint] = theirs
		}
	}
	return said, answers, out, nil
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

// heard gives the schema that is in an answer for a flow, or says why there is none.
func heard(f flow.Flow, by interpreter.Answers, a interpreter.Answer) (parameter.Schema, finding.List) {
	theirs, err := parameter.Parse(a.Schema)
	if a.Reason == "" && err != nil {
		a.Reason = err.Error()
	}
	if a.Reason == "" {
		return theirs, nil
	}
	at := finding.Position{File: f.File, Line: f.Line}
	if a.File != "" {
		at = finding.Position{File: a.File, Line: a.Line}
	}
	return theirs, finding.List{catalogue.New("schema-import", finding.OfFlow(f.Entrypoint), finding.Finding{
		Position: at, Subject: f.Name,
		Message: fmt.Sprintf("Prefect %s can't load %s: %s", by.Prefect, f.Entrypoint, a.Reason),
		Fix:     "mend the file, or install what it needs into the environment's Python",
	})}
}

// differing reports a parameter that Prefect sees otherwise than we do.
func differing(x schema.Difference, by interpreter.Answers) finding.Finding {
	f, name := x.Flow, x.Parameter
	said := func(s parameter.Schema) string {
		if _, ok := s.Properties[name]; !ok {
			return "not there"
		}
		return s.Describe(name)
	}
	message := fmt.Sprintf("the parameter %q of %s is %s by its source, and %s for Prefect %s with pydantic %s", name, f.Function, said(x.Ours), said(x.Theirs),
		by.Prefect, by.Pydantic)
	if said(x.Ours) == said(x.Theirs) {
		message = fmt.Sprintf("Prefect %s with pydantic %s has another schema for the parameter %q of %s than its source", by.Prefect, by.Pydantic, name, f.Function)
	}
	return catalogue.New("schema-differs", finding.OfFlow(f.Entrypoint), finding.Finding{
		Position: finding.Position{File: f.Definition.File, Line: x.Line}, Subject: f.Name,
		Message: message,
		Fix:     "if neither is, please report it: the source was misread",
	})
}

// unasked says that Prefect is not asked for parameters, because it would load the flows.
func unasked(s *session.Session, env config.Env) finding.List {
	return finding.List{catalogue.New("schemas-untrusted", finding.Surroundings(), finding.Finding{
		Position: env.Origin("schemas").Position,
		Message:  "Prefect is not asked for the parameters of flows, which are told from the source alone", Why: "it would run their files; " + s.Stance().Reason,
	})}
}
