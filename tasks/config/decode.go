package config

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/go-viper/mapstructure/v2"
	"github.com/knadh/koanf/v2"
)

// env decodes the merged layers.
func (l *layers) env(name string) (Env, error) {
	values := l.all()
	e := Env{Name: name, values: values, origins: l.origins}
	late, err := decodeOverrides(l.late)
	if err == nil {
		err = fill(&e, forDecoding(values))
	}
	if err != nil {
		return Env{}, fmt.Errorf("settings of %s: %w", name, err)
	}
	e.late = late
	e.Server.URL = strings.TrimRight(e.Server.URL, "/")
	for i, p := range e.Paths {
		e.Paths[i] = slashed(p)
	}
	e.Prefix = strings.ReplaceAll(e.Prefix, user, l.user)
	e.placeSchedules()
	e.folded = foldedNames(e.Flow)
	return e, nil
}

// forDecoding gives the values in the shape of [Env], with no list waiting to be appended.
func forDecoding(values map[string]any) map[string]any {
	out := maps.Clone(values)
	for _, key := range []string{"parameters", "job_variables"} {
		if m, ok := out[key].(map[string]any); ok {
			out[key] = settled(m)
		}
	}
	return out
}

// shaped gives overrides in the shape of [Override]: with a list of those keys that append.
func shaped(flows map[string]any) map[string]any {
	named := make(map[string]any, len(flows))
	for flow, v := range flows {
		settings, _ := v.(map[string]any)
		plain := make(map[string]any, len(settings)+1)
		var appended []any
		for key, v := range settings {
			name, plus := strings.CutPrefix(key, "+")
			plain[name] = v
			if plus {
				appended = append(appended, name)
			}
		}
		if appended != nil {
			slices.SortFunc(appended, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
			plain["append"] = appended
		}
		named[flow] = plain
	}
	return named
}

// decodeOverrides gives overrides as Go values.
func decodeOverrides(flows map[string]any) (map[string]Override, error) {
	if len(flows) == 0 {
		return nil, nil //nolint:nilnil // no overrides are no error
	}
	fields := map[string][]int{}
	keyed(reflect.TypeFor[Override](), nil, fields)
	out := make(map[string]Override, len(flows))
	for flow, v := range shaped(flows) {
		var o Override
		if err := takeAll(reflect.ValueOf(&o).Elem(), fields, v); err != nil {
			return nil, fmt.Errorf("%s: %w", flow, err)
		}
		out[flow] = o
	}
	return out, nil
}

// takeAll sets the fields of a struct from a mapping.
func takeAll(record reflect.Value, fields map[string][]int, v any) error {
	settings, _ := v.(map[string]any)
	for key, v := range settings {
		index, known := fields[key]
		if !known {
			return fmt.Errorf("no field takes %q", key)
		}
		if err := take(record.FieldByIndex(index), v); err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
	}
	return nil
}

func schedulesOf(v any) ([]Schedule, error) {
	list, _ := v.([]any)
	fields := map[string][]int{}
	keyed(reflect.TypeFor[Schedule](), nil, fields)
	out := make([]Schedule, len(list))
	for i, e := range list {
		if err := takeAll(reflect.ValueOf(&out[i]).Elem(), fields, e); err != nil {
			return nil, fmt.Errorf("%d: %w", i, err)
		}
	}
	return out, nil
}

// keyed finds the fields of a struct by the keys in their tags; those of a struct that is squashed into it too.
func keyed(t reflect.Type, at []int, fields map[string][]int) {
	for i := range t.NumField() {
		f := t.Field(i)
		index := append(slices.Clip(at), i)
		key, option, _ := strings.Cut(f.Tag.Get("koanf"), ",")
		if option == "squash" {
			keyed(f.Type, index, fields)
			continue
		}
		fields[key] = index
	}
}

// take sets a field. Plain ones are set here: with thousands of overrides, mapstructure's search for fields would be the larger part of
// loading.
func take(field reflect.Value, v any) error {
	var ok bool
	switch p := field.Addr().Interface().(type) {
	case *string:
		*p, ok = v.(string)
	case **bool:
		*p, ok = pointer[bool](v)
	case **int:
		*p, ok = pointer[int](v)
	case *map[string]any:
		*p, ok = v.(map[string]any)
	case *[]string:
		*p, ok = plainTexts(v)
	case *map[string]string:
		*p, ok = textsByName(v)
	case *any:
		*p, ok = v, true
	case *[]Schedule:
		list, err := schedulesOf(v)
		*p = list
		return err
	default:
		return decodeParts(v, p)
	}
	if !ok {
		return fmt.Errorf("%T does not fit", v)
	}
	return nil
}

func plainTexts(v any) ([]string, bool) {
	list, ok := v.([]any)
	out := make([]string, len(list))
	for i, e := range list {
		s, text := e.(string)
		out[i], ok = s, ok && text
	}
	return out, ok
}

func textsByName(v any) (map[string]string, bool) {
	m, ok := v.(map[string]any)
	out := make(map[string]string, len(m))
	for k, e := range m {
		s, text := e.(string)
		out[k], ok = s, ok && text
	}
	return out, ok
}

func pointer[T any](v any) (*T, bool) {
	x, ok := v.(T)
	return &x, ok
}

// decodeParts decodes a value of several parts.
func decodeParts(v, into any) error {
	conf := decoding()
	conf.Result, conf.TagName = into, "koanf"
	decoder, err := mapstructure.NewDecoder(conf)
	if err != nil {
		return err
	}
	return decoder.Decode(v)
}

// fill fills settings from plain values.
func fill(e *Env, values map[string]any) error {
	flows, _ := values[flowsKey].(map[string]any)
	delete(values, flowsKey)
	decoded := koanf.New(separator)
	if err := decoded.Load(provider(values), nil); err != nil {
		return err
	}
	if err := decoded.UnmarshalWithConf("", e, koanf.UnmarshalConf{DecoderConfig: decoding()}); err != nil {
		return err
	}
	var err error
	e.Flow, err = decodeOverrides(flows)
	return err
}

// decoding is strict: what no field takes is an error, as the reader has judged everything before.
func decoding() *mapstructure.DecoderConfig {
	return &mapstructure.DecoderConfig{ErrorUnused: true, MatchName: func(key, field string) bool { return key == field }}
}
