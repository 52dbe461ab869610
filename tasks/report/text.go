package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/ladder"
)

// View says how text is shown. The zero value shows no colours and no source.
type View struct {
	Paint func(console.Color, string) string
	// Excerpt gives the line at a place, and the column in it to point at, from 1; "" for none that can be shown.
	Excerpt func(finding.Position) (text string, caret int)
}

func (v View) paint(color console.Color, text string) string {
	if v.Paint == nil {
		return text
	}
	return v.Paint(color, text)
}

// Text gives the report for people: findings by file, each with its line of source and each reason once, then the rungs. It is not inert yet, as it may have
// colours: consoles see to that.
func (r Report) Text(v View) string {
	var b strings.Builder
	b.WriteString(r.Told(v))
	if r.Findings != nil && !r.Findings.HasErrors() {
		b.WriteString(r.Well())
	}
	for _, x := range r.Rungs {
		b.WriteString(x.String() + "\n")
	}
	return b.String()
}

// Well says in a line what was looked at.
func (r Report) Well() string {
	return fmt.Sprintf("ok        %s, settings of %s\n", console.Count(len(r.Flows), "flow"), r.Env)
}

// Told gives the findings for people, what was left out, and how many there are.
func (r Report) Told(v View) string {
	var b strings.Builder
	var before finding.Position
	for i, f := range once(r.Findings.Sorted()) {
		if i > 0 && f.Position.File != before.File {
			b.WriteString("\n")
		}
		if f.Source == "" && v.Excerpt != nil && f.Position.Line > 0 && f.Position != before {
			f.Source, f.Caret = v.Excerpt(f.Position)
		}
		before = f.Position
		b.WriteString(console.Told(f, v.paint) + "\n")
	}
	if len(r.Findings) > 0 {
		b.WriteString(r.Totals() + "\n")
	}
	if r.Since != nil {
		b.WriteString(r.Since.String() + "\n")
	}
	return b.String()
}

// String says what was looked at, and what was left out.
func (s Since) String() string {
	files := console.Count(len(s.Changed), "file")
	if len(s.LeftOut) == 0 && s.Hidden == 0 {
		return fmt.Sprintf("since %s (%s): %s changed; all flows are concerned", line(s.Ref), short(s.Base), files)
	}
	text := fmt.Sprintf("since %s (%s): %s changed; %d of %s looked at", line(s.Ref), short(s.Base), files, len(s.Flows),
		console.Count(len(s.Flows)+len(s.LeftOut), "flow"))
	if len(s.LeftOut) > 0 {
		few, more := finding.Few(s.LeftOut, 10)
		text += "; left out: " + line(strings.Join(few, ", ")) + more
	}
	if s.Hidden > 0 {
		text += "; not shown: " + console.Count(s.Hidden, "finding") + " elsewhere"
	}
	return text
}

func short(commit string) string { return commit[:min(9, len(commit))] }

// notWell gives the rungs that failed or have a reservation.
func notWell(rungs ladder.Rungs) ladder.Rungs {
	return slices.DeleteFunc(slices.Clone(rungs), func(x ladder.Rung) bool { return x.State != ladder.Failed && x.State != ladder.Warned })
}
