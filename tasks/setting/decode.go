package setting

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
)

// Decode sets what into points to from plain values, by the keys in the tags of structs. It is strict, as the reader has judged everything before: what does not fit is an error. The libraries
// for this look for a struct's fields anew each time, which with thousands of overrides would be the larger part of loading.
func Decode(into, v any) error { return decode(reflect.ValueOf(into).Elem(), v) }

// Appending is a struct that wants to know which of its keys were written with a +.
type Appending interface{ Appends(keys []string) }

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
	if appending, is := reflect.TypeAssert[Appending](into.Addr()); is {
		slices.Sort(appended)
		appending.Appends(appended)
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

// knownFields are the fields of structs that were decoded, by type.
var knownFields sync.Map //nolint:gochecknoglobals // what follows from types alone

// fieldsOf finds the fields of a struct by the keys in their tags; those of a struct that is squashed into it too.
func fieldsOf(t reflect.Type) map[string][]int {
	if fields, there := knownFields.Load(t); there {
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
		} else if key := KeyOf(f); key != "" {
			fields[key] = []int{i}
		}
	}
	knownFields.Store(t, fields)
	return fields
}

// KeyOf gives the key that a field takes, "" for none.
func KeyOf(f reflect.StructField) string {
	key, _, _ := strings.Cut(f.Tag.Get("koanf"), ",")
	return strings.TrimPrefix(key, "-")
}
