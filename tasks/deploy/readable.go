package deploy

import (
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"slices"
)

// Differs compares a plan with what somebody has read of one, as JSON. It gives the place of the first difference, such as
// deployments.0.changes.1.to; empty when they say the same. The commit may be another one, since the same plan can follow from it, and so may
// the number of late runs, which grows by itself.
func (p Plan) Differs(read []byte) (string, error) {
	now, err := json.Marshal(p)
	if err != nil {
		return "", fmt.Errorf("plan: %w", err)
	}
	var there, here map[string]any
	if err := json.Unmarshal(now, &here); err != nil {
		return "", fmt.Errorf("plan: %w", err)
	}
	if json.Unmarshal(read, &there) != nil {
		return "plan", nil
	}
	delete(here, "commit")
	delete(there, "commit")
	return difference("", there, here), nil
}

// lateNumber is the only part of a plan that changes while nothing else does.
var lateNumber = regexp.MustCompile(`(late and have not begun: )\d+`)

// difference gives the place of the first difference of two values of JSON.
func difference(place string, a, b any) string {
	switch x := a.(type) {
	case map[string]any:
		y, same := b.(map[string]any)
		if !same {
			return place
		}
		keys := slices.Sorted(func(yield func(string) bool) {
			for k := range x {
				if !yield(k) {
					return
				}
			}
			for k := range y {
				if _, both := x[k]; !both && !yield(k) {
					return
				}
			}
		})
		for _, k := range keys {
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
	case []any:
		y, same := b.([]any)
		if !same || len(x) != len(y) {
			return place
		}
		for i := range x {
			if at := difference(within(place, fmt.Sprint(i)), x[i], y[i]); at != "" {
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

func within(place, key string) string {
	if place == "" {
		return key
	}
	return place + "." + key
}
