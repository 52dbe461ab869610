package config

import (
	"reflect"
	"slices"

	"github.com/flowmage/flowmage/tasks/setting"
)

// laid gives settings with others put over them, field by field: nil and empty mean not set, maps merge, and lists are replaced, or appended where
// appended names them. Nothing is shared with either.
func laid[T any](low, high T, appended []string) T {
	over := reflect.ValueOf(&low).Elem()
	layStruct(over, reflect.ValueOf(&high).Elem(), appended)
	return low
}

func layStruct(low, high reflect.Value, appended []string) {
	for i := range low.NumField() {
		if l, h := low.Field(i), high.Field(i); !l.IsZero() || !h.IsZero() {
			layField(l, h, len(appended) > 0 && slices.Contains(appended, setting.KeyOf(low.Type().Field(i))), appended)
		}
	}
}

func layField(low, high reflect.Value, add bool, appended []string) {
	switch low.Kind() {
	case reflect.Struct:
		layStruct(low, high, appended)
	case reflect.Pointer:
		if high.IsNil() {
			high = low
		}
		own := reflect.New(high.Type().Elem())
		own.Elem().Set(high.Elem())
		if own.Elem().Kind() == reflect.Struct { // with pointers of its own
			layStruct(own.Elem(), reflect.Zero(own.Elem().Type()), nil)
		}
		low.Set(own)
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

// layList takes the higher list, or adds it; an empty one means none.
func layList(low, high reflect.Value, add bool) {
	from := reflect.MakeSlice(low.Type(), 0, 0)
	switch {
	case high.IsNil():
		high = low
	case add:
		from = low
	}
	low.Set(reflect.AppendSlice(reflect.AppendSlice(reflect.MakeSlice(low.Type(), 0, from.Len()+high.Len()), from), high))
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
			own.SetMapIndex(entry.Key(), entry.Value())
		}
	}
	low.Set(own)
}
