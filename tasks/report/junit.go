package report

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/ladder"
)

type testSuites struct {
	XMLName  xml.Name    `xml:"testsuites"`
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Errors   int         `xml:"errors,attr"`
	Suites   []testSuite `xml:"testsuite"`
}

type testSuite struct {
	Name     string     `xml:"name,attr"`
	Tests    int        `xml:"tests,attr"`
	Failures int        `xml:"failures,attr"`
	Errors   int        `xml:"errors,attr"`
	Skipped  int        `xml:"skipped,attr"`
	File     string     `xml:"file,attr,omitempty"`
	Cases    []testCase `xml:"testcase"`
}

type testCase struct {
	Name    string   `xml:"name,attr"`
	Class   string   `xml:"classname,attr"`
	Time    string   `xml:"time,attr,omitempty"`
	Failure *failure `xml:"failure"`
	Skipped *skipped `xml:"skipped"`
	Out     string   `xml:"system-out,omitempty"`
}

type failure struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	Text    string `xml:",chardata"`
}

type skipped struct {
	Message string `xml:"message,attr"`
}

// junit writes JUnit's XML as Jenkins' xunit plugin describes it: a suite for each file, in which a finding is a case that fails if it is an error, and a flow
// of which nothing was found is one that passes; and a suite for the rungs.
func (r Report) junit() ([]byte, error) {
	out := testSuites{Name: line(name + " " + r.Env)}
	for _, s := range slices.Concat(r.fileSuites(), r.rungSuites()) {
		s.Tests = len(s.Cases)
		for _, c := range s.Cases {
			if c.Failure != nil {
				s.Failures++
			}
			if c.Skipped != nil {
				s.Skipped++
			}
		}
		out.Suites = append(out.Suites, s)
		out.Tests, out.Failures = out.Tests+s.Tests, out.Failures+s.Failures
	}
	text, err := xml.MarshalIndent(out, "", "  ")
	return slices.Concat([]byte(xml.Header), text, []byte("\n")), err
}

func (r Report) fileSuites() []testSuite {
	cases := map[string][]testCase{}
	for _, f := range r.Findings {
		file, _ := r.place(f.Position)
		cases[file] = append(cases[file], caseOf(f, file))
	}
	for _, f := range r.Flows {
		file := r.Prefix + f.File
		if !slices.ContainsFunc(r.Findings, func(x finding.Finding) bool { return x.Position.File == f.File }) {
			cases[file] = append(cases[file], testCase{Name: line(f.Name), Class: line(file)})
		}
	}
	var out []testSuite
	for file, list := range cases {
		out = append(out, testSuite{Name: line(file), File: line(file), Cases: list})
	}
	slices.SortFunc(out, func(a, b testSuite) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

func caseOf(f finding.Finding, file string) testCase {
	where := ""
	if f.Position.Line > 0 {
		where = fmt.Sprintf(" at line %d", f.Position.Line)
	}
	subject := ""
	if f.Subject != "" {
		subject = f.Subject + ": "
	}
	c := testCase{Name: line(subject + f.Code + where), Class: line(file)}
	if f.Severity == finding.Error {
		c.Failure = &failure{Message: line(f.Message), Type: line(f.Code), Text: told(f)}
	} else {
		c.Out = f.Severity.String() + ": " + told(f)
	}
	return c
}

func (r Report) rungSuites() []testSuite {
	if r.Rungs == nil {
		return nil
	}
	s := testSuite{Name: line("checks of " + r.Env)}
	for _, x := range r.Rungs {
		c := testCase{Name: line(x.Name), Class: line(r.Env), Time: strings.TrimSpace(fmt.Sprintf("%.3f", x.Seconds))}
		switch x.State {
		case ladder.Failed:
			c.Failure = &failure{Message: line(x.Detail), Type: checkRule, Text: stood(x)}
		case ladder.Skipped:
			c.Skipped = &skipped{line(x.Detail)}
		case ladder.Warned:
			c.Out = "warning: " + stood(x)
		case ladder.OK:
			c.Out = stood(x)
		}
		s.Cases = append(s.Cases, c)
	}
	return []testSuite{s}
}
