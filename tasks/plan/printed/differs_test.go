package printed_test

import (
	"encoding/json"
	"slices"
	"strconv"
	"testing"

	"github.com/flowmage/flowmage/tasks/canonical"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/plan/printed"
)

// Whatever is changed, added or taken away in what can be read of a plan is noticed, but for the commit and the number of late runs.
func TestEditedPlanIsNoticed(t *testing.T) {
	t.Parallel()
	p := plan.Plan{
		Project: "shop", Env: "dev", API: "http://x/api", Commit: "abc",
		Pools: []plan.Pool{{Op: plan.Create, Name: "shop-dev"}},
		Actions: []plan.Action{
			{Op: plan.Update, Name: "a", Flow: "f", Entrypoint: "f.py:f", ID: "1", Changes: []canonical.Change{{Field: "tags", From: []any{"x"}, To: nil}, {Field: "n", From: 1, To: 2.5}}, Notes: []string{
				"it is paused on the server, and stays so", "runs of its schedules that are late and have not begun: 3; this server drops them",
			}},
			{Op: plan.Blocked, Name: "b", Reasons: finding.List{{Code: "x", Message: "m"}}},
			{Op: plan.Leftover, Name: "c", Stays: "prune is off"},
		},
	}
	text, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	if at, err := printed.Differs(p, text); at != "" || err != nil {
		t.Fatal(at, err)
	}
	tried := 0
	var root any
	reset := func() {
		if err := json.Unmarshal(text, &root); err != nil {
			t.Fatal(err)
		}
	}
	check := func(what string, want bool) {
		t.Helper()
		tried++
		edited, err := json.Marshal(root)
		if err != nil {
			t.Fatal(err)
		}
		if at, err := printed.Differs(p, edited); (at != "") != want || err != nil {
			t.Errorf("%s: %q, %v", what, at, err)
		}
	}
	for i := range places(t, text) {
		for _, edit := range []string{"change", "remove", "add"} {
			reset()
			at := 0
			place := edited(root, edit, i, &at, "")
			if place == "" {
				continue
			}
			check(edit+" "+place, place != "commit")
		}
	}
	if tried < 60 {
		t.Errorf("only %d edits were tried", tried)
	}
	p.Actions[0].Notes[1] = "runs of its schedules that are late and have not begun: 14; this server drops them"
	if at, err := printed.Differs(p, text); at != "" || err != nil {
		t.Error("late runs:", at, err)
	}
	for _, broken := range []string{"", "null", "[]", "{}", `"x"`} {
		if at, err := printed.Differs(p, []byte(broken)); at == "" || err != nil {
			t.Error(broken, at, err)
		}
	}
}

// places counts the values of a text in JSON.
func places(t *testing.T, text []byte) []struct{} {
	t.Helper()
	var root any
	if err := json.Unmarshal(text, &root); err != nil {
		t.Fatal(err)
	}
	n := 0
	edited(root, "", -1, &n, "")
	return make([]struct{}, n)
}

// edited changes the value with that number, and gives its place.
func edited(v any, edit string, number int, at *int, place string) string {
	other := func(x any) any {
		switch x := x.(type) {
		case string:
			return x + "x"
		case float64:
			return x + 1
		case nil:
			return false
		default:
			return nil
		}
	}
	switch x := v.(type) {
	case map[string]any:
		keys := make([]string, 0, len(x))
		for k := range x {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		for _, k := range keys {
			here := within(place, k)
			if *at++; *at-1 == number {
				switch edit {
				case "change":
					x[k] = other(x[k])
				case "remove":
					delete(x, k)
				default:
					x["new"], here = "value", within(place, "new")
				}
				return here
			}
			if found := edited(x[k], edit, number, at, here); found != "" {
				return found
			}
		}
	case []any:
		for i := range x {
			if *at++; *at-1 == number {
				if edit != "change" {
					return "" // a list is changed by what holds it
				}
				x[i] = other(x[i])
				return within(place, strconv.Itoa(i))
			}
			if found := edited(x[i], edit, number, at, within(place, strconv.Itoa(i))); found != "" {
				return found
			}
		}
	}
	return ""
}

func within(place, key string) string {
	if place == "" {
		return key
	}
	return place + "." + key
}
