package check

import (
	"encoding/json"
	"fmt"
	"path"
	"slices"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/flow"
)

// Blocking gives the errors among the findings that stand in the way of a flow, by their scope: those about it, those in its file or in what
// that imports inside the repository, and those about all.
func Blocking(findings finding.List, f flow.Flow) finding.List {
	return findings.Where(func(x finding.Finding) bool { return x.Severity == finding.Error && concerns(x, f) })
}

// InFiles gives the errors in the flow's file and in what that imports inside the repository.
func InFiles(findings finding.List, f flow.Flow) finding.List {
	return findings.Where(func(x finding.Finding) bool {
		return x.Severity == finding.Error && slices.Contains(f.Files, x.Position.File)
	})
}

// About gives the findings that concern any of the flows, of every severity.
func About(findings finding.List, flows []flow.Flow) finding.List {
	return findings.Where(func(x finding.Finding) bool {
		return slices.ContainsFunc(flows, func(f flow.Flow) bool { return concerns(x, f) })
	})
}

// concerns tells whether a finding is about a flow. What is wrong in a file that it is made of is, whatever else it is about: the file is loaded
// as a whole.
func concerns(x finding.Finding, f flow.Flow) bool {
	switch name := x.Scope.Name; x.Scope.Extent {
	case finding.Flow: // an override that matches nothing concerns none
		return name == f.Entrypoint || slices.Contains(f.Files, x.Position.File) || config.Matches(name, f.Names()...)
	case finding.File:
		return slices.Contains(f.Files, name) || name == path.Join(f.Dir(), config.BesideFile)
	case finding.Deployment: // of a manifest
		return false
	default:
		return true
	}
}

func show(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(data)
}

// Undeployed makes notes of errors in the names of flows that are not deployed in the environment: those stand in nobody's way. That two flows
// have one name is an error where two of their deployments would be one, and a warning where their deployments have different names.
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
	one := united(env, enabled)
	namesakes := flow.Namesakes(flows)
	for i, x := range findings {
		if !ofName(x) {
			continue
		}
		same := slices.Contains(namesakes, x)
		switch {
		case !deployed[x.Scope.Name], same && !shared[x.Scope.Name]:
			findings[i].Severity = finding.Note
		case same && !one[x.Scope.Name]:
			findings[i].Severity = finding.Warning
		case same:
			findings[i].Fix += "; or leave one out, by `exclude` or `enabled` in envs/"
		}
	}
	return findings
}

// united gives the flows, by entrypoint, that have a deployment of which another flow has one too, by the names of both: the server keeps one.
func united(env config.Env, flows []flow.Flow) map[string]bool {
	first, out := map[[2]string]string{}, map[string]bool{}
	for _, f := range flows {
		for _, name := range deploymentNames(env, f) {
			key := [2]string{f.Name, name}
			if other, there := first[key]; there && other != f.Entrypoint {
				out[f.Entrypoint], out[other] = true, true
			} else {
				first[key] = f.Entrypoint
			}
		}
	}
	return out
}

// Deployed leaves out what [Undeployed] made notes of, for commands that are about deployments.
func Deployed(findings finding.List) finding.List {
	return slices.DeleteFunc(findings, func(x finding.Finding) bool { return x.Severity == finding.Note && ofName(x) })
}

// ofName tells whether the scan has a finding about one flow: that is about its name.
func ofName(x finding.Finding) bool { return x.Scope.Extent == finding.Flow }
