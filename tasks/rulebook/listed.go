package rulebook

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/flowmage/flowmage/tasks/finding"
)

// Listed is a rule as programs get it.
type Listed struct {
	Code     string           `json:"code"`
	Severity finding.Severity `json:"severity"`
	Firm     bool             `json:"firm"` // its errors can be neither lowered nor ignored
	Needs    []string         `json:"needs"`
	Means    string           `json:"means"`
	Why      string           `json:"why,omitempty"`
	Unless   string           `json:"unless,omitempty"`
	Formerly string           `json:"formerly,omitempty"`
	At       string           `json:"at,omitempty"` // where the finding stands in the bad files
	Bad      []File           `json:"bad,omitempty"`
	Good     []File           `json:"good,omitempty"`
	run      string
}

// List gives rules by their codes, sorted.
func List(rules finding.Catalogue) []Listed {
	out := make([]Listed, 0, len(rules))
	for _, code := range slices.Sorted(maps.Keys(rules)) {
		r := rules[code]
		e, _ := ExampleOf(code)
		out = append(out, Listed{
			Code: code, Severity: r.Severity, Firm: r.Firm, Needs: r.Needs.Words(), Means: r.Means, Why: r.Why, Unless: r.Unless, Formerly: r.Formerly,
			At: e.At, Bad: e.Bad, Good: e.Good, run: e.Run,
		})
	}
	return out
}

// Table gives a line for each rule.
func Table(list []Listed) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "CODE\tSEVERITY\tNEEDS\tWHAT IS WRONG")
	for _, l := range list {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", l.Code, l.Severity, strings.Join(l.Needs, ", "), l.Means)
	}
	_ = w.Flush() // into memory
	return b.String()
}

// String explains a rule.
func (l Listed) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n", l.Code, l.Means)
	line := func(name, text string) {
		if text != "" {
			fmt.Fprintf(&b, "  %-10s%s\n", name, text)
		}
	}
	severity := l.Severity.String()
	if l.Unless != "" {
		severity += "; " + l.Unless
	}
	line("severity:", severity)
	line("needs:", strings.Join(l.Needs, ", "))
	line("why:", l.Why)
	line("formerly:", l.Formerly)
	if len(l.Bad) > 0 {
		fmt.Fprintf(&b, "\nWrong, which `%s` finds at %s:\n%s", l.Command(), l.At, shown(l.Bad))
		fmt.Fprintf(&b, "\nRight:\n%s", shown(l.Good))
	} else if test := Elsewhere()[l.Code]; test != "" {
		fmt.Fprintf(&b, "\nNo files show it; the project's test %s does.\n", test)
	}
	b.WriteString("\n" + l.quiet())
	return b.String()
}

// Command is what finds the example.
func (l Listed) Command() string {
	if strings.Contains(l.run, "-file=") {
		return "mage deploy:plan " + l.run
	}
	return strings.TrimSpace("mage verify:flows " + l.run)
}

// shown gives files with their names above them.
func shown(files []File) string {
	var b strings.Builder
	for _, f := range files {
		fmt.Fprintf(&b, "  %s\n", f.Name)
		for line := range strings.Lines(f.Text) {
			b.WriteString(strings.TrimRight("      "+strings.TrimRight(line, "\n"), " ") + "\n")
		}
	}
	return b.String()
}

// quiet says how the rule is given another severity, or switched off.
func (l Listed) quiet() string {
	if l.Firm && l.Severity == finding.Error {
		return "Its errors can be neither lowered nor ignored.\n"
	}
	another := map[finding.Severity]string{finding.Error: "warning", finding.Warning: "note"}[l.Severity]
	line := fmt.Sprintf("`rules: {%s: %s}`, or off", l.Code, another)
	if another == "" {
		line = fmt.Sprintf("`rules: {%s: off}`", l.Code)
	}
	return fmt.Sprintf("Otherwise, in envs/: %s. Once, where it stands: `# flowmage: ignore %s REASON`.\n", line, l.Code)
}
