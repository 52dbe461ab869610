package config

import (
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
	var keys []string
	for key, v := range left {
		if other, ok := right[key]; !ok || !reflect.DeepEqual(v.raw, other.raw) {
			keys = append(keys, key)
		}
	}
	for key := range right {
		if _, ok := left[key]; !ok {
			keys = append(keys, key)
		}
	}
	slices.SortFunc(keys, compareKeys)
	out := make([]Difference, 0, len(keys))
	for _, key := range keys {
		d := Difference{Key: key}
		if v, ok := left[key]; ok {
			d.One = &v.Value
		}
		if v, ok := right[key]; ok {
			d.Two = &v.Value
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
