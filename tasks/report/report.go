// Package report gives what verify has found in the form that its reader takes: text for people, JSON for programs, and the forms in which CI systems and
// editors want findings.
//
// Start with [Report], which is plain data, and [Report.Bytes], which turns it into one [Format]. Each format is a file. What comes out is inert in the place
// where that format is shown, whatever names and messages hold: texts pass console.Inert before they are escaped as the format wants it. Secrets are the
// caller's to mask, by [Report.Mapped], before anything is encoded.
package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/ladder"
)

// Number is that of the form that JSON has. It grows when a program that reads it has to change.
const Number = 1

// Format is how a report is written.
type Format string

// The formats.
const (
	Text     Format = "text"
	JSON     Format = "json"
	SARIF    Format = "sarif"
	JUnit    Format = "junit"
	GitHub   Format = "github"
	GitLab   Format = "gitlab"
	Markdown Format = "markdown"
)

// Formats gives all of them.
func Formats() []Format { return []Format{Text, JSON, SARIF, JUnit, GitHub, GitLab, Markdown} }

// ParseFormat gives a format by its name; "" is text. The error is a fault of code Usage.
func ParseFormat(word string) (Format, error) {
	if word == "" {
		return Text, nil
	}
	all := Formats()
	if f := Format(word); slices.Contains(all, f) {
		return f, nil
	}
	names := make([]string, len(all))
	for i, f := range all {
		names[i] = string(f)
	}
	next := "-format=" + strings.Join(names, ", or ")
	if near := finding.Nearest(word, names); near != "" {
		next = "-format=" + near
	}
	return "", &fault.Error{
		Code: fault.Usage, What: fmt.Sprintf("%q is no format; nothing was run", word), Why: "there are " + strings.Join(names, ", "), Next: next,
	}
}

// Report is what was found, and what one has to know of it.
type Report struct {
	Version  string            // of the tool
	Env      string            // the environment whose settings counted
	Home     string            // the file that stands for what stands in none: the environment's settings
	Prefix   string            // where the files' names count from, below the top of the repository; "" at the top, else with a slash at its end
	Findings finding.List      // nil: no rule was asked
	Rules    finding.Catalogue // those of the findings
	Flows    []Flow            // that were looked at
	Rungs    ladder.Rungs      // of the world
	Since    *Since            // nil: everything was looked at
}

// Flow is one that was looked at, whether something was found or not.
type Flow struct{ Name, File string }

// Since says that only a part was looked at, and which.
type Since struct {
	Ref     string   `json:"ref"`      // as it was typed
	Base    string   `json:"base"`     // the commit that counts as before
	Changed []string `json:"changed"`  // files, from the project's root
	Flows   []string `json:"flows"`    // that the changes concern
	LeftOut []string `json:"left_out"` // flows that they don't
	Hidden  int      `json:"hidden"`   // findings about the latter
}

// Bytes gives the report in a format. view says how text is shown; other formats don't need it.
func (r Report) Bytes(f Format, view View) ([]byte, error) {
	r.Findings = r.Findings.Sorted()
	switch f {
	case JSON:
		return r.json()
	case SARIF:
		return r.sarif()
	case JUnit:
		return r.junit()
	case GitHub:
		return []byte(r.github()), nil
	case GitLab:
		return r.gitlab()
	case Markdown:
		return []byte(r.markdown()), nil
	case Text:
		return []byte(console.Inert(r.Text(view), console.Terminal)), nil
	}
	return nil, fmt.Errorf("there is no format %q", f)
}

// Mapped gives the report with every text in it that comes from elsewhere changed, for instance masked.
func (r Report) Mapped(change func(string) string) Report {
	r.Findings = slices.Clone(r.Findings)
	for i := range r.Findings {
		f := &r.Findings[i]
		for _, text := range []*string{&f.Position.File, &f.Position.Key, &f.Subject, &f.Message, &f.Why, &f.Fix, &f.Source, &f.Edit.File, &f.Edit.Old, &f.Edit.New} {
			*text = change(*text)
		}
	}
	r.Rungs = slices.Clone(r.Rungs)
	for i := range r.Rungs {
		x := &r.Rungs[i]
		x.Name, x.Detail, x.Why, x.Next = change(x.Name), change(x.Detail), change(x.Why), change(x.Next)
	}
	r.Flows = slices.Clone(r.Flows)
	for i, f := range r.Flows {
		r.Flows[i] = Flow{change(f.Name), change(f.File)}
	}
	if r.Since != nil {
		s := *r.Since
		s.Ref = change(s.Ref)
		for _, list := range []*[]string{&s.Changed, &s.Flows, &s.LeftOut} {
			*list = slices.Clone(*list)
			for i, text := range *list {
				(*list)[i] = change(text)
			}
		}
		r.Since = &s
	}
	return r
}

// Totals counts errors and warnings.
func (r Report) Totals() string {
	return console.Count(r.Findings.Count(finding.Error), "error") + ", " + console.Count(r.Findings.Count(finding.Warning), "warning")
}

// line makes a text inert as a part of one line, of bearable length.
func line(text string) string { return console.Inert(text, console.Line) }

// lines makes a text of several lines inert, each of bearable length.
func lines(text string) string {
	all := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	for i, one := range all {
		all[i] = line(one)
	}
	return strings.Join(all, "\n")
}

// told gives a finding in words, for formats that have its place and its severity elsewhere.
func told(f finding.Finding) string {
	return sentences(part{"", about(f)}, part{"why: ", f.Why}, part{"fix: ", f.Fix})
}

// about gives what is wrong, and with what.
func about(f finding.Finding) string {
	if f.Subject == "" {
		return f.Message
	}
	return f.Subject + ": " + f.Message
}

// stood gives a rung in words, for formats that have its name and its state elsewhere.
func stood(x ladder.Rung) string {
	return sentences(part{"", x.Detail}, part{"why: ", x.Why}, part{"next: ", x.Next})
}

type part struct{ label, text string }

// sentences gives the parts that are there, each on lines of its own.
func sentences(parts ...part) string {
	var out []string
	for _, p := range parts {
		if p.text != "" {
			out = append(out, p.label+strings.ReplaceAll(p.text, "\n", "\n  ")) // no text begins a line of ours
		}
	}
	return lines(strings.Join(out, "\n"))
}
