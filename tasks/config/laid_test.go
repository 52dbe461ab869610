package config

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// filled gives a value of a type in which everything is set, in words that hold mark. Of a choice one field is set.
func filled(t reflect.Type, mark int, choice bool) reflect.Value {
	v := reflect.New(t).Elem()
	switch t.Kind() {
	case reflect.Struct:
		for i := range t.NumField() {
			if field := t.Field(i); field.IsExported() && (!choice || i == mark%t.NumField()) {
				v.Field(i).Set(filled(field.Type, mark, field.Tag.Get("merge") == "choice"))
			}
		}
	case reflect.Pointer:
		v.Set(reflect.New(t.Elem()))
		v.Elem().Set(filled(t.Elem(), mark, false))
	case reflect.Slice:
		v.Set(reflect.Append(v, filled(t.Elem(), mark, false)))
	case reflect.Map:
		v.Set(reflect.MakeMap(t))
		for _, key := range []any{"both", fmt.Sprint("only ", mark)} {
			value := filled(t.Elem(), mark, false)
			if t.Elem().Kind() == reflect.Interface {
				value = reflect.ValueOf(map[string]any{"x": []any{mark}})
			}
			v.SetMapIndex(reflect.ValueOf(key).Convert(t.Key()), value)
		}
	case reflect.String:
		v.SetString(fmt.Sprint("word ", mark))
	case reflect.Int:
		v.SetInt(int64(mark))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Interface: // a number or a text
		v.Set(reflect.ValueOf(fmt.Sprint("value ", mark)))
	default:
		panic("no setting is of this form: " + t.String())
	}
	return v
}

// Whatever can be set for one flow goes over what the environment sets, and neither is changed by it or shared. A field that is added later is tried too.
func TestLaidByForm(t *testing.T) {
	t.Parallel()
	all := reflect.TypeFor[Deployment]()
	for i := range all.NumField() {
		t.Run(all.Field(i).Name, func(t *testing.T) {
			t.Parallel()
			alone := func(mark int) Deployment {
				d := reflect.New(all).Elem()
				d.Field(i).Set(filled(all.Field(i).Type, mark, all.Field(i).Tag.Get("merge") == "choice"))
				out, _ := reflect.TypeAssert[Deployment](d)
				return out
			}
			for name, c := range map[string]struct{ low, high, want Deployment }{
				"the environment's alone": {low: alone(1), want: alone(1)},
				"the flow's alone":        {high: alone(2), want: alone(2)},
				"the same again":          {low: alone(1), high: alone(1), want: alone(1)},
			} {
				if diff := cmp.Diff(c.want, laid(c.low, c.high, nil)); diff != "" {
					t.Errorf("%s (-want +got):\n%s", name, diff)
				}
			}
			low, high := alone(1), alone(2)
			both := laid(low, high, nil)
			if diff := cmp.Diff(laid(alone(2), Deployment{}, nil), laid(both, high, nil)); diff != "" && !merges(all.Field(i).Type) {
				t.Errorf("the flow's does not win (-want +got):\n%s", diff)
			}
			spoil(reflect.ValueOf(&both).Elem())
			if diff := cmp.Diff([]Deployment{alone(1), alone(2)}, []Deployment{low, high}); diff != "" {
				t.Errorf("something is shared (-want +got):\n%s", diff)
			}
		})
	}
}

// merges tells whether something of the lower value can stay beside all of the higher.
func merges(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Map:
		return true
	case reflect.Struct:
		for field := range t.Fields() {
			if merges(field.Type) {
				return true
			}
		}
	case reflect.Pointer:
		return merges(t.Elem())
	default:
	}
	return false
}

// spoil changes everything that can be reached from a value in place.
func spoil(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for _, field := range v.Fields() {
			spoil(field)
		}
	case reflect.Pointer:
		if !v.IsNil() {
			spoil(v.Elem())
		}
	case reflect.Interface:
		spoil(v.Elem())
	case reflect.Slice:
		for i := range v.Len() {
			spoil(v.Index(i))
		}
	case reflect.Map:
		for entry := v.MapRange(); entry.Next(); {
			if value := entry.Value(); value.Kind() == reflect.Interface {
				spoil(value)
			} else {
				own := reflect.New(value.Type()).Elem()
				own.Set(value)
				spoil(own)
			}
			v.SetMapIndex(entry.Key(), reflect.Zero(v.Type().Elem()))
		}
	default:
		if v.CanSet() {
			v.SetZero()
		}
	}
}
