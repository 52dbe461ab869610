package check

import (
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/flow"
)

const sameName = "duplicate-flow-name"

// named is a flow at a place; several may stand on one line. word is its function, or its name.
type named struct {
	file, word string
	line       int
}

// Undeployed makes notes of errors in the names of flows that are not deployed in the environment: those stand in nobody's way. That two flows
// have one name is an error where both are deployed.
func Undeployed(env config.Env, flows []flow.Flow, findings finding.List) finding.List {
	if !slices.ContainsFunc(findings, ofName) { // as nearly always
		return findings
	}
	deployed, count := map[named]bool{}, map[string]int{}
	for _, f := range flows {
		if !env.Settings(f.Names()...).Enabled {
			continue
		}
		deployed[named{f.File, f.Function, f.Line}] = true
		if f.NameExpr == "" {
			deployed[named{f.File, f.Name, f.Line}] = true
			count[f.Name]++
		}
	}
	for i, x := range findings {
		switch {
		case !ofName(x):
		case !deployed[named{x.Position.File, x.Subject, x.Position.Line}], x.Code == sameName && count[x.Subject] < 2:
			findings[i].Severity = finding.Note
		case x.Code == sameName:
			findings[i].Fix += "; or leave one out, by `exclude` or `enabled` in envs/"
		}
	}
	return findings
}

// Deployed leaves out what [Undeployed] made notes of, for commands that are about deployments.
func Deployed(findings finding.List) finding.List {
	return slices.DeleteFunc(findings, func(x finding.Finding) bool { return x.Severity == finding.Note && ofName(x) })
}

func ofName(x finding.Finding) bool {
	return x.Code == sameName || strings.HasPrefix(x.Code, "flow-name-")
}
