package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"sort"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// largest is the size in bytes up to which a settings file is read.
const largest = 4 << 20

// layer reads one file's text. It gives an empty map for an empty file, and what can be used of a broken one.
func (r *reader) layer(data []byte, s spec) map[string]any {
	before := len(r.findings)
	if root := r.document(data); root != nil {
		values, ok := r.value(root, s, nil)
		if m, isMap := values.(map[string]any); ok && isMap {
			return m
		}
	}
	if len(r.findings) > before { // nothing of the file is known, so nothing may be called missing
		r.rejected[""] = true
	}
	return map[string]any{}
}

// document gives the root node of the only YAML document, nil when there is none.
func (r *reader) document(data []byte) *yaml.Node {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if p, line := unreadable(data); p != nil {
		r.report(&yaml.Node{Line: line}, nil, *p)
		return nil
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc, second yaml.Node
	if err := dec.Decode(&doc); err != nil {
		if !errors.Is(err, io.EOF) {
			r.broken(data, err)
		}
		return nil
	}
	err := dec.Decode(&second)
	switch {
	case err == nil:
		r.report(&second, nil, problem{
			code: "yaml-documents", message: "a second YAML document starts here; nothing of it would be read",
			fix: "keep all settings in one document: remove the `---` line",
		})
	case !errors.Is(err, io.EOF):
		r.broken(data, err)
	}
	if len(doc.Content) == 0 {
		return nil
	}
	return doc.Content[0]
}

// unreadable tells why a file is no text that YAML can be read from.
func unreadable(data []byte) (*problem, int) {
	switch {
	case len(data) > largest:
		return &problem{
			code: "file-size", message: fmt.Sprintf("the file is larger than the %d MiB that settings may have", largest>>20),
			fix: "keep data out of the settings",
		}, 0
	case bytes.HasPrefix(data, []byte("\xff\xfe")), bytes.HasPrefix(data, []byte("\xfe\xff")):
		return &problem{code: "encoding", message: "the file is UTF-16", fix: "save it as UTF-8"}, 1
	case utf8.Valid(data):
		return nil, 0
	}
	line := 1
	for rest := data; len(rest) > 0; {
		c, width := utf8.DecodeRune(rest)
		if c == utf8.RuneError && width == 1 {
			break
		}
		if c == '\n' {
			line++
		}
		rest = rest[width:]
	}
	return &problem{code: "encoding", message: "the file is not valid UTF-8", fix: "save it as UTF-8"}, line
}

// yamlLine finds the line in the YAML library's error texts.
var yamlLine = regexp.MustCompile(`^line \d+: `)

// broken reports YAML that can't be parsed. Tabs get words of their own: the library's text for them helps nobody.
func (r *reader) broken(data []byte, err error) {
	message, line := reason(err), brokenLine(data, reason(err))
	p := problem{
		code: "yaml-syntax", message: "this is not valid YAML: " + message,
		fix: "look at this line and the one above: indentation, a missing colon or space, an unclosed quote or bracket",
	}
	if tab := tabLine(data); tab > 0 && tab >= line-1 && tab <= line+1 {
		line = tab
		p.message, p.fix = "this line is indented with a tab, which YAML forbids", "use spaces"
	}
	r.report(&yaml.Node{Line: line}, nil, p)
}

// reason is the YAML library's text without its line, which is often that of the mapping around the mistake, or one off.
func reason(err error) string {
	return yamlLine.ReplaceAllString(strings.TrimPrefix(err.Error(), "yaml: "), "")
}

// brokenLine finds the first line up to which the text fails for the same reason as all of it.
func brokenLine(data []byte, why string) int {
	if len(data) > 256<<10 { // each try reads it all again
		return 0
	}
	ends := []int{}
	for i, c := range data {
		if c == '\n' || i == len(data)-1 {
			ends = append(ends, i+1)
		}
	}
	fails := func(i int) bool {
		dec := yaml.NewDecoder(bytes.NewReader(data[:ends[i]]))
		for {
			var n yaml.Node
			if err := dec.Decode(&n); err != nil {
				return !errors.Is(err, io.EOF) && reason(err) == why
			}
		}
	}
	return min(sort.Search(len(ends), fails)+1, max(len(ends), 1))
}

// tabLine gives the first line that has a tab in its indentation, 0 when none has.
func tabLine(data []byte) int {
	line := 0
	for text := range bytes.Lines(data) {
		line++
		content := bytes.TrimLeft(text, " \t")
		if bytes.ContainsRune(text[:len(text)-len(content)], '\t') && len(bytes.TrimSpace(content)) > 0 {
			return line
		}
	}
	return 0
}
