package config

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"

	"github.com/flowmage/flowmage/tasks/document"
	"github.com/flowmage/flowmage/tasks/setting"
)

// entries gives a mapping's keys in order. A key and the same with a + are one. Keys that stand twice, that are no single words or that hold
// control characters are findings.
func (r *reader) entries(n *yaml.Node, path []string) []document.Entry {
	keys := document.Entries(n, plainKey, func(f document.Flaw) { r.flaw(f, path) })
	return slices.DeleteFunc(keys, func(e document.Entry) bool { return !r.usable(e, path) })
}

// plainKey gives a key without the + that appends.
func plainKey(key string) string { return strings.TrimPrefix(key, "+") }

func (r *reader) flaw(f document.Flaw, path []string) {
	n := document.Target(f.At)
	switch {
	case f.Fault == document.Repeated:
		r.report(f.At, setting.Below(path, f.Name), setting.Problem{
			Code: "key-duplicate", Message: fmt.Sprintf("%s stands at line %d already", setting.Show(setting.Below(path, f.Name)), f.Line), Fix: "keep one of the two",
		})
	case f.Fault == document.NoMapping:
		r.report(f.At, path, setting.Problem{
			Code: wrongType, Message: "<< merges mappings, this is " + describe(n, path), Fix: "write `<<: *name` with the anchor of a mapping",
		})
	case n.Tag == document.Null:
		r.badKey(f.At, path, "a key is empty")
	default:
		r.badKey(f.At, path, describe(n, nil)+" can't be a key")
	}
}

func (r *reader) usable(e document.Entry, path []string) bool {
	switch {
	case strings.TrimSpace(plainKey(e.Name)) == "":
		r.badKey(e.Key, path, "a key is empty")
	case strings.ContainsFunc(e.Name, unicode.IsControl):
		r.badKey(e.Key, path, fmt.Sprintf("the key %q holds a control character", e.Name))
	default:
		return true
	}
	return false
}

func (r *reader) badKey(n *yaml.Node, path []string, message string) {
	r.report(n, path, setting.Problem{Code: "key-bad", Message: message, Fix: "write a name in front of the colon; quote one with { } [ ] in it"})
}
