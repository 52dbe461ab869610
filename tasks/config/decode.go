package config

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/flowmage/flowmage/tasks/setting"
)

// env decodes the merged layers.
func (l *layers) env(name string) (Env, error) {
	values := l.all()
	e := Env{Name: name, values: values, origins: l.origins}
	late, err := decodeOverrides(l.late)
	if err == nil {
		err = decode(reflect.ValueOf(&e).Elem(), values)
	}
	if err != nil {
		return Env{}, fmt.Errorf("settings of %s: %w", name, err)
	}
	e.late = late
	e.Parameters, e.JobVariables = Settled(e.Parameters), Settled(e.JobVariables)
	e.Server.URL = strings.TrimRight(e.Server.URL, "/")
	for i, p := range e.Paths {
		e.Paths[i] = setting.Slashed(p)
	}
	e.Prefix = strings.ReplaceAll(e.Prefix, setting.User, l.user)
	e.placeSchedules()
	e.folded = foldedNames(e.Flow)
	return e, nil
}

// decodeOverrides gives overrides as Go values.
func decodeOverrides(flows map[string]any) (out map[string]Override, err error) {
	if len(flows) > 0 {
		err = decode(reflect.ValueOf(&out).Elem(), flows)
	}
	return out, err
}

// decode sets a Go value from a plain one. It is strict, as the reader has judged everything before: what does not fit is an error. The libraries
// for this look for a struct's fields anew each time, which with thousands of overrides would be the larger part of loading.
func decode(into reflect.Value, v any) error {
	from := reflect.ValueOf(v)
	if from.IsValid() && from.Type().AssignableTo(into.Type()) {
		into.Set(from)
		return nil
	}
	switch plain := v.(type) {
	case map[string]any:
		if into.Kind() == reflect.Struct {
			return decodeStruct(into, plain)
		} else if into.Kind() == reflect.Map {
			return decodeMap(into, plain)
		}
	case []any:
		if into.Kind() == reflect.Slice {
			return decodeList(into, plain)
		}
	}
	switch {
	case into.Kind() == reflect.Pointer:
		into.Set(reflect.New(into.Type().Elem()))
		return decode(into.Elem(), v)
	case from.IsValid() && from.Kind() == into.Kind() && from.CanConvert(into.Type()): // a word of the domain
		into.Set(from.Convert(into.Type()))
		return nil
	}
	return fmt.Errorf("%T does not fit", v)
}

func decodeStruct(into reflect.Value, plain map[string]any) error {
	fields := fieldsOf(into.Type())
	var appended []string
	for key, v := range plain {
		name, plus := strings.CutPrefix(key, "+")
		index, known := fields[name]
		if !known {
			return fmt.Errorf("no field takes %q", key)
		}
		if err := decode(into.FieldByIndex(index), v); err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
		if plus {
			appended = append(appended, name)
		}
	}
	if override, is := reflect.TypeAssert[*Override](into.Addr()); is {
		slices.Sort(appended)
		override.Append = appended
	}
	return nil
}

func decodeMap(into reflect.Value, plain map[string]any) error {
	kind := into.Type()
	into.Set(reflect.MakeMapWithSize(kind, len(plain)))
	for name, v := range plain {
		value := reflect.New(kind.Elem()).Elem()
		if err := decode(value, v); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		into.SetMapIndex(reflect.ValueOf(name).Convert(kind.Key()), value)
	}
	return nil
}

func decodeList(into reflect.Value, plain []any) error {
	into.Set(reflect.MakeSlice(into.Type(), len(plain), len(plain)))
	for i, v := range plain {
		if err := decode(into.Index(i), v); err != nil {
			return fmt.Errorf("%d: %w", i, err)
		}
	}
	return nil
}

// known are the fields of structs that were decoded, by type.
var known sync.Map //nolint:gochecknoglobals // what follows from types alone

// fieldsOf finds the fields of a struct by the keys in their tags; those of a struct that is squashed into it too.
func fieldsOf(t reflect.Type) map[string][]int {
	if fields, there := known.Load(t); there {
		fields, _ := fields.(map[string][]int)
		return fields
	}
	fields := map[string][]int{}
	for i := range t.NumField() {
		f := t.Field(i)
		if strings.HasSuffix(f.Tag.Get("koanf"), ",squash") {
			for key, below := range fieldsOf(f.Type) {
				fields[key] = slices.Concat([]int{i}, below)
			}
		} else if key := keyOf(f); key != "" {
			fields[key] = []int{i}
		}
	}
	known.Store(t, fields)
	return fields
}

// keyOf gives the key that a field takes, "" for none.
func keyOf(f reflect.StructField) string {
	key, _, _ := strings.Cut(f.Tag.Get("koanf"), ",")
	return strings.TrimPrefix(key, "-")
}
