package check

import (
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/flow"
)

// Blocking gives the errors among the findings that stand in the way of a flow: those in its file or in what that imports inside
// the repository, those about the flow by name, and those in settings, unless they are about another flow only.
func Blocking(findings finding.List, f flow.Flow) finding.List {
	var out finding.List
	for _, x := range findings {
		if x.Severity == finding.Error && concerns(x, f) {
			out = append(out, x)
		}
	}
	return out
}

// InFiles gives the errors in the flow's file and in what that imports inside the repository.
func InFiles(findings finding.List, f flow.Flow) finding.List {
	var out finding.List
	for _, x := range findings {
		if x.Severity == finding.Error && slices.Contains(f.Files, x.Position.File) {
			out = append(out, x)
		}
	}
	return out
}

// About gives the findings that concern any of the flows, of every severity.
func About(findings finding.List, flows []flow.Flow) finding.List {
	var out finding.List
	for _, x := range findings {
		if slices.ContainsFunc(flows, func(f flow.Flow) bool { return concerns(x, f) }) {
			out = append(out, x)
		}
	}
	return out
}

func concerns(x finding.Finding, f flow.Flow) bool {
	if slices.Contains(f.Files, x.Position.File) {
		return true
	}
	if strings.HasSuffix(x.Position.File, ".py") {
		return false
	}
	if x.Subject != "" {
		return x.Subject == f.Name
	}
	if path.Base(x.Position.File) == config.BesideFile {
		return path.Dir(x.Position.File) == f.Dir()
	}
	// A setting below flows.<name> concerns that flow; an override that matches nothing concerns none; any other setting all.
	if rest, ok := strings.CutPrefix(x.Position.Key, "flows."); ok {
		name, _, _ := strings.Cut(rest, ".")
		return config.Matches(name, f.Names()...)
	}
	return true
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func show(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(data)
}
