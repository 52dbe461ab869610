package schema

import (
	"slices"
	"strings"
	"unicode"

	"github.com/flowmage/flowmage/tasks/pattern"

	"github.com/flowmage/flowmage/tasks/python"
)

// heading is the title line of a section or an admonition in a Google-style docstring.
var heading = pattern.New(`^([\pL\pN_][\s\pL\pN_\x{a0}-]*):(?:\s+\S.*)?\s*$`)

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
		last := past(lines, at)
		switch strings.ToLower(title[1]) {
		case "args", "arguments", "params", "parameters":
			if found := pairs(itemsOf(lines[at+1 : last+1])); len(found) > 0 { // an empty section does not count
				out = found
			}
		}
		at = last
	}
	return out
}

// introduces tells whether a title line has something below it: an empty line above, and no empty one between it and what is indented.
func introduces(lines []string, at int) bool {
	indented := func(n int) bool { return n < len(lines) && !blank(lines[n]) && strings.HasPrefix(lines[n], " ") }
	if !indented(at+1) && !indented(at+2) || at > 0 && !blank(lines[at-1]) {
		return false
	}
	return !indented(at+2) || !blank(lines[at+1])
}

// past gives the last line of the section whose title stands at line at.
func past(lines []string, at int) (last int) {
	margin := strings.Repeat(" ", spaces(lines[at+1]))
	if margin == "" {
		return at
	}
	for last = at + 1; last+1 < len(lines) && (blank(lines[last+1]) || strings.HasPrefix(lines[last+1], margin)); {
		last++
	}
	return last
}

// itemsOf splits an indented block where a line starts at the block's own indentation. Lines that belong to an item lose up to twice that
// indentation.
func itemsOf(block []string) (list [][]string) {
	for _, line := range block {
		indent := spaces(block[0])
		margin, own := strings.Repeat(" ", indent), len(list)-1
		switch {
		case blank(line):
			list[own] = append(list[own], "")
		case strings.HasPrefix(line, margin+margin):
			list[own] = append(list[own], line[2*indent:])
		case strings.HasPrefix(line, margin+" "):
			list[own] = append(list[own], line[spaces(line):])
		default:
			list = append(list, []string{line[indent:]})
		}
	}
	return list
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
