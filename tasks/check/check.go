// Package check judges flows and settings together: each rule looks at plain values and returns findings.
//
// Start with [Settings], the rules that need both the flows and an environment's settings. [Blocking] gives those of a list of findings
// that block a flow's deployments. What a single file shows on its own is found by its reader (packages flow, config, manifest).
package check

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/parameter"
	"github.com/flowmage/flowmage/tasks/pattern"
	"github.com/flowmage/flowmage/tasks/secret"
)

// Settings checks an environment's settings against the flows: overrides that match no flow, parameters that a flow does not
// have or of another type, and flows whose deployments would share a name. filled gives a value with its variables filled in; nil: values are
// judged as they stand.
func Settings(env config.Env, flows []flow.Flow, filled func(any) any) finding.List {
	if filled == nil {
		filled = func(v any) any { return v }
	}
	out := overrides(env, flows)
	taken := flowsByName{}
	for i, f := range flows {
		s := env.Settings(f.Names()...)
		out = append(out, refused(f)...)
		out = append(out, Untyped(f)...)
		out = append(out, parameters(env, f, s, filled)...)
		out = append(out, containers(env, f, s)...)
		out = append(out, taken.add(&flows[i], s)...)
	}
	return out
}

// Declares tells whether the flow has a parameter of that name.
func Declares(f flow.Flow, name string) bool {
	return f.Definition != nil && slices.ContainsFunc(f.Definition.Parameters, func(p flow.Parameter) bool { return p.Name == name })
}

func overrides(env config.Env, flows []flow.Flow) finding.List {
	var out finding.List
	var known []string
	dirs := map[string]bool{}
	for _, f := range flows {
		known = append(known, f.Names()...)
		dirs[f.Dir()] = true
	}
	near := finding.Nearby(known)
	for _, name := range env.Unmatched(known) {
		if env.Flow[name].Protected() {
			continue // it keeps what a flow left behind that is gone
		}
		key := "flows." + name
		out = append(out, catalogue.New("override-unmatched", finding.OfFlow(name), finding.Finding{
			Position: env.Origin(key).Keyed(key),
			Message:  fmt.Sprintf("settings for %q match no flow", name),
			Fix:      finding.Meant(near(name), "flows are known by name, folder or function: run `mage flows:list`"),
		}))
	}
	for _, file := range env.BesideFiles() {
		if dirs[path.Dir(file)] {
			continue
		}
		out = append(out, catalogue.New("override-unmatched", finding.OfFile(file), finding.Finding{
			Position: finding.Position{File: file, Line: 1},
			Message:  "no flow lies beside this file", Why: "its settings would never apply", Fix: "move it into the folder of a flow, or remove it",
		}))
	}
	return out
}

// parameters checks the values that an override sets, and those of schedules, against the flow's signature.
func parameters(env config.Env, f flow.Flow, settings config.Settings, filled func(any) any) finding.List {
	values := settings.ParametersFor(func(name string) bool { return Declares(f, name) })
	if f.Schema == "" || len(values)+len(settings.Schedules) == 0 {
		return nil
	}
	var out finding.List
	s := signatureOf(f)
	for _, name := range slices.Sorted(maps.Keys(values)) {
		key := "parameters." + name
		out = append(out, s.value(name, filled(values[name]), env.FlowOrigin(key, f.Names()...).Keyed(key))...)
	}
	for _, schedule := range settings.Schedules {
		for _, name := range slices.Sorted(maps.Keys(schedule.Parameters)) {
			out = append(out, s.value(name, filled(schedule.Parameters[name]), schedule.Position)...)
		}
		out = append(out, s.required(values, schedule.Parameters, schedule.Position, func(name string) string {
			return "flows." + f.Folder() + ".parameters." + name + " in envs/"
		})...)
	}
	return out
}

// serverVariable is a reference to a variable that the server keeps.
var serverVariable = pattern.New(`\{\{\s*prefect\.variables\.`)

// Given are the parameters that somebody gives a flow, as a deployment or a schedule.
type Given struct {
	Values map[string]any
	Places map[string]finding.Position // of the values; those that are missing stand at Position
	finding.Position
	Variables bool // of the server are filled in later
}

// Parameters checks what a deployment and its schedules give against the flow's signature.
func Parameters(f flow.Flow, deployment Given, schedules ...Given) finding.List {
	s := signatureOf(f)
	out := make(finding.List, 0, len(deployment.Values))
	for _, g := range append([]Given{deployment}, schedules...) {
		for _, name := range slices.Sorted(maps.Keys(g.Values)) {
			at, ok := g.Places[name]
			if !ok {
				at = g.Position
			}
			if text, is := g.Values[name].(string); g.Variables && is && serverVariable.MatchString(text) {
				continue
			}
			out = append(out, s.value(name, g.Values[name], at)...)
		}
	}
	for _, g := range schedules {
		out = append(out, s.required(deployment.Values, g.Values, g.Position, func(name string) string { return "parameters." + name })...)
	}
	return out
}

// signature is what a flow takes. Its schema is opened when a value is given: most deployments give none.
type signature struct {
	schema  func() parameter.Schema
	flow    flow.Flow
	names   []string // once somebody has to be told them
	nearest func(string) string
}

func signatureOf(f flow.Flow) *signature {
	return &signature{schema: sync.OnceValue(f.Schema.Open), flow: f}
}

// fromServer is a reference to what only the server has.
var fromServer = pattern.New(`\{\{\s*prefect\.`)

// suggest says which parameters there are, to whoever has named another one.
func (s *signature) suggest(name string) string {
	if s.nearest == nil {
		s.names = s.schema().Names()
		s.nearest = finding.Nearby(s.names)
	}
	first, more := finding.Few(s.names, 20)
	return finding.Meant(s.nearest(name), "its parameters are "+strings.Join(first, ", ")+more)
}

func (s *signature) value(name string, value any, at finding.Position) finding.List {
	if _, ok := s.schema().Properties[name]; !ok {
		return finding.List{catalogue.New("parameter-unknown", finding.OfFlow(s.flow.Entrypoint), finding.Finding{
			Position: at, Subject: s.flow.Name,
			Message: fmt.Sprintf("%s has no parameter %q", s.flow.Function, name),
			Fix:     s.suggest(name),
		})}
	}
	if text, ok := value.(string); ok && fromServer.MatchString(text) {
		return finding.List{catalogue.New("parameter-placeholder", finding.OfFlow(s.flow.Entrypoint), finding.Finding{
			Position: at, Subject: s.flow.Name,
			Message: fmt.Sprintf("the parameter %q would be the text %s", name, text),
			Fix:     "give it to the run as a variable (env), or read the block in the flow",
		})}
	}
	reason := s.schema().Refuses(name, value)
	if reason == "" {
		return nil
	}
	shown, why := show(secret.Masked(value, []string{name})), "Prefect refuses the deployment or its runs"
	if shown == show(value) { // the reason may quote the value
		why += ": " + reason
	}
	return finding.List{catalogue.New("parameter-type", finding.OfFlow(s.flow.Entrypoint), finding.Finding{
		Position: at, Subject: s.flow.Name,
		Message: fmt.Sprintf("the parameter %q of %s is %s, this is %s", name, s.flow.Function, s.schema().Describe(name), shown),
		Why:     why, Fix: "give a value of that type",
	})}
}

// required reports parameters without a value in a scheduled deployment: nobody is there to fill them in.
func (s *signature) required(values, own map[string]any, at finding.Position, key func(string) string) finding.List {
	var out finding.List
	for _, name := range s.flow.Schema.Required() {
		_, set := values[name]
		_, here := own[name]
		if set || here {
			continue
		}
		out = append(out, catalogue.New("parameter-missing", finding.OfFlow(s.flow.Entrypoint), finding.Finding{
			Position: at, Subject: s.flow.Name,
			Message: fmt.Sprintf("the schedule of %s gives no value for the required parameter %q", s.flow.Name, name),
			Fix:     fmt.Sprintf("set %s, or give the parameter a default", key(name)),
		}))
	}
	return out
}

// flowsByName are the flows by what their deployments are called.
type flowsByName map[string]*flow.Flow

// add takes in the deployments of a flow, and reports those that would share a name with another flow's.
func (n flowsByName) add(f *flow.Flow, s config.Settings) finding.List {
	if !s.Enabled {
		return nil
	}
	var out finding.List
	for _, k := range s.Kinds {
		name := s.DeploymentName(f.Slug(), k)
		other, taken := n[name]
		if !taken {
			n[name] = f
			continue
		}
		message := fmt.Sprintf("its deployment would be called %s, like that of %s at %s:%d", name, other.Name, other.File, other.Line)
		fix := "rename one of the flows, or change `naming` in envs/"
		switch {
		case other == f:
			message, fix = "two of its deployments would be called "+name, "put {kind} into `naming` in envs/, or choose one of `kinds`"
		case other.Name == f.Name:
			continue // reported as a duplicate flow name already
		}
		out = append(out, catalogue.New("deployment-name-duplicate", finding.OfFlow(f.Entrypoint), finding.Finding{
			Position: finding.Position{File: f.File, Line: f.Line}, Subject: f.Name, Message: message, Fix: fix,
		}))
	}
	return out
}

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
		message := fmt.Sprintf("the parameter %q of %s takes any value: %s", u.Parameter, f.Function, u.Reason)
		if u.Typed {
			message = fmt.Sprintf("the default of the parameter %q of %s is known when the flow runs, and not shown before: %s", u.Parameter, f.Function, u.Reason)
		}
		out = append(out, catalogue.New("parameter-untyped", finding.OfFlow(f.Entrypoint), finding.Finding{
			Position: finding.Position{File: u.File, Line: u.Line}, Subject: f.Name,
			Message: message,
		}))
	}
	return out
}
