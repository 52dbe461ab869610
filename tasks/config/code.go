package config

import (
	"cmp"
	"slices"
)

// sources are the places where code can come from.
func sources() []string { return []string{"directory", "git", "remote", "block"} }

// choose drops where lower layers say that code is, when a higher one names another kind of place: for all flows, and for each by name.
func (l *layers) choose(values map[string]any) {
	low, _ := l.values.Get(codeKey).(map[string]any)
	for _, source := range given(low, values) {
		l.origins.forget([]string{codeKey, source})
		l.values.Delete(join([]string{codeKey, source}))
	}
	flows, _ := values[flowsKey].(map[string]any)
	for name, high := range flows {
		settings, _ := l.flows[name].(map[string]any)
		low, _ := settings[codeKey].(map[string]any)
		high, _ := high.(map[string]any)
		for _, source := range given(low, high) {
			l.origins.forget([]string{flowsKey, name, codeKey, source})
			delete(low, source)
		}
	}
}

// given names the places in low that give way to those that the settings name.
func given(low, settings map[string]any) []string {
	high, _ := settings[codeKey].(map[string]any)
	if len(high) == 0 {
		return nil
	}
	return slices.DeleteFunc(sources(), func(source string) bool {
		_, same := high[source]
		return same || low[source] == nil
	})
}

// under gives where the code is with another word put over it: another kind of place replaces it, of the same kind the parts merge.
func (c Code) under(high Code) Code {
	switch {
	case high.Missing():
		high = c
	case high.Git != nil && c.Git != nil:
		low, g := *c.Git, *high.Git
		high.Git = &Git{
			Repository: cmp.Or(g.Repository, low.Repository), Branch: cmp.Or(g.Branch, low.Branch), Pin: cmp.Or(g.Pin, low.Pin),
			Credentials: cmp.Or(g.Credentials, low.Credentials), Submodules: cmp.Or(g.Submodules, low.Submodules),
		}
	case high.Remote != nil && c.Remote != nil:
		high.Remote = &Remote{URL: cmp.Or(high.Remote.URL, c.Remote.URL), Settings: overMap(cloneMap(c.Remote.Settings), high.Remote.Settings)}
	}
	if high.Git != nil {
		high.Git = new(*high.Git)
		high.Git.Submodules = copied(high.Git.Submodules)
	}
	if high.Remote != nil {
		high.Remote = &Remote{URL: high.Remote.URL, Settings: cloneMap(high.Remote.Settings)}
	}
	return high
}

// CodePerFlow tells whether any flow has a place of its own for its code.
func (e Env) CodePerFlow() bool {
	for o := range e.overrides() {
		if !o.Code.Missing() {
			return true
		}
	}
	return false
}
