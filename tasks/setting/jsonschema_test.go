package setting

import (
	"encoding/json"
	"slices"
)

// JSONSchema describes the settings files for editors that complete and check YAML, in the words of JSON Schema's draft of 2020. What only a
// rule can tell is left to who reads the files. Below #/$defs/flow stands what flow.yaml may hold.
func JSONSchema() ([]byte, error) {
	all := All()
	flows := all.Keys[Flows]
	delete(all.Keys, Flows)
	out := all.schema("#")
	properties, _ := out["properties"].(map[string]any)
	properties[Flows] = map[string]any{
		"type": []string{"object", "null"}, "description": flows.told(), "additionalProperties": map[string]any{"$ref": "#/$defs/flow"},
	}
	out["$defs"] = map[string]any{"flow": optional(flows.Each.schema("#/$defs/flow"))}
	return printed(out, "Settings of a Flowmage environment")
}

// FlowSchema describes flow.yaml by itself.
func FlowSchema() ([]byte, error) {
	return printed(optional(OfFlow().schema("#")), "Settings of the flows in one folder (Flowmage, flow.yaml)")
}

// PolicySchema describes the files in policies/.
func PolicySchema() ([]byte, error) {
	return printed(optional(OfPolicies().schema("#")), "A team's own rules (Flowmage, policies/)")
}

func printed(schema map[string]any, title string) ([]byte, error) {
	schema["$schema"], schema["title"] = "https://json-schema.org/draft/2020-12/schema", title
	text, err := json.MarshalIndent(schema, "", "  ")
	return append(text, '\n'), err
}

// schema describes a value; at is its place in the schema as a JSON pointer.
func (s Spec) schema(at string) map[string]any {
	out, whole := map[string]any{}, at
	if s.Single || s.Short != "" {
		at += "/anyOf/1"
	}
	switch s.Form {
	case Object:
		properties := map[string]any{}
		for name, child := range s.Keys {
			place := at + "/properties/" + name
			if properties[name] = child.schema(place); !slices.Contains(s.Needed, name) {
				properties[name] = optional(child.schema(place))
			}
			if child.Form == List && !s.Sole {
				properties["+"+name] = map[string]any{"$ref": place}
			}
		}
		out["type"], out["properties"], out["additionalProperties"] = "object", properties, false
		if s.Needed != nil {
			out["required"] = s.Needed
		}
	case Named:
		out["type"], out["additionalProperties"] = "object", s.Each.schema(at+"/additionalProperties")
	case List:
		out["type"], out["items"] = "array", s.Each.schema(at+"/items")
	case Text:
		out["type"] = "string"
		if s.Choices != nil {
			out["enum"] = s.Choices
		}
	case Whole:
		out["type"] = "integer"
		if s.Least > 0 {
			out["minimum"] = s.Least
		}
	case Truth:
		out["type"] = "boolean"
	case Interval:
		out["type"] = []string{"number", "string"}
	case Free:
	}
	switch alone := out; {
	case s.Single: // one of the list may stand there without brackets
		out = map[string]any{"anyOf": []any{s.Each.schema(whole + "/anyOf/0"), alone}}
	case s.Short != "":
		out = map[string]any{"anyOf": []any{s.Keys[s.Short].schema(whole + "/anyOf/0"), alone}}
	}
	if text := s.told(); text != "" {
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
