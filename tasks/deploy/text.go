package deploy

import (
	"fmt"
	"io"
	"strings"

	"github.com/flowmage/flowmage/tasks/console"
)

// Paint colours a text; console.Console's Paint is one.
type Paint func(console.Color, string) string

// WriteText writes the plan for people: a line for each thing that changes, with its changes below, and a summary. Unchanged
// deployments are counted, not listed.
func (p Plan) WriteText(w io.Writer, paint Paint) error {
	var b strings.Builder
	for _, pool := range p.Pools {
		fmt.Fprintf(&b, "%s work pool %s (%s)\n", paint(console.Green, "+ create"), pool.Name, pool.Type)
	}
	for _, a := range p.Actions {
		for _, n := range a.Notes {
			fmt.Fprintf(&b, "%s %s: %s\n", paint(console.Dim, "· note"), a.Name, n)
		}
		switch a.Op {
		case Create:
			fmt.Fprintf(&b, "%s %s\n", paint(console.Green, "+ create"), a.Name)
		case Update:
			fmt.Fprintf(&b, "%s %s\n", paint(console.Yellow, "~ update"), a.Name)
		case Blocked:
			fmt.Fprintf(&b, "%s %s\n", paint(console.Red, "! blocked"), a.Name)
			for _, f := range a.Reasons {
				fmt.Fprintf(&b, "    %s [%s]\n", f.Message, f.Code)
				if f.Fix != "" {
					fmt.Fprintf(&b, "      fix: %s\n", f.Fix)
				}
			}
		case Delete:
			fmt.Fprintf(&b, "%s %s\n", paint(console.Red, "- delete"), a.leftoverText())
		case Leftover:
			fmt.Fprintf(&b, "%s %s: %s\n", paint(console.Yellow, "? left over"), a.leftoverText(), a.Stays)
		case Unchanged:
			continue
		}
		for _, c := range a.Changes {
			fmt.Fprintf(&b, "    %s\n", c.text(a.Op))
		}
	}
	fmt.Fprintf(&b, "%s\n", p.Summary())
	_, err := io.WriteString(w, b.String())
	return err
}

// WriteMarkdown writes the plan for a pull request: a heading with the summary, a table of what changes, and the changes of each
// deployment folded below it.
func (p Plan) WriteMarkdown(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "### %s to %s\n\n%s\n", p.Project, p.Env, p.Summary())
	if !p.Empty() || p.Count(Blocked)+p.Count(Leftover) > 0 {
		b.WriteString("\n| what | deployment | flow |\n| --- | --- | --- |\n")
	}
	for _, pool := range p.Pools {
		fmt.Fprintf(&b, "| create | work pool `%s` (%s) | |\n", pool.Name, pool.Type)
	}
	for _, a := range p.Actions {
		if a.Op != Unchanged {
			fmt.Fprintf(&b, "| %s | `%s` | %s |\n", a.Op, a.Name, a.Flow)
		}
	}
	for _, a := range p.Actions {
		lines := make([]string, 0, len(a.Changes)+len(a.Reasons))
		for _, c := range a.Changes {
			lines = append(lines, c.text(a.Op))
		}
		for _, f := range a.Reasons {
			lines = append(lines, f.Message+" ["+f.Code+"]")
		}
		if len(lines) > 0 && a.Op != Unchanged {
			fmt.Fprintf(&b, "\n<details><summary>%s %s</summary>\n\n```text\n%s\n```\n\n</details>\n", a.Op, a.Name, strings.Join(lines, "\n"))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// text gives "field: old -> new"; of something new only the value.
func (c Change) text(op Op) string {
	switch {
	case op == Create:
		return fmt.Sprintf("%s: %s", c.Field, short(c.To))
	case c.From == nil:
		return fmt.Sprintf("%s: (not set) -> %s", c.Field, short(c.To))
	case c.To == nil:
		return fmt.Sprintf("%s: %s -> (removed)", c.Field, short(c.From))
	default:
		return fmt.Sprintf("%s: %s -> %s", c.Field, short(c.From), short(c.To))
	}
}

// short gives a value in one line of bearable length.
func short(v any) string {
	const most = 120
	text := []rune(compact(v))
	if len(text) > most {
		return string(text[:most]) + "…"
	}
	return string(text)
}
