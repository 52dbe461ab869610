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
