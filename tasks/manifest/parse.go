package manifest

import (
	"fmt"

	"go.yaml.in/yaml/v3"

	"github.com/flowmage/flowmage/tasks/document"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/schedule"
)

// Parse reads a manifest; name is the file's name for findings. With any finding of severity error the manifest holds what
// could be read.
func Parse(name string, data []byte) (Manifest, finding.List) {
	r := &reader{Reader: document.Reader{File: name, Rules: catalogue}}
	root, findings := document.Read(name, data)
	r.Findings = findings
	switch {
	case root == nil && len(findings) == 0:
		r.Fail(&yaml.Node{Line: 1}, "", "manifest-empty", "list deployments under `deployments:`", "the file is empty")
		return Manifest{}, r.Findings
	case root == nil:
		return Manifest{}, r.Findings
	case root.Kind != yaml.MappingNode:
		r.Fail(root, "", "manifest-type", "start with `deployments:`", "the file must be a mapping, this is %s", document.Kind(root))
		return Manifest{}, r.Findings
	}
	m := r.manifest(root)
	r.unique(m)
	return m, r.Findings
}

// reader collects findings while it walks the YAML nodes of one file.
type reader struct {
	document.Reader

	judge schedule.Memory
	marks map[string]finding.Position // of texts with placeholders, by text; nil: none so far
}

// unique reports deployments of one flow file and function that share a name.
func (r *reader) unique(m Manifest) {
	seen := map[string]finding.Position{}
	for _, d := range m.Deployments {
		key := d.Entrypoint + "\x00" + d.Name
		if first, ok := seen[key]; ok && d.Name != "" {
			r.Findings = append(r.Findings, catalogue.New("deployment-duplicate", finding.OfDeployment(d.Name), finding.Finding{
				Position: d.Position, Subject: d.Name,
				Message: fmt.Sprintf("the deployment %q of %s stands at line %d already", d.Name, d.Entrypoint, first.Line),
				Fix:     "give it another name",
			}))
			continue
		}
		seen[key] = d.Position
	}
}
