package printed

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"

	"github.com/flowmage/flowmage/tasks/pattern"

	"github.com/flowmage/flowmage/tasks/plan"
)

// Differs compares a plan with what somebody has read of one, as JSON. It gives the place of the first difference, such as
// deployments.0.changes.1.to; empty when they say the same. The commit may be another one, since the same plan can follow from it, and so may
// the number of late runs, which grows by itself.
func Differs(p plan.Plan, read []byte) (string, error) {
	now, err := json.Marshal(p)
	if err != nil {
		return "", fmt.Errorf("plan: %w", err)
	}
	var there, here map[string]any
	if err := json.Unmarshal(now, &here); err != nil {
		return "", fmt.Errorf("plan: %w", err)
	}
	if err := json.Unmarshal(read, &there); err != nil {
		return "plan", nil //nolint:nilerr // that is the difference
	}
	delete(here, "commit")
	delete(there, "commit")
	return difference("", there, here), nil
}

// lateNumber is the only part of a plan that changes while nothing else does.
var lateNumber = pattern.New(`(late and have not begun: )\d+`)

// difference gives the place of the first difference of two values of JSON.
func difference(place string, a, b any) string {
	switch x := a.(type) {
	case map[string]any:
		if y, same := b.(map[string]any); same {
			return differentKey(place, x, y)
		}
		return place
	case []any:
		y, same := b.([]any)
		if !same || len(x) != len(y) {
			return place
		}
		for i := range x {
			if at := difference(within(place, strconv.Itoa(i)), x[i], y[i]); at != "" {
				return at
			}
		}
		return ""
	case string:
		if y, same := b.(string); same && lateNumber.ReplaceAllString(x, "$1") == lateNumber.ReplaceAllString(y, "$1") {
			return ""
		}
	}
	if reflect.DeepEqual(a, b) {
		return ""
	}
	return place
}

func differentKey(place string, x, y map[string]any) string {
	keys := slices.Concat(slices.Collect(maps.Keys(x)), slices.Collect(maps.Keys(y)))
	slices.Sort(keys)
	for _, k := range slices.Compact(keys) {
		v, in := x[k]
		w, too := y[k]
		if in != too {
			return within(place, k)
		}
		if at := difference(within(place, k), v, w); at != "" {
			return at
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
