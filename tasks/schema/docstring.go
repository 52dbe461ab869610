package schema

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/flowmage/flowmage/tasks/python"
)

// heading is the title line of a section or an admonition in a Google-style docstring.
var heading = regexp.MustCompile(`^([\pL\pN_][\s\pL\pN_\x{a0}-]*):(?:\s+\S.*)?\s*$`)

// descriptions gives what a Google-style docstring says about each parameter, as Prefect shows it in the form for a run
// (Prefect: utilities/callables, parameter_docstrings; it reads every docstring with griffe's Google parser). Of several parameter
// sections the last one counts.
func descriptions(doc string) map[string]string {
	// Twice, as there: the second time takes away what all lines below the first share.
	clean := python.CleanDoc(strings.TrimRightFunc(python.CleanDoc(doc), unicode.IsSpace))
	lines := strings.Split(clean, "\n")
	var out map[string]string
	fenced := false
	for at := 0; at < len(lines); at++ {
		if strings.HasPrefix(strings.TrimLeft(lines[at], " "), "```") {
			fenced = !fenced
			continue
		}
		title := heading.FindStringSubmatch(lines[at])
		if fenced || title == nil || !introduces(lines, at) {
			continue
		}
		if sections[strings.ToLower(title[1])] == parameterSection {
			list, _ := items(lines, at+1)
			if found := pairs(list); len(found) > 0 { // an empty section does not count
				out = found
			}
		}
		at = past(lines, at, title[1])
	}
	return out
}

type section int

const (
	otherSection section = iota // read as one block
	parameterSection
	itemSection
)

// sections are those whose lines belong to items.
var sections = map[string]section{ //nolint:gochecknoglobals // a table that nothing writes to
	"args": parameterSection, "arguments": parameterSection, "params": parameterSection, "parameters": parameterSection,
	"keyword args": itemSection, "keyword arguments": itemSection, "other args": itemSection, "other arguments": itemSection,
	"other params": itemSection, "other parameters": itemSection, "type args": itemSection, "type arguments": itemSection,
	"type params": itemSection, "type parameters": itemSection, "raises": itemSection, "exceptions": itemSection, "returns": itemSection,
	"yields": itemSection, "receives": itemSection, "attributes": itemSection, "functions": itemSection, "methods": itemSection,
	"classes": itemSection, "type aliases": itemSection, "modules": itemSection, "warns": itemSection, "warnings": itemSection,
}

// introduces tells whether a title line has something below it: an empty line above, and no empty one between it and what is indented.
func introduces(lines []string, at int) bool {
	indented := func(n int) bool { return n < len(lines) && !blank(lines[n]) && strings.HasPrefix(lines[n], " ") }
	if !indented(at+1) && !indented(at+2) || at > 0 && !blank(lines[at-1]) {
		return false
	}
	return !indented(at+2) || !blank(lines[at+1])
}

// past gives the last line of the section with that title at line at.
func past(lines []string, at int, title string) int {
	if sections[strings.ToLower(title)] == otherSection {
		return block(lines, at+1)
	}
	_, last := items(lines, at+1)
	return last
}

// items reads an indented block from line at on, split where a line starts at the block's own indentation, and gives the index of
// its last line. Lines that belong to an item lose up to twice that indentation.
func items(lines []string, at int) (list [][]string, last int) {
	for at < len(lines) && blank(lines[at]) {
		at++
	}
	if at == len(lines) {
		return nil, at
	}
	indent := spaces(lines[at])
	if indent == 0 {
		return nil, at - 1
	}
	list = [][]string{{lines[at][indent:]}}
	for at++; at < len(lines); at++ {
		line, own := lines[at], &list[len(list)-1]
		switch {
		case blank(line):
			*own = append(*own, "")
		case strings.HasPrefix(line, strings.Repeat(" ", 2*indent)):
			*own = append(*own, line[2*indent:])
		case strings.HasPrefix(line, strings.Repeat(" ", indent+1)):
			*own = append(*own, line[spaces(line):])
		case strings.HasPrefix(line, strings.Repeat(" ", indent)):
			list = append(list, []string{line[indent:]})
		default:
			return list, at - 1
		}
	}
	return list, at - 1
}

// block reads an indented block from line at on as one, and gives the index of its last line.
func block(lines []string, at int) (last int) {
	first := at
	for at < len(lines) && blank(lines[at]) {
		at++
	}
	if at == len(lines) {
		return at
	}
	indent := spaces(lines[at])
	if indent == 0 {
		return first - 1
	}
	for at++; at < len(lines) && (blank(lines[at]) || strings.HasPrefix(lines[at], strings.Repeat(" ", indent))); {
		at++
	}
	return at - 1
}

// pairs gives the text of each item by its name: `name: text` or `name (type): text`.
func pairs(items [][]string) map[string]string {
	out := map[string]string{}
	for _, item := range items {
		name, text, ok := strings.Cut(item[0], ":")
		if !ok {
			continue
		}
		if before, _, typed := strings.Cut(name, "("); typed && strings.HasSuffix(name, ")") {
			name = strings.TrimSpace(before)
		}
		all := slices.Concat([]string{strings.TrimLeftFunc(text, unicode.IsSpace)}, item[1:])
		out[name] = strings.TrimRight(strings.Join(all, "\n"), "\n")
	}
	return out
}

func blank(line string) bool { return strings.TrimSpace(line) == "" }

func spaces(line string) int { return len(line) - len(strings.TrimLeftFunc(line, unicode.IsSpace)) }
