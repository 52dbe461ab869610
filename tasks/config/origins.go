package config

import (
	"maps"

	"github.com/flowmage/flowmage/tasks/finding"
)

// The places of values that stand in no file.
const (
	fromDefault     = "<default>"
	fromEnvironment = "<environment>"
	fromFlag        = "<flag>"
	fromRemote      = "<git remote>"
	fromFolder      = "<folder>"
)

// origins tells where each value was written, by joined path.
type origins struct {
	at   map[string]finding.Position
	also map[string][]finding.Position // further places of lists that were appended to
}

func newOrigins() *origins {
	return &origins{at: map[string]finding.Position{}, also: map[string][]finding.Position{}}
}

func (o *origins) clone() *origins { return &origins{at: maps.Clone(o.at), also: maps.Clone(o.also)} }

func (o *origins) set(path []string, p finding.Position) { o.at[join(path)] = p }

// forget drops what is known of the value v at path and everything inside it.
func (o *origins) forget(path []string, v any) {
	key := join(path)
	delete(o.at, key)
	delete(o.also, key)
	switch t := v.(type) {
	case map[string]any:
		for k, child := range t {
			o.forget(below(path, k), child)
		}
	case []any:
		for i, child := range t {
			o.forget(below(path, index(i)), child)
		}
	}
}

// move takes over path and everything below it from another layer, under a new path.
func (o *origins) move(from *origins, old, path []string, v any) {
	if p, ok := from.at[join(old)]; ok {
		o.set(path, p)
	}
	if also, ok := from.also[join(old)]; ok {
		o.also[join(path)] = also
	}
	switch t := v.(type) {
	case map[string]any:
		for k, child := range t {
			o.move(from, below(old, k), below(path, k), child)
		}
	case []any:
		for i, child := range t {
			o.move(from, below(old, index(i)), below(path, index(i)), child)
		}
	}
}
