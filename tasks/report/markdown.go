package report

import (
	"fmt"
	"strings"

	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/ladder"
)

// largest bounds a page: a comment of GitHub takes 65,536 characters.
const largest = 60_000

// markdown writes a page for the summary of a job or a comment on a pull request.
func (r Report) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "### %s: %s\n", name, cell(r.Env))
	if r.Findings != nil {
		fmt.Fprintf(&b, "\n%s in %s.\n", r.Totals(), console.Count(len(r.Flows), "flow"))
	}
	if r.Since != nil {
		fmt.Fprintf(&b, "\n%s\n", cell(r.Since.String()))
	}
	var rows []string
	for _, f := range once(r.Findings) {
		where := f.Position.String()
		rows = append(rows, fmt.Sprintf("| %s | %s | %s | <code>%s</code> |\n", f.Severity, cell(where), explained(about(f), f.Why, f.Fix, "fix: "), cell(f.Code)))
	}
	table(&b, "| | where | what | rule |\n| --- | --- | --- | --- |\n", rows)
	rows = nil
	for _, x := range r.Rungs {
		if x.State == ladder.OK {
			continue
		}
		rows = append(rows, fmt.Sprintf("| %s | %s | %s |\n", x.State, cell(x.Name), explained(x.Detail, x.Why, x.Next, "next: ")))
	}
	table(&b, "| | check | what |\n| --- | --- | --- |\n", rows)
	if r.Rungs != nil {
		fmt.Fprintf(&b, "\n%s ok of %d.\n", console.Count(r.Rungs.Count(ladder.OK), "check"), len(r.Rungs))
	}
	return b.String()
}

// table writes as many rows as there is room for.
func table(b *strings.Builder, head string, rows []string) {
	if len(rows) == 0 {
		return
	}
	b.WriteString("\n" + head)
	for i, row := range rows {
		if b.Len()+len(row) > largest {
			fmt.Fprintf(b, "\nand %d more, which `-format=text` shows\n", len(rows)-i)
			return
		}
		b.WriteString(row)
	}
}

func explained(what, why, next, label string) string {
	out := cell(what)
	if why != "" {
		out += "<br>why: " + cell(why)
	}
	if next != "" {
		out += "<br>" + label + cell(next)
	}
	return out
}

// cell makes a text inert in a cell of a table; its lines stay lines.
func cell(text string) string {
	parts := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	for i, p := range parts {
		parts[i] = console.Inert(strings.TrimSpace(p), console.Markdown)
	}
	return strings.Join(parts, "<br>")
}

// joined makes one line of several.
func joined(text string) string { return strings.ReplaceAll(text, "\n", "; ") }
