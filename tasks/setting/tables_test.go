package setting

import (
	"fmt"
	"strings"
)

// Tables are the rows of docs/settings.md, as Markdown, for each of its tables in turn.
func Tables() [][]string {
	flows := row{Flows, namesOf(OfFlow(), "flows: {rpa1: {concurrency: 1}}"), flowsHelp, none}
	return [][]string{
		lines("", append(environment(), severities()...)), lines("", append(perFlow(), flows)), lines("", containers()), lines("flows.<name>.", single()),
		lines("", code()), lines("", guards()), lines("schedules[].", schedules()), lines("", scale()),
	}
}

func lines(under string, rows []row) []string {
	out := make([]string, 0, len(rows))
	for _, r := range rows {
		if r.Form != Object { // its parts have lines
			out = append(out, strings.ReplaceAll(fmt.Sprintf("| `%s%s` | %s | %s | `%s` |", under, r.key, r.help, r.shown(), r.Example), "|  |", "| |"))
		}
	}
	return out
}

// told gives help and default as a line for editors, which know neither Markdown's quotes nor its links.
func (s Spec) told() string {
	out := s.help
	if s.fallback != "" {
		out += ". Default: " + s.fallback
	}
	for {
		before, link, found := strings.Cut(out, " ([")
		if !found {
			return strings.ReplaceAll(out, "`", "")
		}
		_, after, _ := strings.Cut(link, "))")
		out = before + after
	}
}
