package manifest

import (
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/flowmage/flowmage/tasks/finding"
)

// droppedWhole is why an error in one entry stands in the way of all: Prefect's command line reads the file by a model, and what does not fit that
// is a reason to deploy nothing of it (Prefect: cli/deploy/_config.py, _models.py). Whatever else is wrong concerns its own entry.
const droppedWhole = "Prefect drops the whole file for it, and deploys nothing of it"

// drop reports an error for which Prefect drops the whole file. Triggers it reads later, one after the other, and of a list of tags it takes anything.
func (r *reader) drop(n *yaml.Node, key, code, fix, format string, args ...any) {
	r.Fail(n, key, code, fix, format, args...)
	if f := &r.Findings[len(r.Findings)-1]; !strings.HasPrefix(key, "triggers.") && key != "tags" && key != "env" {
		f.Why = droppedWhole
	}
}

// owned gives what was found from a place on to one entry, but for that for which Prefect drops the whole file.
func (r *reader) owned(from int, scope finding.Scope, name string) {
	for i := range r.Findings[from:] {
		if f := &r.Findings[from+i]; f.Why != droppedWhole && f.Scope == finding.Everything() {
			f.Scope = scope
			if f.Subject == "" && !strings.Contains(f.Message, strconv.Quote(name)) {
				f.Subject = name
			}
		}
	}
}

// Scope is that of what is wrong with the deployment alone.
func (d Deployment) Scope() finding.Scope { return finding.OfEntry(d.Position, d.Name) }

// Concerned tells whether a finding is about the deployment alone, or about steps that it takes over.
func (d Deployment) Concerned(f finding.Finding) bool {
	return f.Scope == d.Scope() || slices.Contains(d.Defaults, f.Scope)
}
