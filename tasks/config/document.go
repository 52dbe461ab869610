package config

import "github.com/flowmage/flowmage/tasks/document"

// layer reads one file's text. It gives an empty map for an empty file, and what can be used of a broken one.
func (r *reader) layer(data []byte, s spec) map[string]any {
	root, findings := document.Read(r.file, data)
	for _, f := range findings {
		f.Scope = r.scope(nil)
		r.findings = append(r.findings, f)
	}
	if root != nil {
		values, ok := r.value(root, s, nil)
		if m, isMap := values.(map[string]any); ok && isMap {
			return m
		}
	}
	if len(r.findings) > 0 { // nothing of the file is known, so nothing may be called missing
		r.rejected[""] = true
	}
	return map[string]any{}
}
