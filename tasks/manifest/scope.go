package manifest

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/flowmage/flowmage/tasks/finding"
)

// droppedWhole is why an error in one entry stands in the way of all: Prefect's command line reads the file by a model, and what does not fit that
// is a reason to deploy nothing of it (Prefect: cli/deploy/_config.py, _models.py). Whatever else is wrong concerns its own entry.
const droppedWhole = "Prefect drops the whole file for it, and deploys nothing of it"

// drop reports an error for which Prefect drops the whole file. Triggers and the inputs of steps it reads later, one after the other, and of a list of tags
// it takes anything; but a text that is no YAML to it never gets so far.
func (r *reader) drop(n *yaml.Node, key, code, fix, format string, args ...any) {
	r.Fail(n, key, code, fix, format, args...)
	if f := &r.Findings[len(r.Findings)-1]; !r.loose && !strings.HasPrefix(key, "triggers.") && key != "tags" || code == "yaml-tag" {
		f.Why, f.Scope = droppedWhole, finding.OfManifest()
	}
}

// inInputs says that what is read from here on is inputs of steps, until what comes back is called.
func (r *reader) inInputs() func() {
	before := r.loose
	r.loose = true
	return func() { r.loose = before }
}

// owned gives what was found from a place on to one entry, but for that for which Prefect drops the whole file.
func (r *reader) owned(from int, scope finding.Scope, name string) {
	for i := range r.Findings[from:] {
		if f := &r.Findings[from+i]; f.Scope == finding.Everything() {
			f.Subject, f.Scope = name, scope
		}
	}
}

// Scope is that of what is wrong with the deployment alone.
func (d Deployment) Scope() finding.Scope { return finding.OfEntry(d.Position, d.Name) }

// Concerned tells whether a finding is about the deployment alone, about steps that it takes over, or about another entry that is the same deployment.
func (d Deployment) Concerned(f finding.Finding) bool {
	return f.Scope == d.Scope() || slices.Contains(d.Shares, f.Scope)
}
