package check

import (
	"slices"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/flow"
)

// Undeployed makes notes of errors in the names of flows that are not deployed in the environment: those stand in nobody's way. That two flows
// have one name is an error where both are deployed.
func Undeployed(env config.Env, flows []flow.Flow, findings finding.List) finding.List {
	if !slices.ContainsFunc(findings, ofName) { // as nearly always
		return findings
	}
	enabled := slices.DeleteFunc(slices.Clone(flows), func(f flow.Flow) bool { return !env.Settings(f.Names()...).Enabled })
	deployed, shared := map[string]bool{}, map[string]bool{} // by entrypoint
	for _, f := range enabled {
		deployed[f.Entrypoint] = true
	}
	for _, x := range flow.Namesakes(enabled) {
		shared[x.Scope.Name] = true
	}
	namesakes := flow.Namesakes(flows)
	for i, x := range findings {
		if !ofName(x) {
			continue
		}
		same := slices.Contains(namesakes, x)
		switch {
		case !deployed[x.Scope.Name], same && !shared[x.Scope.Name]:
			findings[i].Severity = finding.Note
		case same:
			findings[i].Fix += "; or leave one out, by `exclude` or `enabled` in envs/"
		}
	}
	return findings
}

// Deployed leaves out what [Undeployed] made notes of, for commands that are about deployments.
func Deployed(findings finding.List) finding.List {
	return slices.DeleteFunc(findings, func(x finding.Finding) bool { return x.Severity == finding.Note && ofName(x) })
}

// ofName tells whether the scan has a finding about one flow: that is about its name.
func ofName(x finding.Finding) bool { return x.Scope.Extent == finding.Flow }
