package report

import (
	"net/url"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/ladder"
	"github.com/flowmage/flowmage/tasks/pattern"
)

// What stands in every SARIF log. The structs below are those parts of SARIF 2.1.0 that are needed (https://docs.oasis-open.org/sarif/sarif/v2.1.0/); why no
// library writes it stands in docs/decisions/0029-outputs.md.
const (
	name        = "flowmage"
	home        = "https://github.com/flowmage/flowmage"
	rulesPage   = home + "/blob/main/docs/rules.md"
	sarifSchema = "https://json.schemastore.org/sarif-2.1.0.json"
	checkRule   = "deployment-check" // of rungs, which have no codes
)

type sarifLog struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []sarifRun `json:"runs"`
}

type sarifRun struct {
	Tool       sarifTool     `json:"tool"`
	Automation sarifID       `json:"automationDetails"`
	ColumnKind string        `json:"columnKind"`
	Results    []sarifResult `json:"results"`
}

type sarifID struct {
	ID string `json:"id"`
}

type sarifTool struct {
	Driver sarifDriver `json:"driver"`
}

type sarifDriver struct {
	Name    string      `json:"name"`
	Version string      `json:"version"`
	URI     string      `json:"informationUri"`
	Rules   []sarifRule `json:"rules"`
}

type sarifRule struct {
	ID      string     `json:"id"`
	Short   *sarifText `json:"shortDescription,omitempty"`
	Full    *sarifText `json:"fullDescription,omitempty"`
	HelpURI string     `json:"helpUri"`
	Default sarifLevel `json:"defaultConfiguration"`
}

type sarifText struct {
	Text string `json:"text"`
}

type sarifLevel struct {
	Level string `json:"level"`
}

type sarifResult struct {
	Rule      string            `json:"ruleId"`
	Index     int               `json:"ruleIndex"`
	Level     string            `json:"level"`
	Message   sarifText         `json:"message"`
	Locations []sarifLocation   `json:"locations"`
	Prints    map[string]string `json:"partialFingerprints,omitempty"`
}

type sarifLocation struct {
	Physical sarifPhysical `json:"physicalLocation"`
}

type sarifPhysical struct {
	Artifact sarifURI     `json:"artifactLocation"`
	Region   *sarifRegion `json:"region,omitempty"`
}

type sarifURI struct {
	URI string `json:"uri"`
}

type sarifRegion struct {
	Line   int `json:"startLine"`
	Column int `json:"startColumn,omitempty"`
}

// sarif writes SARIF 2.1.0, for code scanning of GitHub and others. A run is known by its environment, so that two of them don't replace each other.
func (r Report) sarif() ([]byte, error) {
	codes := r.codes()
	if len(notWell(r.Rungs)) > 0 {
		codes = append(codes, checkRule)
	}
	run := sarifRun{
		Tool:       sarifTool{sarifDriver{Name: name, Version: r.Version, URI: home, Rules: []sarifRule{}}},
		Automation: sarifID{line(name + "/" + r.Env + "/")}, ColumnKind: "unicodeCodePoints", Results: []sarifResult{},
	}
	for _, code := range codes {
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, r.sarifRule(code))
	}
	marks := prints(r.Findings)
	for i, f := range r.Findings {
		run.Results = append(run.Results, sarifResult{
			Rule: line(f.Code), Index: slices.Index(codes, f.Code), Level: f.Severity.String(), Message: sarifMessage(told(f)),
			Locations: []sarifLocation{r.location(f.Position)}, Prints: map[string]string{name + "/v1": marks[i]},
		})
	}
	for _, x := range notWell(r.Rungs) {
		run.Results = append(run.Results, sarifResult{
			Rule: checkRule, Index: len(codes) - 1, Level: levelOf(x.State), Message: sarifMessage(line(x.Name) + ": " + stood(x)),
			Locations: []sarifLocation{r.location(finding.Position{})},
		})
	}
	return encoded(sarifLog{sarifSchema, "2.1.0", []sarifRun{run}})
}

// codes gives those of the findings, sorted.
func (r Report) codes() []string {
	var out []string
	for _, f := range r.Findings {
		out = append(out, f.Code)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (r Report) sarifRule(code string) sarifRule {
	known, ok := r.Rules[code]
	if !ok {
		known.Severity = finding.Error // which says little: each result has its own
		if code == checkRule {
			known.Means = "something in the world is not as it should be"
		}
	}
	out := sarifRule{ID: line(code), HelpURI: rulesPage, Default: sarifLevel{known.Severity.String()}}
	if known.Means != "" {
		out.Short = &sarifText{sarifMessage(line(known.Means)).Text}
	}
	if known.Why != "" {
		out.Full = &sarifText{sarifMessage(line(known.Why)).Text}
	}
	return out
}

func levelOf(s ladder.State) string {
	if s == ladder.Warned {
		return finding.Warning.String()
	}
	return finding.Error.String()
}

func (r Report) location(p finding.Position) sarifLocation {
	file, here := r.place(p)
	out := sarifLocation{sarifPhysical{Artifact: sarifURI{address(file)}}}
	if here && p.Line > 0 {
		out.Physical.Region = &sarifRegion{p.Line, max(p.Column, 0)}
	}
	return out
}

// address gives a path as a relative address: every byte of it that means something there is written as its code.
func address(file string) string {
	parts := strings.Split(file, "/")
	for i, p := range parts {
		parts[i] = strings.ReplaceAll(url.PathEscape(p), ":", "%3A") // a colon in the first part would end a scheme
	}
	return strings.Join(parts, "/")
}

var placeholder = pattern.New(`\{(\d+)\}`)

// sarifMessage gives a text in which nothing is a link or a placeholder (SARIF 3.11.5, 3.11.6).
func sarifMessage(text string) sarifText {
	if strings.Contains(text, "](") {
		text = strings.NewReplacer(`\`, `\\`, "[", `\[`, "]", `\]`).Replace(text)
	}
	return sarifText{placeholder.ReplaceAllString(text, "{{$1}}")}
}
