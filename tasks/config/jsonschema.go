package config

import (
	"encoding/json"
	"strings"
)

// JSONSchema describes the settings files for editors that complete and check YAML, in the words of JSON Schema's draft of 2020. It follows
// from the same list that [Load] judges by; what only a rule can tell is left to Load. Below #/$defs/flow stands what flow.yaml may
// hold. describe gives a line of text for a key as docs/settings.md names it, "" when there is none.
func JSONSchema(describe func(key string) string) ([]byte, error) {
	s := schema()
	flow := *s.keys[flowsKey].each
	delete(s.keys, flowsKey)
	d := describer(describe)
	out := d.schema(s, "", "#")
	properties, _ := out["properties"].(map[string]any)
	properties[flowsKey] = map[string]any{
		"type": []string{"object", "null"}, "description": describe(flowsKey), "additionalProperties": map[string]any{"$ref": "#/$defs/flow"},
	}
	out["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	out["title"] = "Settings of a Flowmage environment"
	out["$defs"] = map[string]any{"flow": optional(d.flow(flow))}
	text, err := json.MarshalIndent(out, "", "  ")
	return append(text, '\n'), err
}

// describer turns specs into schemas.
type describer func(key string) string

// flow describes an override. What is no setting of all flows too is documented with the name in front.
func (d describer) flow(s spec) map[string]any {
	own := describer(func(key string) string {
		if text := d(flowsKey + ".<name>." + key); text != "" {
			return text
		}
		return d(key)
	})
	return own.schema(s, "", "#/$defs/flow")
}

// schema describes a value: key is its name in the documentation, at its place in the schema as a JSON pointer.
func (d describer) schema(s spec, key, at string) map[string]any {
	out := map[string]any{}
	switch s.form {
	case object:
		properties := map[string]any{}
		for name, child := range s.keys {
			full := strings.TrimPrefix(key+"."+name, ".")
			place := at + "/properties/" + name
			properties[name] = optional(d.schema(child, full, place))
			if child.form == list {
				properties["+"+name] = map[string]any{"$ref": place}
			}
		}
		out["type"], out["properties"], out["additionalProperties"] = "object", properties, false
	case named:
		out["type"], out["additionalProperties"] = "object", d.schema(*s.each, key+".<name>", at+"/additionalProperties")
	case list:
		out["type"], out["items"] = "array", d.schema(*s.each, key+"[]", at+"/items")
	case text:
		out["type"] = "string"
		if s.choices != nil {
			out["enum"] = s.choices
		}
	case whole:
		out["type"] = "integer"
		if s.least > 0 {
			out["minimum"] = s.least
		}
	case truth:
		out["type"] = "boolean"
	case interval:
		out["type"] = []string{"number", "string"}
	case free:
	}
	if text := d(key); text != "" {
		out["description"] = text
	}
	return out
}

// optional allows an empty value, which counts as not written.
func optional(s map[string]any) map[string]any {
	switch t := s["type"].(type) {
	case string:
		s["type"] = []string{t, "null"}
	case []string:
		s["type"] = append(t, "null")
	}
	if words, ok := s["enum"].([]string); ok {
		all := make([]any, 0, len(words)+1)
		for _, w := range words {
			all = append(all, w)
		}
		s["enum"] = append(all, nil)
	}
	return s
}
