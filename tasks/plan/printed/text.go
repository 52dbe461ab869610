// Package printed writes a plan for people: [Text] for a terminal, [Markdown] for a pull request. [Differs] compares a plan with one that somebody
// has read.
package printed

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/canonical"
	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/plan"
)

// Paint colours a text; console.Console's Paint is one.
type Paint func(console.Color, string) string

// Text writes the plan for people: a line for each thing that changes, with its changes below, and a summary. Unchanged
// deployments are counted, not listed.
func Text(w io.Writer, paint Paint, p plan.Plan) error {
	var b strings.Builder
	for _, x := range p.Pools {
		entry{x.Op, plan.PoolTitle(x.Name), fmt.Sprintf("work pool %s (%s)", x.Name, x.Type), x.Stays, x.Changes, x.Reasons, x.Notes}.write(&b, paint)
	}
	var before finding.List // what blocks the one before
	called := titles(p)
	for i, a := range p.Actions {
		full, reasons := called[i], a.Reasons
		if a.Op == plan.Delete || a.Op == plan.Leftover {
			full = fmt.Sprintf("%s (flow %s)", a.Name, a.Flow)
		}
		if len(reasons) > 0 && slices.EqualFunc(before, reasons, finding.Finding.Same) {
			full, reasons = full+", as the one before", nil
		}
		before = a.Reasons
		entry{a.Op, a.Name, full, a.Stays, a.Changes, reasons, a.Notes}.write(&b, paint)
	}
	fmt.Fprintf(&b, "%s\n", p.Summary())
	_, err := io.WriteString(w, b.String())
	return err
}

// titles gives what each deployment is called: its name, and in front of it the flow's where another one has that name, too.
func titles(p plan.Plan) []string {
	times := map[string]int{}
	for _, a := range p.Actions {
		times[a.Name]++
	}
	out := make([]string, len(p.Actions))
	for i, a := range p.Actions {
		out[i] = a.Name
		if deleted := a.Op == plan.Delete || a.Op == plan.Leftover; times[a.Name] > 1 && a.Flow != "" && !deleted { // of those the flow is told anyway
			out[i] = a.Flow + "/" + a.Name
		}
	}
	return out
}

// Update writes for people, as a plan does, what is changed of a deployment.
func Update(w io.Writer, paint Paint, name string, changes []canonical.Change) error {
	var b strings.Builder
	entry{op: plan.Update, full: name, changes: changes}.write(&b, paint)
	_, err := io.WriteString(w, b.String())
	return err
}

// entry is one thing in a plan's text.
type entry struct {
	op      plan.Op
	name    string // for notes
	full    string
	stays   string
	changes []canonical.Change
	reasons finding.List
	notes   []string
}

func (e entry) write(b *strings.Builder, paint Paint) {
	for _, n := range e.notes {
		fmt.Fprintf(b, "%s %s: %s\n", paint(console.Dim, "· note"), e.name, n)
	}
	switch e.op {
	case plan.Create:
		fmt.Fprintf(b, "%s %s\n", paint(console.Green, "+ create"), e.full)
	case plan.Update:
		fmt.Fprintf(b, "%s %s\n", paint(console.Yellow, "~ update"), e.full)
	case plan.Blocked:
		fmt.Fprintf(b, "%s %s\n", paint(console.Red, "! blocked"), e.full)
		for _, f := range e.reasons {
			fmt.Fprintf(b, "    %s [%s]\n", f.Message, f.Code)
			if f.Fix != "" {
				fmt.Fprintf(b, "      fix: %s\n", f.Fix)
			}
		}
	case plan.Delete:
		fmt.Fprintf(b, "%s %s\n", paint(console.Red, "- delete"), e.full)
	case plan.Leftover:
		fmt.Fprintf(b, "%s %s: %s\n", paint(console.Yellow, "? left over"), e.full, e.stays)
	default:
		return
	}
	for _, c := range e.changes {
		fmt.Fprintf(b, "    %s\n", changeText(c, e.op))
	}
}

// Markdown writes the plan for a pull request: a heading with the summary, a table of what changes, and the changes of each
// deployment folded below it.
func Markdown(w io.Writer, p plan.Plan) error {
	var b strings.Builder
	fmt.Fprintf(&b, "### %s to %s\n\n%s\n", marked(p.Project), marked(p.Env), marked(p.Summary()))
	shown := func(x plan.Pool) bool { return x.Op != plan.Unchanged }
	if !p.Empty() || p.Count(plan.Blocked)+p.Count(plan.Leftover) > 0 || slices.ContainsFunc(p.Pools, shown) {
		b.WriteString("\n| what | deployment | flow |\n| --- | --- | --- |\n")
	}
	for _, x := range p.Pools {
		if shown(x) {
			fmt.Fprintf(&b, "| %s | work pool %s (%s) | |\n", x.Op, code(x.Name), marked(x.Type))
		}
	}
	for _, a := range p.Actions {
		if a.Op != plan.Unchanged {
			fmt.Fprintf(&b, "| %s | %s | %s |\n", a.Op, code(a.Name), marked(a.Flow))
		}
	}
	for _, x := range p.Pools {
		folded(&b, x.Op, plan.PoolTitle(x.Name), x.Changes, x.Reasons)
	}
	for _, a := range p.Actions {
		folded(&b, a.Op, a.Name, a.Changes, a.Reasons)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// folded writes the changes of one thing, or what blocks it.
func folded(b *strings.Builder, op plan.Op, name string, changes []canonical.Change, reasons finding.List) {
	lines := make([]string, 0, len(changes)+len(reasons))
	for _, c := range changes {
		lines = append(lines, changeText(c, op))
	}
	for _, f := range reasons {
		lines = append(lines, f.Message+" ["+f.Code+"]")
	}
	if len(lines) > 0 && op != plan.Unchanged {
		all := strings.Join(lines, "\n")
		fmt.Fprintf(b, "\n<details><summary>%s %s</summary>\n\n%[3]stext\n%[4]s\n%[3]s\n\n</details>\n", op, console.Inert(name, console.HTML), fence(all), all)
	}
}

// changeText gives "field: old -> new"; of something new only the value.
func changeText(c canonical.Change, op plan.Op) string {
	switch {
	case op == plan.Create:
		return fmt.Sprintf("%s: %s", c.Field, canonical.Short(c.To))
	case c.From == nil:
		return fmt.Sprintf("%s: (not set) -> %s", c.Field, canonical.Short(c.To))
	case c.To == nil:
		return fmt.Sprintf("%s: %s -> (removed)", c.Field, canonical.Short(c.From))
	default:
		return fmt.Sprintf("%s: %s -> %s", c.Field, canonical.Short(c.From), canonical.Short(c.To))
	}
}

// marked gives a text of a repository or a server as part of a line of Markdown.
func marked(text string) string { return console.Inert(text, console.Markdown) }

// code gives a name as code, unless it has what would end that.
func code(name string) string {
	line := console.Inert(name, console.Line)
	if strings.ContainsAny(line, "`|") {
		return marked(name)
	}
	return "`" + line + "`"
}

// fence gives the marks around lines of text: longer than any in them.
func fence(text string) string {
	marks := "```"
	for strings.Contains(text, marks) {
		marks += "`"
	}
	return marks
}
