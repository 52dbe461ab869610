package schema

import (
	"regexp"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/python"
)

// heading is the title line of a section or an admonition in a Google-style docstring.
var heading = regexp.MustCompile(`^([\pL\pN_][\s\pL\pN_-]*):(?:\s+\S.*)?\s*$`)

// descriptions gives what a Google-style docstring says about each parameter, as Prefect shows it in the form for a run
// (Prefect: utilities/callables, parameter_docstrings; it reads them with griffe's Google parser). Of several parameter
// sections the last one counts.
func descriptions(doc string) map[string]string {
	// Twice, as there: the second time takes away what all lines below the first share.
	clean := python.CleanDoc(strings.TrimRight(python.CleanDoc(doc), " \t\n\r\v\f"))
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
		items, end := items(lines, at+1)
		switch strings.ToLower(title[1]) {
		case "args", "arguments", "params", "parameters":
			out = pairs(items)
		}
		at = max(at, end)
	}
	return out
}

// introduces tells whether a title line has a section below it: an empty line above, and an indented line right below.
func introduces(lines []string, at int) bool {
	above := at == 0 || blank(lines[at-1])
	return above && at+1 < len(lines) && !blank(lines[at+1]) && strings.HasPrefix(lines[at+1], " ")
}

// items reads an indented block from line at on, split where a line starts at the block's own indentation, and gives the index of
// its last line. Lines that belong to an item lose up to twice that indentation.
func items(lines []string, at int) (list [][]string, last int) {
	indent := spaces(lines[at])
	for ; at < len(lines); at++ {
		depth := spaces(lines[at])
		switch {
		case blank(lines[at]) && len(list) > 0:
			list[len(list)-1] = append(list[len(list)-1], "")
		case depth < indent:
			return list, at - 1
		case depth == indent || len(list) == 0:
			list = append(list, []string{lines[at][indent:]})
		default:
			list[len(list)-1] = append(list[len(list)-1], lines[at][min(depth, 2*indent):])
		}
	}
	return list, at - 1
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
		all := slices.Concat([]string{strings.TrimLeft(text, " \t")}, item[1:])
		out[name] = strings.TrimRight(strings.Join(all, "\n"), "\n")
	}
	return out
}

func blank(line string) bool { return strings.TrimSpace(line) == "" }

func spaces(line string) int { return len(line) - len(strings.TrimLeft(line, " ")) }
