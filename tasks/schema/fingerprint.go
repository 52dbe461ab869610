package schema

import "encoding/json"

// fingerprint gives equal texts for equal schemas; encoding/json sorts keys.
func fingerprint(p Property) string {
	data, err := json.Marshal(p)
	if err != nil {
		return ""
	}
	return string(data)
}
