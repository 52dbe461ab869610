package config

import (
	"maps"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/document"
	"github.com/flowmage/flowmage/tasks/setting"
)

// merger puts a higher layer over a lower one and keeps their origins in step. Maps merge; anything else is replaced; a list
// whose key starts with + is appended. Where there is nothing to append to yet, the key keeps its +: a flow's list may still
// add to the environment's.
type merger struct {
	origins *origins // of the lower layer; nil: nobody asks
	from    *origins // of the higher layer
}

// merge changes low. Values of high are shared with it afterwards.
func (m merger) merge(low, high map[string]any, path []string) {
	for key, v := range high {
		if name, ok := strings.CutPrefix(key, "+"); ok {
			if added, isList := v.([]any); isList {
				m.add(low, name, added, path)
				continue
			}
		}
		old, okOld := low[key].(map[string]any)
		next, okNext := v.(map[string]any)
		if okOld && okNext {
			m.place(setting.Below(path, key))
			m.merge(old, next, setting.Below(path, key))
			continue
		}
		m.replace(low, key, v, path)
	}
}

func (m merger) add(low map[string]any, name string, added []any, path []string) {
	key := name
	old, ok := low[key].([]any)
	if !ok {
		key = "+" + name
		if _, is := low[name]; is { // something that is no list: nothing can be added to it
			m.forget(setting.Below(path, name))
			delete(low, name)
			key = name
		}
		old, _ = low[key].([]any)
	}
	low[key] = slices.Concat(old, added)
	if m.origins == nil {
		return
	}
	source, goal := setting.Below(path, "+"+name), setting.Below(path, key)
	if old == nil {
		m.origins.move(m.from, source, goal)
		return
	}
	list := m.origins.node(goal)
	if p, ok := m.from.place(source); ok {
		list.also = append(list.also, p)
	}
	for i := range added {
		m.origins.move(m.from, setting.Below(source, setting.Index(i)), setting.Below(goal, setting.Index(len(old)+i)))
	}
}

// place keeps the first place of a map, unless that was only a default.
func (m merger) place(path []string) {
	if m.origins == nil {
		return
	}
	if p, ok := m.origins.place(path); ok && p.File != fromDefault {
		return
	}
	if p, ok := m.from.place(path); ok {
		m.origins.set(path, p)
	}
}

// replace sets a key, and with it gives up a list that waited under the same name to be appended.
func (m merger) replace(low map[string]any, key string, v any, path []string) {
	m.forget(setting.Below(path, key))
	m.forget(setting.Below(path, "+"+key))
	delete(low, "+"+key)
	low[key] = v
	if m.origins != nil {
		m.origins.move(m.from, setting.Below(path, key), setting.Below(path, key))
	}
}

func (m merger) forget(path []string) {
	if m.origins != nil {
		m.origins.forget(path)
	}
}

// Settled gives values in which no list waits to be appended any more.
func Settled(values map[string]any) map[string]any {
	if values == nil {
		return nil
	}
	out := make(map[string]any, len(values))
	for key, v := range values {
		if m, ok := v.(map[string]any); ok {
			v = Settled(m)
		}
		if _, isList := v.([]any); isList {
			key = strings.TrimPrefix(key, "+")
		}
		out[key] = v
	}
	return out
}

func overMap(low, high map[string]any) map[string]any {
	if len(high) == 0 {
		return low
	}
	if low == nil {
		low = map[string]any{}
	}
	merger{}.merge(low, cloneMap(high), nil)
	return low
}

// joined gives a new mapping with what is in two; the second one wins.
func joined[K comparable, V any](low, high map[K]V) map[K]V {
	out := make(map[K]V, len(low)+len(high))
	maps.Copy(out, low)
	maps.Copy(out, high)
	return out
}

// cloneMap copies JSON values deeply, so that no two settings share memory.
func cloneMap(m map[string]any) map[string]any {
	if m == nil {
		return nil
	}
	out, _ := document.Texts(m, func(s string) string { return s }).(map[string]any)
	return out
}

// distinct drops repeats and keeps the order.
func distinct[T comparable](words []T) []T {
	var out []T
	seen := make(map[T]bool, len(words))
	for _, w := range words {
		if !seen[w] {
			seen[w] = true
			out = append(out, w)
		}
	}
	return out
}

// choose drops where lower layers say that code is, when a higher one names another kind of place: for all flows, and for each by name.
func (l *layers) choose(values map[string]any) {
	low, _ := l.values.Get(codeKey).(map[string]any)
	for _, source := range displaced(low, values) {
		l.origins.forget([]string{codeKey, source})
		l.values.Delete(join([]string{codeKey, source}))
	}
	flows, _ := values[setting.Flows].(map[string]any)
	for name, high := range flows {
		settings, _ := l.flows[name].(map[string]any)
		low, _ := settings[codeKey].(map[string]any)
		high, _ := high.(map[string]any)
		for _, source := range displaced(low, high) {
			l.origins.forget([]string{setting.Flows, name, codeKey, source})
			delete(low, source)
		}
	}
}

// displaced names the places in low that give way to those that the settings name.
func displaced(low, settings map[string]any) []string {
	high, _ := settings[codeKey].(map[string]any)
	if len(high) == 0 {
		return nil
	}
	return slices.DeleteFunc(setting.Sources(), func(source string) bool {
		_, same := high[source]
		return same || low[source] == nil
	})
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
