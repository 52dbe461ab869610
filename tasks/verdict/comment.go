package verdict

import (
	"bytes"
	"fmt"
	"path"
	"strings"
	"unicode/utf8"

	"github.com/BurntSushi/toml"
	"go.yaml.in/yaml/v3"

	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/pattern"
	"github.com/flowmage/flowmage/tasks/python"
)

// comment is one of a file, from its #.
type comment struct {
	line, column int
	text         string
	alone        bool // nothing stands before it on its line
}

// comments gives the comments of a file that may have something ignored.
func comments(file string, text []byte) []comment {
	switch path.Ext(file) {
	case ".py":
		return ofPython(text)
	case ".yaml", ".yml":
		return outsideOfValues(text, yamlValues)
	case ".toml", ".lock":
		return outsideOfValues(text, tomlValues)
	case ".txt", ".in", ".cfg": // requirements have no strings, and a # behind a blank begins a comment
		return first(suspects(text))
	default:
		return ofDockerfile(text)
	}
}

func ofPython(text []byte) []comment {
	list := python.Comments(text)
	out := make([]comment, 0, len(list))
	for _, c := range list {
		out = append(out, comment{c.Line, c.Column, c.Text, c.Alone})
	}
	return out
}

// candidate is what looks like such a comment. No language begins one in the middle of a word.
var candidate = pattern.New(`(?m)(?:^|[ \t])#[ \t]*` + finding.Mark + `[ \t]*ignore`)

// suspect is what looks like a comment; word is the offset of its word ignore.
type suspect struct {
	comment
	word int
}

// suspects gives all that looks like comments that have something ignored.
func suspects(text []byte) []suspect {
	places := candidate.FindAllStringIndex(string(text), -1)
	out := make([]suspect, 0, len(places))
	line, counted := 1, 0
	for _, found := range places {
		at := found[0] + bytes.IndexByte(text[found[0]:], '#')
		line, counted = line+bytes.Count(text[counted:at], []byte("\n")), at
		start := bytes.LastIndexByte(text[:at], '\n') + 1
		whole, _, _ := bytes.Cut(text[at:], []byte("\n"))
		c := comment{line, utf8.RuneCount(text[start:at]) + 1, strings.TrimRight(string(whole), "\r"), len(bytes.TrimSpace(text[start:at])) == 0}
		out = append(out, suspect{c, found[1] - len("ignore")})
	}
	return out
}

// first gives the first comment of each line, which goes on to the line's end.
func first(list []suspect) []comment {
	var out []comment
	for _, s := range list {
		if len(out) == 0 || out[len(out)-1].line != s.line {
			out = append(out, s.comment)
		}
	}
	return out
}

// outsideOfValues gives those that are comments for the language's own parser: each gets a number in place of the word ignore, which is as long, and
// is none where the number turns up in a value. A file that can't be parsed has none.
func outsideOfValues(text []byte, values func([]byte, func(string)) error) []comment {
	list := suspects(text)
	if len(list) == 0 {
		return nil
	}
	number := func(i int) string { return fmt.Sprintf("%06d", i) }
	changed := bytes.Clone(text)
	for i, s := range list {
		copy(changed[s.word:], number(i))
	}
	inside := map[string]bool{}
	err := values(changed, func(value string) {
		for _, found := range numbered.FindAllStringSubmatch(value, -1) {
			inside[found[1]] = true
		}
	})
	if err != nil {
		return nil
	}
	var out []suspect
	for i, s := range list {
		if !inside[number(i)] {
			out = append(out, s)
		}
	}
	return first(out)
}

var numbered = pattern.New(finding.Mark + `\s*([0-9]{6})`)

// yamlValues hands on all keys and values of a YAML file.
func yamlValues(text []byte, told func(string)) error {
	var doc yaml.Node
	if err := yaml.NewDecoder(bytes.NewReader(text)).Decode(&doc); err != nil {
		return err
	}
	var walk func(n *yaml.Node)
	walk = func(n *yaml.Node) {
		told(n.Value)
		for _, c := range n.Content {
			walk(c)
		}
	}
	walk(&doc)
	return nil
}

// tomlValues hands on all keys and values of a TOML file.
func tomlValues(text []byte, told func(string)) error {
	var doc map[string]any
	if err := toml.Unmarshal(text, &doc); err != nil {
		return err
	}
	var walk func(v any)
	walk = func(v any) {
		switch x := v.(type) {
		case string:
			told(x)
		case map[string]any:
			for key, value := range x {
				told(key)
				walk(value)
			}
		case []map[string]any:
			for _, value := range x {
				walk(value)
			}
		case []any:
			for _, value := range x {
				walk(value)
			}
		}
	}
	walk(doc)
	return nil
}

// document begins a text within a Dockerfile that ends with a line of the word alone.
var document = pattern.New(`<<-?\s*["']?([A-Za-z_]\w*)["']?`)

// ofDockerfile gives the comments of a Dockerfile: whole lines, outside of here-documents.
func ofDockerfile(text []byte) []comment {
	alone := map[int]comment{}
	for _, c := range suspects(text) {
		if c.alone {
			alone[c.line] = c.comment
		}
	}
	var out []comment
	var ends []string
	for i, line := range strings.Split(string(text), "\n") {
		plain := strings.TrimSpace(line)
		switch c, is := alone[i+1]; {
		case len(ends) > 0:
			if plain == ends[0] {
				ends = ends[1:]
			}
		case is:
			out = append(out, c)
		case !strings.HasPrefix(plain, "#"):
			for _, begun := range document.FindAllStringSubmatch(line, -1) {
				ends = append(ends, begun[1])
			}
		}
	}
	return out
}
