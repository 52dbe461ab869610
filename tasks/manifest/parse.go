package manifest

import (
	"fmt"
	"iter"

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
	for i, first := range repeated(m.Deployments) {
		r.Findings = append(r.Findings, duplicate(m.Deployments[i], "the deployment %q of %s stands at line %d already", m.Deployments[first]))
	}
}

// repeated gives the deployments of one flow that have the name of another one before, beside the first of that name.
func repeated(list []Deployment) iter.Seq2[int, int] {
	return func(yield func(int, int) bool) {
		seen := map[[2]string]int{}
		for i, d := range list {
			key := [2]string{d.Entrypoint, d.Name}
			if first, there := seen[key]; !there {
				seen[key] = i
			} else if d.Name != "" && !yield(i, first) {
				return
			}
		}
	}
}

func duplicate(d Deployment, message string, first Deployment) finding.Finding {
	return catalogue.New("deployment-duplicate", finding.OfDeployment(d.Name), finding.Finding{
		Position: d.Position, Subject: d.Name, Message: fmt.Sprintf(message, d.Name, d.Entrypoint, first.Position.Line), Fix: "give it another name",
	})
}
