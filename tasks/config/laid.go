package config

import (
	"reflect"
	"slices"

	"github.com/flowmage/flowmage/tasks/setting"
)

// laid gives settings with others put over them, each by its form: nil and empty mean not set, maps merge, and lists are replaced, or appended where
// appended names them. Of a struct whose tag says merge:"choice" the higher one decides which fields are set at all. Nothing is shared with either.
func laid[T any](low, high T, appended []string) T {
	over := reflect.ValueOf(&low).Elem()
	layStruct(over, reflect.ValueOf(&high).Elem(), appended)
	return low
}

func layStruct(low, high reflect.Value, appended []string) {
	for i := range low.NumField() {
		l, h := low.Field(i), high.Field(i)
		if l.IsZero() && h.IsZero() {
			continue
		}
		field := low.Type().Field(i)
		if field.Tag.Get("merge") == "choice" && !h.IsZero() {
			choose(l, h)
		}
		layField(l, h, len(appended) > 0 && slices.Contains(appended, setting.KeyOf(field)), appended)
	}
}

// choose drops what a higher choice does not name.
func choose(low, high reflect.Value) {
	for i := range low.NumField() {
		if high.Field(i).IsZero() {
			low.Field(i).SetZero()
		}
	}
}

func layField(low, high reflect.Value, add bool, appended []string) {
	switch low.Kind() {
	case reflect.Struct:
		layStruct(low, high, appended)
	case reflect.Pointer:
		layPointer(low, high)
	case reflect.Slice:
		layList(low, high, add)
	case reflect.Map:
		layMap(low, high)
	default:
		if !high.IsZero() {
			low.Set(high)
		}
	}
}

// layPointer takes the higher value; those of two structs merge.
func layPointer(low, high reflect.Value) {
	own := reflect.New(low.Type().Elem())
	merges := own.Elem().Kind() == reflect.Struct
	for _, from := range []reflect.Value{low, high} {
		if from.IsNil() {
			continue
		}
		if merges {
			layStruct(own.Elem(), from.Elem(), nil)
		} else {
			own.Elem().Set(from.Elem())
		}
	}
	low.Set(own)
}

// layList takes the higher list, or adds it; an empty one means none.
func layList(low, high reflect.Value, add bool) {
	from := reflect.MakeSlice(low.Type(), 0, 0)
	switch {
	case high.IsNil():
		high = low
	case add:
		from = low
	}
	own := reflect.AppendSlice(reflect.AppendSlice(reflect.MakeSlice(low.Type(), 0, from.Len()+high.Len()), from), high)
	if own.Type().Elem().Kind() == reflect.Struct {
		for i := range own.Len() {
			layStruct(own.Index(i), reflect.Zero(own.Type().Elem()), nil)
		}
	}
	low.Set(own)
}

func layMap(low, high reflect.Value) {
	if values, is := reflect.TypeAssert[map[string]any](low); is {
		over, _ := reflect.TypeAssert[map[string]any](high)
		low.Set(reflect.ValueOf(overMap(cloneMap(values), over)))
		return
	}
	own := reflect.MakeMap(low.Type())
	for _, from := range []reflect.Value{low, high} {
		for entry := from.MapRange(); entry.Next(); {
			value := reflect.New(low.Type().Elem()).Elem()
			if value.Kind() != reflect.Struct {
				value.Set(entry.Value())
			} else {
				if there := own.MapIndex(entry.Key()); there.IsValid() {
					value.Set(there)
				}
				layStruct(value, entry.Value(), nil)
			}
			own.SetMapIndex(entry.Key(), value)
		}
	}
	low.Set(own)
}
