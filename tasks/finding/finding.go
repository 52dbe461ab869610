// Package finding holds judgements about the user's files as plain data: a rule's code, how bad it is, the place, what is
// wrong, why it matters and how to fix it.
//
// Start with [Catalogue]: each package that finds something has a table of its rules, and [Catalogue.New] makes the findings. Readers of files (config,
// manifest, flow) and the rules of package check all return a [List]; nothing stops at the first finding. Which deployments an error blocks
// follows from its [Scope], never from its code or its words, which are for people.
package finding

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Severity says how bad a finding is.
type Severity int

// The severities, in rising order.
const (
	Note    Severity = iota // worth knowing
	Warning                 // works, but probably not as meant
	Error                   // blocks the deployments it concerns
)

// String gives the severity as shown in front of a message.
func (s Severity) String() string {
	if words := severities(); s >= 0 && int(s) < len(words) {
		return words[s]
	}
	return "unknown"
}

func severities() []string { return []string{"note", "warning", "error"} }

// SeverityOf gives the severity of a word; false for none.
func SeverityOf(word string) (Severity, bool) {
	at := slices.Index(severities(), word)
	return Severity(at), at >= 0
}

// MarshalText makes JSON output carry the word.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Position is a place in one of the user's files. File is relative to the repository's root with forward slashes, or a name in
// angle brackets for what is no file, such as <environment>. Line and Column count from 1; 0 means unknown. Key is a dotted
// path in a settings file.
type Position struct {
	File   string `json:"file,omitempty"`
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
	Key    string `json:"key,omitempty"`
}

// String gives file:line:column as editors understand it, leaving out what is unknown.
func (p Position) String() string {
	s := p.File
	if p.Line > 0 {
		s = fmt.Sprintf("%s:%d", s, p.Line)
	}
	if p.Line > 0 && p.Column > 0 {
		s = fmt.Sprintf("%s:%d", s, p.Column)
	}
	return s
}

// Keyed gives the position under that key where it has none yet, as one in a file's middle.
func (p Position) Keyed(key string) Position {
	p.Key = cmp.Or(p.Key, key)
	return p
}

// Finding is one judgement. Code and Message are never empty.
type Finding struct {
	Code     string   `json:"code"` // the rule's stable name, such as "python-syntax"
	Severity Severity `json:"severity"`
	Scope    Scope    `json:"-"`
	Position Position `json:"position,omitzero"`
	// Subject is the flow or deployment that the finding is about, where Position can't tell.
	Subject string `json:"subject,omitempty"`
	Message string `json:"message"`       // what is wrong, with the value
	Why     string `json:"why,omitempty"` // what would happen
	Fix     string `json:"fix,omitempty"` // what to do
	Edit    Edit   `json:"edit,omitzero"` // do it; without Old there is none
	// Source is the line that Position names, and Caret the column in it to point at, from 1, or 0 for none; for what is easier shown than said.
	Source string `json:"source,omitempty"`
	Caret  int    `json:"-"`
}

// String gives the finding as text: one line for the message, indented lines for why and fix.
func (f Finding) String() string {
	var b strings.Builder
	if place := f.Position.String(); place != "" {
		b.WriteString(place + ": ")
	}
	fmt.Fprintf(&b, "%s: ", f.Severity)
	if f.Subject != "" {
		b.WriteString(f.Subject + ": ")
	}
	fmt.Fprintf(&b, "%s [%s]", f.Message, f.Code)
	if f.Source != "" {
		b.WriteString("\n      " + f.Source)
		if f.Caret > 0 {
			b.WriteString("\n      " + pointer(f.Source, f.Caret))
		}
	}
	if f.Why != "" {
		b.WriteString("\n    why: " + f.Why)
	}
	if f.Fix != "" {
		b.WriteString("\n    fix: " + f.Fix)
	}
	return b.String()
}

// pointer gives a caret below a column of a line. Tabs stay, so that it stands right however wide they are shown.
func pointer(line string, column int) string {
	var b strings.Builder
	for i, r := range []rune(line) {
		if i+1 >= column {
			break
		}
		if r != '\t' {
			r = ' '
		}
		b.WriteRune(r)
	}
	for b.Len() < column-1 && len([]rune(line)) < column-1 { // behind the line's end
		b.WriteByte(' ')
	}
	return b.String() + "^"
}

// List is a set of findings.
type List []Finding

// Sorted gives the findings by file, line, column, severity (worst first), code and message, without exact repeats.
func (l List) Sorted() List {
	out := slices.Clone(l)
	slices.SortStableFunc(out, func(a, b Finding) int {
		return cmp.Or(
			cmp.Compare(a.Position.File, b.Position.File),
			cmp.Compare(a.Position.Line, b.Position.Line),
			cmp.Compare(a.Position.Column, b.Position.Column),
			cmp.Compare(b.Severity, a.Severity),
			cmp.Compare(a.Code, b.Code),
			cmp.Compare(a.Subject, b.Subject),
			cmp.Compare(a.Message, b.Message),
		)
	})
	return slices.Compact(out)
}

// Count gives how many findings have the severity.
func (l List) Count(s Severity) int {
	return len(l.Where(func(f Finding) bool { return f.Severity == s }))
}

// Where gives the findings for which that is true; nil when there are none.
func (l List) Where(is func(Finding) bool) List {
	var out List
	for _, f := range l {
		if is(f) {
			out = append(out, f)
		}
	}
	return out
}

// HasErrors tells whether any finding is an error.
func (l List) HasErrors() bool {
	return slices.ContainsFunc(l, func(f Finding) bool { return f.Severity == Error })
}
