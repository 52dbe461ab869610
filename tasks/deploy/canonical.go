package deploy

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// canonical gives fields as plain JSON values (map[string]any, []any, string, float64, bool, nil), so that two sides which mean
// the same are deeply equal.
func canonical(fields map[string]any) (map[string]any, error) {
	data, err := json.Marshal(fields)
	if err != nil {
		return nil, fmt.Errorf("not expressible as JSON: %w", err)
	}
	var out map[string]any
	if err := json.Unmarshal(data, &out); err != nil {
		return nil, fmt.Errorf("not expressible as JSON: %w", err)
	}
	return out, nil
}

// compact gives a value as one line of JSON.
func compact(v any) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return fmt.Sprint(v)
	}
	return string(bytes.TrimSpace(b.Bytes()))
}
