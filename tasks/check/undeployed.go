package check

import (
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/flow"
)

// Undeployed makes notes of errors in the names of flows that are not deployed in the environment: those stand in nobody's way.
func Undeployed(env config.Env, flows []flow.Flow, findings finding.List) finding.List {
	if !slices.ContainsFunc(findings, ofName) { // as nearly always
		return findings
	}
	off := map[finding.Position]bool{}
	for _, f := range flows {
		off[finding.Position{File: f.File, Line: f.Line}] = !env.Settings(f.Names()...).Enabled
	}
	for i, x := range findings {
		if off[x.Position] && ofName(x) {
			findings[i].Severity = finding.Note
		}
	}
	return findings
}

// Deployed leaves out what [Undeployed] made notes of, for commands that are about deployments.
func Deployed(findings finding.List) finding.List {
	return slices.DeleteFunc(findings, func(x finding.Finding) bool { return x.Severity == finding.Note && ofName(x) })
}

func ofName(x finding.Finding) bool {
	return x.Code == "duplicate-flow-name" || strings.HasPrefix(x.Code, "flow-name-")
}
