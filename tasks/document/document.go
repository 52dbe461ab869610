// Package document opens YAML files that people write: settings and manifests. It judges the text as a whole, so that the readers
// of its nodes only have to judge what the nodes say.
//
// Start with [Read]. Every way in which a file can be no usable YAML is a finding with its line. [Entries] reads the keys of a
// mapping, with aliases and merge keys resolved (mapping.go), and [Older] a bare value as Prefect does, by YAML 1.1 (scalar.go).
package document

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/flowmage/flowmage/tasks/pattern"

	"go.yaml.in/yaml/v3"

	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/tree"
)

// Largest is the size in bytes up to which a file is read.
const Largest = 4 << 20

// Limits that no honest file reaches.
const (
	deepest = 64     // levels
	widest  = 50_000 // nodes that aliases add
)

// Null is the tag of an absent value.
const Null = "!!null"

// Read gives the root node of the only YAML document in data. It is nil when the file is empty or can't be parsed; the findings
// tell why, and an empty file is none. file is the name for the findings. Nodes nest at most 64 levels deep with aliases written
// out, so that a reader may follow them without a guard.
func Read(file string, data []byte) (*yaml.Node, finding.List) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	r := Reader{File: file, Rules: catalogue}
	if r.unreadable(data) {
		return nil, r.Findings
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc, second yaml.Node
	if err := dec.Decode(&doc); err != nil {
		if !errors.Is(err, io.EOF) {
			r.broken(data, err)
		}
		return nil, r.Findings
	}
	err := dec.Decode(&second)
	switch {
	case err == nil:
		r.report(second.Line, second.Column, "yaml-documents", "keep everything in one document: remove the `---` line",
			"a second YAML document starts here; nothing of it would be read")
	case !errors.Is(err, io.EOF):
		r.broken(data, err)
	}
	if len(doc.Content) == 0 {
		return nil, r.Findings
	}
	root := doc.Content[0]
	if at := unbounded(root, map[*yaml.Node]int{}); at != nil {
		r.report(at.Line, at.Column, "yaml-size", "write the values out, or nest them less",
			"values nest too deep, or aliases make the file too large")
		return nil, r.Findings
	}
	return root, r.Findings
}

// Loaded takes what reading at most [Largest] bytes of a file has given. Of a larger file it gives something that [Read] refuses, so that it costs
// no memory.
func Loaded(data []byte, err error) ([]byte, error) {
	if errors.Is(err, tree.ErrTooLarge) {
		return make([]byte, Largest+1), nil
	}
	return data, err
}

// Bounded tells whether a node stays within the limits that [Read] keeps.
func Bounded(n *yaml.Node) bool { return unbounded(n, map[*yaml.Node]int{}) == nil }

// Target follows an alias.
func Target(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode && n.Alias != nil {
		return n.Alias
	}
	return n
}

// unbounded gives a node below n that nests too deep or is written out too often, nil when there is none. sizes keeps how many
// nodes stand below each anchor.
func unbounded(n *yaml.Node, sizes map[*yaml.Node]int) *yaml.Node {
	budget := widest
	var walk func(n *yaml.Node, depth int) *yaml.Node
	walk = func(n *yaml.Node, depth int) *yaml.Node {
		if depth > deepest {
			return n
		}
		if n.Kind == yaml.AliasNode {
			if budget -= size(n.Alias, deepest, sizes); budget < 0 {
				return n
			}
			n = n.Alias
		}
		for _, c := range n.Content {
			if at := walk(c, depth+1); at != nil {
				return at
			}
		}
		return nil
	}
	return walk(n, 0)
}

// size counts the nodes below n with aliases written out, and gives up at the limit.
func size(n *yaml.Node, depth int, sizes map[*yaml.Node]int) int {
	if depth == 0 {
		return widest + 1
	}
	if known, ok := sizes[n]; ok {
		return known
	}
	count := 1
	for _, c := range n.Content {
		if count += size(Target(c), depth-1, sizes); count > widest {
			count = widest + 1
			break
		}
	}
	sizes[n] = count
	return count
}

func (r *Reader) report(line, column int, code, fix, message string) {
	r.Fail(&yaml.Node{Line: line, Column: column}, "", code, fix, "%s", message)
}

// unreadable reports a file that is no text that YAML can be read from.
func (r *Reader) unreadable(data []byte) bool {
	switch {
	case len(data) > Largest:
		r.report(0, 0, "file-size", "keep data out of it", fmt.Sprintf("the file is larger than the %d MiB that are read", Largest>>20))
		return true
	case bytes.HasPrefix(data, []byte("\xff\xfe")), bytes.HasPrefix(data, []byte("\xfe\xff")):
		r.report(1, 0, "encoding", "save it as UTF-8", "the file is UTF-16")
		return true
	case utf8.Valid(data):
		return false
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
	r.report(line, 0, "encoding", "save it as UTF-8", "the file is not valid UTF-8")
	return true
}

// yamlLine finds the line in the YAML library's error texts.
var yamlLine = pattern.New(`^line \d+: `)

// broken reports YAML that can't be parsed. Tabs get words of their own: the library's text for them helps nobody.
func (r *Reader) broken(data []byte, err error) {
	line := brokenLine(data, reason(err))
	if tab := tabLine(data); tab > 0 && tab >= line-1 && tab <= line+1 {
		r.report(tab, 0, "yaml-syntax", "use spaces", "this line is indented with a tab, which YAML forbids")
		return
	}
	r.report(line, 0, "yaml-syntax",
		"look at this line and the one above: indentation, a missing colon or space, an unclosed quote or bracket",
		"this is not valid YAML: "+reason(err))
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
