package config

import (
	"maps"
	"reflect"
	"slices"
)

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

// setting is a value beside how it may be shown.
type setting struct {
	Value
	raw any
}

func (e Env) settings() map[string]setting {
	out := map[string]setting{}
	e.explain(e.values, nil, func(v Value, raw any) { out[v.Key] = setting{v, raw} })
	return out
}
