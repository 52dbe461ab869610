package config

import (
	"slices"
	"strings"
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
			m.place(below(path, key))
			m.merge(old, next, below(path, key))
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
			m.forget(below(path, name))
			delete(low, name)
			key = name
		}
		old, _ = low[key].([]any)
	}
	low[key] = slices.Concat(old, added)
	if m.origins == nil {
		return
	}
	source, goal := below(path, "+"+name), below(path, key)
	if old == nil {
		m.origins.move(m.from, source, goal)
		return
	}
	list := m.origins.node(goal)
	if p, ok := m.from.place(source); ok {
		list.also = append(list.also, p)
	}
	for i := range added {
		m.origins.move(m.from, below(source, index(i)), below(goal, index(len(old)+i)))
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
	m.forget(below(path, key))
	m.forget(below(path, "+"+key))
	delete(low, "+"+key)
	low[key] = v
	if m.origins != nil {
		m.origins.move(m.from, below(path, key), below(path, key))
	}
}

func (m merger) forget(path []string) {
	if m.origins != nil {
		m.origins.forget(path)
	}
}

// settled gives values in which no list waits to be appended any more.
func settled(values map[string]any) map[string]any {
	if values == nil {
		return nil
	}
	out := make(map[string]any, len(values))
	for key, v := range values {
		if m, ok := v.(map[string]any); ok {
			v = settled(m)
		}
		if _, isList := v.([]any); isList {
			key = strings.TrimPrefix(key, "+")
		}
		out[key] = v
	}
	return out
}
