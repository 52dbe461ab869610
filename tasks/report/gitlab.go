package report

import (
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/ladder"
)

// issue is an entry of GitLab's Code Quality report, a part of what Code Climate describes (https://docs.gitlab.com/ci/testing/code_quality/).
type issue struct {
	Description string   `json:"description"`
	Check       string   `json:"check_name"`
	Fingerprint string   `json:"fingerprint"`
	Severity    string   `json:"severity"`
	Location    location `json:"location"`
}

type location struct {
	Path  string `json:"path"`
	Lines begin  `json:"lines"`
}

type begin struct {
	Begin int `json:"begin"`
}

// gitlab writes a Code Quality report, which GitLab shows in merge requests beside the code.
func (r Report) gitlab() ([]byte, error) {
	out, marks := make([]issue, 0, len(r.Findings)), prints(r.Findings)
	for i, f := range r.Findings {
		file, _ := r.place(f.Position)
		out = append(out, issue{
			Description: line(joined(told(f))), Check: line(f.Code), Fingerprint: marks[i], Severity: graded(f.Severity),
			Location: location{line(file), begin{max(f.Position.Line, 1)}},
		})
	}
	file, _ := r.place(finding.Position{})
	said := sayings{}
	for _, x := range notWell(r.Rungs) {
		severity := finding.Error
		if x.State == ladder.Warned {
			severity = finding.Warning
		}
		out = append(out, issue{
			Description: line(joined(x.Name + ": " + stood(x))), Check: checkRule, Fingerprint: said.print(checkRule, x.Name, x.Detail), Severity: graded(severity),
			Location: location{line(file), begin{1}},
		})
	}
	return encoded(out)
}

// graded gives a severity in GitLab's words: an error stands in the way of a deploy.
func graded(s finding.Severity) string {
	switch s {
	case finding.Error:
		return "critical"
	case finding.Warning:
		return "minor"
	case finding.Note:
		return "info"
	}
	return "info"
}
