package canonical

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/secret"
)

// Change is one difference, as deep inside a field as it can be told: `parameters.batch_size`, from 25 to 50. A nil From or
// To means that the value is not there.
type Change struct {
	Field string `json:"field"`
	From  any    `json:"from"`
	To    any    `json:"to"`
}

// explicitNull is a null that stands there, as against nothing.
var explicitNull = json.RawMessage("null") //nolint:gochecknoglobals // a constant

// Explain gives the changes inside a field. Mappings are compared key by key; everything else is shown whole.
func Explain(path string, from, to any) []Change {
	before, ok1 := from.(map[string]any)
	after, ok2 := to.(map[string]any)
	if !ok1 || !ok2 {
		return []Change{{Field: path, From: Shown(path, from), To: Shown(path, to)}}
	}
	keys := map[string]bool{}
	for k := range before {
		keys[k] = true
	}
	for k := range after {
		keys[k] = true
	}
	var out []Change
	for _, k := range slices.Sorted(maps.Keys(keys)) {
		x, had := before[k]
		y, has := after[k]
		if had && has && Equal(x, y) {
			continue
		}
		if had && x == nil {
			x = explicitNull
		}
		if has && y == nil {
			y = explicitNull
		}
		out = append(out, Explain(path+"."+k, x, y)...)
	}
	return out
}

// Shown gives a value as people may see it. In a parameter's schema only the default can be a secret.
func Shown(path string, v any) any {
	field, rest, _ := strings.Cut(path, ".")
	if _, whole := v.(map[string]any); field == SchemaField && !whole && !strings.HasSuffix(rest, ".default") {
		return v
	}
	return secret.Masked(v, strings.Split(path, "."))
}

// Sorted gives tags without order and repeats.
func Sorted(v any) any {
	list, ok := v.([]any)
	if !ok {
		return v
	}
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b any) int {
		x, _ := a.(string)
		y, _ := b.(string)
		return strings.Compare(x, y)
	})
	return slices.CompactFunc(list, func(a, b any) bool { return a == b })
}

// Short gives a value in one line of bearable length.
func Short(v any) string {
	const most = 120
	text := []rune(Compact(v))
	if len(text) > most {
		return string(text[:most]) + "…"
	}
	return string(text)
}

// SchemaField is the field that tells of parameters instead of holding their values.
const SchemaField = "parameter_openapi_schema"
