package requirement_test

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/requirement"
)

// table is testdata/packaging.json.gz: the texts of packaging's own tests, each with packaging's verdict (testdata/record.py).
type table struct {
	Ordered      []string
	Versions     []row
	Specifiers   []row
	Sets         []row
	Takes        []row
	Impossible   []row
	Markers      []row
	Holds        []row
	Requirements []row
}

// row is a text, and what packaging makes of it: null where it refuses it.
type row []json.RawMessage

func (r row) text(t *testing.T) string { return get[string](t, r[0]) }

func (r row) refused() bool { return string(r[1]) == "null" }

func get[T any](t *testing.T, data json.RawMessage) (out T) {
	t.Helper()
	if err := json.Unmarshal(data, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func packaging(t *testing.T) (out table) {
	t.Helper()
	f, err := os.Open("testdata/packaging.json.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // only read
	unzipped, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.NewDecoder(unzipped).Decode(&out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestPackagingVersions(t *testing.T) {
	t.Parallel()
	all := packaging(t)
	for _, r := range all.Versions {
		v, ok := requirement.ParseVersion(r.text(t))
		if ok == r.refused() {
			t.Errorf("%q: read %v", r.text(t), ok)
			continue
		}
		if !ok {
			continue
		}
		want := get[[]any](t, r[1])
		if diff := cmp.Diff(want, []any{v.String(), v.Pre()}); diff != "" {
			t.Errorf("%q: %s", r.text(t), diff)
		}
	}
	for i, a := range all.Ordered {
		for j, b := range all.Ordered {
			v, _ := requirement.ParseVersion(a)
			w, _ := requirement.ParseVersion(b)
			if got := v.Compare(w); got != cmpInt(i, j) {
				t.Errorf("%s and %s: %d", a, b, got)
			}
		}
	}
}

func cmpInt(i, j int) int {
	switch {
	case i < j:
		return -1
	case i > j:
		return 1
	default:
		return 0
	}
}

func TestPackagingSpecifiers(t *testing.T) {
	t.Parallel()
	all := packaging(t)
	for _, r := range all.Specifiers {
		s, ok := requirement.ParseSpecifier(r.text(t))
		if ok == r.refused() {
			t.Errorf("%q: read %v", r.text(t), ok)
		} else if ok {
			if diff := cmp.Diff(get[[]string](t, r[1]), []string{s.Operator, s.Text}); diff != "" {
				t.Errorf("%q: %s", r.text(t), diff)
			}
		}
	}
	for _, r := range all.Sets {
		s, ok := requirement.ParseSet(r.text(t))
		if ok == r.refused() || ok && s.String() != get[string](t, r[1]) {
			t.Errorf("%q: got %v %s, want %s", r.text(t), ok, s, r[1])
		}
	}
	for _, r := range all.Takes {
		s, ok := requirement.ParseSet(r.text(t))
		if !ok {
			t.Errorf("%q is not read", r.text(t))
		}
		for i, want := range []bool{true, false} {
			for _, version := range get[[]string](t, r[1+i]) {
				if got := s.Takes(version); got != want {
					t.Errorf("%q %s: got %v", s, version, got)
				}
			}
		}
	}
	for _, r := range all.Impossible {
		s, _ := requirement.ParseSet(r.text(t))
		if got, want := s.Impossible(), get[bool](t, r[1]); got != want {
			t.Errorf("%q impossible: got %v, want %v", s, got, want)
		}
	}
}

func TestPackagingMarkers(t *testing.T) {
	t.Parallel()
	all := packaging(t)
	for _, r := range all.Markers {
		if _, err := requirement.ParseMarker(r.text(t)); (err != nil) != r.refused() {
			t.Errorf("%q: %v", r.text(t), err)
		}
	}
	for _, r := range all.Holds {
		text, variables, _ := strings.Cut(r.text(t), "\n")
		var e struct {
			Extras any `json:"extras"`
			Groups any `json:"dependency_groups"`
			Extra  any `json:"extra"`
		}
		var known map[string]any
		for _, into := range []any{&e, &known} {
			if err := json.Unmarshal([]byte(variables), into); err != nil {
				t.Fatal(err)
			}
		}
		_, one := e.Extras.(string)
		_, other := e.Groups.(string)
		if set, ok := e.Extra.([]any); one || other || ok && len(set) == 1 {
			continue // of a type that an Environment can't have
		}
		in := requirement.Environment{Variables: map[string]string{}, Extras: texts(e.Extras), Groups: texts(e.Groups)}
		for name, v := range known {
			if s, ok := v.(string); ok {
				in.Variables[name] = s
			}
		}
		for _, x := range texts(e.Extra) {
			if x != "" {
				in.Extras = append(in.Extras, x)
			}
		}
		m, err := requirement.ParseMarker(text)
		if err != nil {
			t.Fatal(err)
		}
		want := requirement.Unknown
		if !r.refused() {
			want = requirement.No
			if get[bool](t, r[1]) {
				want = requirement.Yes
			}
		}
		if got := m.Holds(in); got != want {
			t.Errorf("%s: got %v, want %v\n%s", text, got, want, variables)
		}
	}
}

func TestPackagingRequirements(t *testing.T) {
	t.Parallel()
	for _, r := range packaging(t).Requirements {
		x, err := requirement.Parse(r.text(t))
		if (err != nil) != r.refused() {
			t.Errorf("%q: %v", r.text(t), err)
		}
		if err != nil || r.refused() {
			continue
		}
		want := get[[]any](t, r[1])
		marked := want[4] != ""
		extras := slices.Compact(slices.Sorted(slices.Values(x.Extras)))
		list := make([]any, 0, len(extras))
		for _, e := range extras {
			list = append(list, e)
		}
		if diff := cmp.Diff(want[:4], []any{x.Name, list, x.Set.String(), x.URL}); diff != "" || marked == x.Marker.Always() {
			t.Errorf("%q: marker %v %s", r.text(t), !x.Marker.Always(), diff)
		}
	}
}

// texts gives a text or a list of texts.
func texts(v any) (out []string) {
	switch x := v.(type) {
	case string:
		return []string{x}
	case []any:
		for _, one := range x {
			out = append(out, fmt.Sprint(one))
		}
	}
	return out
}
