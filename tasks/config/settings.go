package config

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/kind"
)

// Settings is what holds for one flow.
type Settings struct {
	Enabled     bool
	Description string // empty: the flow's own
	Version     string // empty: the flow's own

	// Deployment holds the environment's and the flow's. In its name only {flow} and {kind} are left to fill in, schedules are inactive where they are
	// paused, the pools' upkeep is of no use here (see package pool), and the parameters are not to be deployed as they are: see
	// [Settings.ParametersFor].
	Deployment
	// Shared names the parameters that only the environment sets, not the flow's override; sorted.
	Shared []string
}

// Settings gives the effective settings of one flow: the environment's, with every override put over them whose name fits one
// of the given names. Give the most specific first (name, folder, function): it wins. Maps merge, lists are replaced or
// appended. Nothing is shared with e.
func (e Env) Settings(flowNames ...string) Settings {
	s := Settings{Enabled: e.Enabled == nil || *e.Enabled, Deployment: laid(e.Deployment, Deployment{}, nil)}
	shared := maps.Clone(e.Parameters)
	for _, o := range e.holding(flowNames) {
		s.override(o, e.Name)
		for name := range Settled(o.Parameters) {
			delete(shared, name)
		}
	}
	if s.Paused != nil && *s.Paused {
		for i := range s.Schedules {
			s.Schedules[i].Active = new(false)
		}
	}
	s.Naming = e.Prefix + strings.ReplaceAll(strings.ReplaceAll(s.Naming, "{env}", e.Name), "{project}", e.Project) + e.Suffix
	s.Parameters, s.JobVariables = Settled(s.Parameters), Settled(s.JobVariables)
	s.Tags = distinct(s.Tags)
	s.Kinds = slices.DeleteFunc(distinct(s.Kinds), e.leavesOut)
	s.Shared = slices.Sorted(maps.Keys(shared))
	return s
}

// DeploymentName gives a deployment's name by the `naming` setting. flow is the flow's name made a slug.
func (s Settings) DeploymentName(flow string, k kind.Kind) string {
	return strings.ReplaceAll(strings.ReplaceAll(s.Naming, "{kind}", string(k)), "{flow}", flow)
}

// Imaged gives those of its kinds that need an image.
func (s Settings) Imaged() []kind.Kind { return kind.Imaged(s.Kinds) }

// ParametersFor gives the parameters to deploy a flow with: what its override sets, and of the environment's those that the
// flow declares. So one batch_size for all flows does no harm to a flow without it, while a misspelt one under
// flows.<name>.parameters is kept for the check to find.
func (s Settings) ParametersFor(declares func(name string) bool) map[string]any {
	out := cloneMap(s.Parameters)
	for _, name := range s.Shared {
		if !declares(name) {
			delete(out, name)
		}
	}
	return out
}

// NamesItself tells whether every deployment's name holds the environment's, so that no other environment can have it too.
func (e Env) NamesItself() bool {
	const itself = "{env}"
	for o := range e.overrides() {
		if o.Naming != "" && !strings.Contains(o.Naming, itself) {
			return false
		}
	}
	return strings.Contains(e.Naming, itself)
}

// Overrides gives the names below `flows`, sorted.
func (e Env) Overrides() []string { return slices.Sorted(maps.Keys(e.Flow)) }

// Matches tells whether an override of that name is meant for a flow with one of the given names. Case does not count, nor
// does - against _, because variables can't spell them.
func Matches(override string, flowNames ...string) bool {
	return slices.ContainsFunc(flowNames, func(name string) bool { return fold(name) == fold(override) })
}

// Unmatched gives the names below `flows` that mean none of the flows of all those names, sorted.
func (e Env) Unmatched(flowNames []string) []string {
	meant := make(map[string]bool, len(flowNames))
	for _, name := range flowNames {
		meant[fold(name)] = true
	}
	return slices.DeleteFunc(e.Overrides(), func(override string) bool { return meant[fold(override)] })
}

// holding gives the overrides for a flow, the one that wins last: those of files by how specific their name is, the file beside the flow,
// those of variables and flags.
func (e Env) holding(flowNames []string) []Override {
	out := matching(e.Flow, e.folded, flowNames)
	if file, ok := e.besideOf(flowNames); ok {
		out = append(out, e.beside[file])
		out = append(out, matching(e.late, nil, flowNames)...)
	}
	return out
}

// matching gives the overrides whose names mean a flow, the most specific last. folded are their names by what [Matches] compares, nil when
// nobody has them at hand.
func matching(flows map[string]Override, folded map[string][]string, flowNames []string) []Override {
	if folded == nil {
		folded = foldedNames(flows)
	}
	var out []Override
	done := map[string]bool{}
	for _, name := range flowNames {
		if word := fold(name); !done[word] {
			done[word] = true
			for _, override := range slices.Backward(folded[word]) {
				out = append(out, flows[override])
			}
		}
	}
	slices.Reverse(out)
	return out
}

// overridesOf gives the names of overrides that mean one of a flow's names, sorted.
func (e Env) overridesOf(name string) []string {
	if e.folded == nil { // not made by Load
		return foldedNames(e.Flow)[fold(name)]
	}
	return e.folded[fold(name)]
}

// foldedNames gives the names of overrides, sorted, by what [Matches] compares.
func foldedNames(flows map[string]Override) map[string][]string {
	out := make(map[string][]string, len(flows))
	for _, name := range slices.Sorted(maps.Keys(flows)) {
		out[fold(name)] = append(out[fold(name)], name)
	}
	return out
}

func (s *Settings) override(o Override, env string) {
	if o.Enabled != nil {
		s.Enabled = *o.Enabled
	}
	if o.Environments != nil {
		s.Enabled = s.Enabled && slices.ContainsFunc(o.Environments, func(name string) bool { return canonical(name) == env })
	}
	s.Description = cmp.Or(o.Description, s.Description)
	s.Version = cmp.Or(o.Version, s.Version)
	s.Deployment = laid(s.Deployment, o.Deployment, o.Append)
}
