package report

import (
	"fmt"
	"strings"

	"github.com/flowmage/flowmage/tasks/finding"
)

// github writes workflow commands, which GitHub's runner turns into annotations of a pull request:
// ::error file=a.py,line=3,col=7,title=code::message. Gitea and Forgejo know them too.
func (r Report) github() string {
	var b strings.Builder
	for _, f := range r.Findings {
		file, here := r.place(f.Position)
		var properties []string
		if here {
			properties = append(properties, "file="+property(file))
			if f.Position.Line > 0 {
				properties = append(properties, fmt.Sprintf("line=%d", f.Position.Line))
				if f.Position.Column > 0 {
					properties = append(properties, fmt.Sprintf("col=%d", f.Position.Column))
				}
			}
		}
		properties = append(properties, "title="+property(f.Code))
		b.WriteString(annotation(f.Severity, properties, told(f)))
	}
	for _, x := range notWell(r.Rungs) {
		severity := finding.Error
		if levelOf(x.State) == finding.Warning.String() {
			severity = finding.Warning
		}
		b.WriteString(annotation(severity, []string{"title=" + property(x.Name)}, stood(x)))
	}
	return b.String()
}

func annotation(s finding.Severity, properties []string, text string) string {
	command := map[finding.Severity]string{finding.Note: "notice", finding.Warning: "warning", finding.Error: "error"}[s]
	return "::" + command + " " + strings.Join(properties, ",") + "::" + data.Replace(text) + "\n"
}

// data and values escape what a runner would read as the end of a message or of a property (actions/toolkit: packages/core/src/command.ts).
var (
	data   = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")                         //nolint:gochecknoglobals // a constant
	values = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C") //nolint:gochecknoglobals // a constant
)

func property(text string) string { return values.Replace(line(text)) }
