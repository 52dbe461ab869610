package dependency

import (
	"bytes"
	"cmp"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"

	"github.com/flowmage/flowmage/tasks/requirement"
)

// document is a TOML file that was read, with its text for the lines.
type document struct {
	name string
	text []byte
	root map[string]any
}

// open reads TOML. What is wrong with it is a problem; then nothing is known.
func (r *reader) open(name string, text []byte) (document, bool) {
	d := document{name: name, text: text}
	if err := toml.Unmarshal(text, &d.root); err != nil {
		line, message := 0, err.Error()
		if at, ok := errors.AsType[toml.ParseError](err); ok {
			line, message = at.Position.Line, at.Message
		}
		r.out.Problems = append(r.out.Problems, Problem{name, line, message})
		r.out.Vague = true
		return d, false
	}
	return d, true
}

// table gives a table that stands below some keys, nil for none.
func (d document) table(keys ...string) map[string]any {
	at := d.root
	for _, key := range keys {
		at, _ = at[key].(map[string]any)
	}
	return at
}

// section gives where a table's lines begin, 0 where it has no heading.
func (d document) section(keys ...string) int {
	for at := 0; ; {
		found := bytes.Index(d.text[at:], []byte("["+strings.Join(keys, ".")+"]"))
		if found < 0 {
			return 0
		}
		at += found
		if start := bytes.LastIndexByte(d.text[:at], '\n') + 1; len(bytes.TrimSpace(d.text[start:at])) == 0 {
			return at
		}
		at++
	}
}

// value gives the line of a text in quotes.
func (d document) value(from int, text string) int {
	return cmp.Or(lineOf(d.text, from, `"`+text+`"`), lineOf(d.text, from, `'`+text+`'`), lineOf(d.text, from, text))
}

// key gives the line that begins with a key.
func (d document) key(from int, key string) int {
	number := bytes.Count(d.text[:from], []byte("\n"))
	for line := range bytes.Lines(d.text[from:]) {
		number++
		name, _, found := bytes.Cut(line, []byte("="))
		name, _, _ = bytes.Cut(name, []byte(".")) // as in a.version = "1"
		if found && string(bytes.Trim(bytes.TrimSpace(name), `"'`)) == key {
			return number
		}
	}
	return 0
}

func list(v any) []string {
	var out []string
	items, _ := v.([]any)
	for _, x := range items {
		if s, ok := x.(string); ok {
			out = append(out, s)
		}
	}
	return out
}

// all takes in a list of requirements.
func (r *reader) all(d document, from int, v any, group string) {
	for _, text := range list(v) {
		r.add(d.name, d.value(from, text), text, group)
	}
}

// named takes in a table whose keys are names and whose values are versions, as Poetry and Pipenv have them.
func (r *reader) named(d document, from int, t map[string]any, group string, version func(string) (requirement.Set, bool)) {
	for _, name := range slices.Sorted(maps.Keys(t)) {
		e := Entry{Known: requirement.Normal(name), File: d.name, Line: d.key(from, name), Group: group}
		e.Name, e.Text = name, name
		values, several := t[name].([]any)
		if !several {
			values = []any{t[name]}
		}
		for _, v := range values {
			r.entry(constrained(e, v, version))
		}
	}
}

// constrained gives an entry with what a value says of its version, source, extras and condition. Its text is as pip would want it.
func constrained(e Entry, v any, version func(string) (requirement.Set, bool)) Entry {
	text, _ := v.(string)
	condition := ""
	if t, ok := v.(map[string]any); ok {
		text, _ = t["version"].(string)
		e.Extras = list(t["extras"])
		for _, key := range []string{"path", "git", "url", "file", "hg", "svn"} {
			e.Own = e.Own || t[key] != nil
		}
		condition, _ = t["markers"].(string)
		if m, err := requirement.ParseMarker(condition); err == nil {
			e.Marker = m
		}
	}
	if len(e.Extras) > 0 {
		e.Text += "[" + strings.Join(e.Extras, ",") + "]"
	}
	if set, ok := version(text); ok {
		e.Set = set
		e.Text += set.String()
	}
	if condition != "" {
		e.Text += "; " + condition
	}
	return e
}
