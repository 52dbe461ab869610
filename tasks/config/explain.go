package config

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/secret"
	"github.com/flowmage/flowmage/tasks/setting"
)

// Value is one effective setting with the place it came from. Secret-looking values are masked.
type Value struct {
	Key    string             `json:"key"`
	Value  any                `json:"value"`
	Origin Origin             `json:"origin"`
	Also   []finding.Position `json:"also,omitempty"` // where a list was appended to
}

// From gives the place in a word: envs/dev.yaml:3:1, a variable's name, "flag", "default", "git remote" or "folder".
func (v Value) From() string {
	switch v.Origin.File {
	case fromEnvironment:
		return v.Origin.Key
	case fromDefault, fromFlag, fromRemote, fromFolder:
		return v.Origin.File[1 : len(v.Origin.File)-1]
	default:
		return v.Origin.String()
	}
}

// Origin tells where the value of a key came from. The key is dotted, names with dots in quotes: server.url,
// flows.rpa1.parameters.batch_size, schedules[0]. The file is <environment>, <flag>, <default>, <git remote> or <folder> for
// what stands in none; <environment> has the variable's name as key. A key that is not set is a <default>.
func (e Env) Origin(key string) Origin {
	path := setting.Split(key)
	if e.origins != nil {
		for n := len(path); n > 0; n-- {
			// A value inside another, such as an element of a list given by a variable, came from where the whole came from.
			if p, ok := e.origins.find(path[:n], n == len(path) || !e.isMap(path[:n])); ok {
				return Origin{p}
			}
		}
	}
	return Origin{finding.Position{File: fromDefault, Key: key}}
}

// Place names, for people, where the value of a key came from: file and line, or the variable or flag.
func (e Env) Place(key string) string {
	at := e.Origin(key)
	if strings.HasPrefix(at.File, "<") && at.Key != "" {
		return at.Key + " in the " + strings.Trim(at.File, "<>")
	}
	return at.String()
}

// FlowOrigin tells where the value of a key came from that holds for one flow: its override's place, else the environment's. The names
// are those of [Env.Settings].
func (e Env) FlowOrigin(key string, flowNames ...string) Origin {
	under := func(name string) (Origin, bool) {
		full := setting.Show([]string{setting.Flows, name}) + "." + key
		return e.Origin(full), e.has(full)
	}
	var places []Origin
	for _, name := range flowNames {
		for _, override := range slices.Backward(e.overridesOf(name)) {
			if at, ok := under(override); ok {
				places = append(places, at)
			}
		}
	}
	late := slices.IndexFunc(places, Origin.outside)
	if late >= 0 {
		return places[late]
	}
	if file, ok := e.besideOf(flowNames); ok {
		if at, ok := under(file); ok {
			return at
		}
	}
	return append(places, e.Origin(key))[0]
}

// has tells whether a key is set, as it is or to be appended.
func (e Env) has(key string) bool {
	_, set := e.at(setting.Split(key))
	return set
}

func (e Env) at(path []string) (v any, set bool) {
	v = e.values
	for _, name := range path {
		m, _ := v.(map[string]any)
		if v, set = m[name]; !set {
			if v, set = m["+"+name]; !set {
				return nil, false
			}
		}
	}
	return v, true
}

func (o *origins) find(path []string, wanted bool) (finding.Position, bool) {
	if !wanted {
		return finding.Position{}, false
	}
	if p, ok := o.place(path); ok {
		return p, true
	}
	last := len(path) - 1
	return o.place(setting.Below(path[:last], "+"+path[last]))
}

func (e Env) isMap(path []string) bool {
	v, _ := e.at(path)
	_, is := v.(map[string]any)
	return is
}

// Explain gives every effective setting, sorted by key. A list of plain values is one setting, a list of mappings one for each
// of their keys.
func (e Env) Explain() []Value {
	var out []Value
	e.explain(e.values, nil, func(v Value, _ any) { out = append(out, v) })
	slices.SortStableFunc(out, func(a, b Value) int { return compareKeys(a.Key, b.Key) })
	return out
}

// Hidden gives the texts that [Env.Explain] masks.
func (e Env) Hidden() []string {
	var out []string
	e.explain(e.values, nil, func(v Value, raw any) {
		if text, ok := raw.(string); ok && v.Value != raw {
			out = append(out, text)
		}
	})
	return out
}

// explain calls found for every value below path, beside the value as it is.
func (e Env) explain(v any, path []string, found func(Value, any)) {
	switch t := v.(type) {
	case map[string]any:
		if len(t) > 0 || len(path) == 0 {
			for _, key := range slices.Sorted(maps.Keys(t)) {
				e.explain(t[key], setting.Below(path, key), found)
			}
			return
		}
	case []any:
		if slices.ContainsFunc(t, nested) {
			for i, child := range t {
				e.explain(child, setting.Below(path, setting.Index(i)), found)
			}
			return
		}
	}
	key := setting.Show(path)
	found(Value{Key: key, Value: secret.Masked(v, told(path)), Origin: e.Origin(key), Also: e.origins.alsoAt(path)}, v)
}

func nested(v any) bool {
	_, isMap := v.(map[string]any)
	_, isList := v.([]any)
	return isMap || isList
}

// compareKeys sorts a[2] before a[10].
func compareKeys(a, b string) int {
	x, y := setting.Split(a), setting.Split(b)
	for i := range min(len(x), len(y)) {
		if x[i] == y[i] {
			continue
		}
		if setting.IsIndex(x[i]) && setting.IsIndex(y[i]) && len(x[i]) != len(y[i]) {
			return len(x[i]) - len(y[i])
		}
		return strings.Compare(x[i], y[i])
	}
	return len(x) - len(y)
}

// String gives the setting as a line.
func (v Value) String() string { return fmt.Sprintf("%s = %v  (%s)", v.Key, v.Value, v.From()) }

// Difference is a setting that two environments have differently. A nil value means that one of them does not set it.
type Difference struct {
	Key string `json:"key"`
	One *Value `json:"one"`
	Two *Value `json:"two"`
}

// Differences gives the settings in which two environments differ, sorted by key. Secret-looking values are masked, but compared as they
// are.
func Differences(one, two Env) []Difference {
	left, right := one.settings(), two.settings()
	out := []Difference{}
	for _, key := range slices.SortedFunc(maps.Keys(joined(left, right)), compareKeys) {
		d := Difference{Key: key}
		here, one := left[key]
		there, two := right[key]
		if one && two && reflect.DeepEqual(here.raw, there.raw) {
			continue
		}
		if one {
			d.One = &here.Value
		}
		if two {
			d.Two = &there.Value
		}
		out = append(out, d)
	}
	return out
}

// shownValue is a value beside how it may be shown.
type shownValue struct {
	Value
	raw any
}

func (e Env) settings() map[string]shownValue {
	out := map[string]shownValue{}
	e.explain(e.values, nil, func(v Value, raw any) { out[v.Key] = shownValue{v, raw} })
	return out
}
