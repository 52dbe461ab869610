package manifest

import (
	"fmt"
	"strconv"

	"go.yaml.in/yaml/v3"

	"github.com/flowmage/flowmage/tasks/document"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/schedule"
)

// Parse reads a manifest; name is the file's name for findings. With any finding of severity error the manifest holds what
// could be read.
func Parse(name string, data []byte) (Manifest, finding.List) {
	r := &reader{file: name}
	root, findings := document.Read(name, data)
	r.findings = findings
	switch {
	case root == nil && len(findings) == 0:
		r.fail(&yaml.Node{Line: 1}, "", "manifest-empty", "list deployments under `deployments:`", "the file is empty")
		return Manifest{}, r.findings
	case root == nil:
		return Manifest{}, r.findings
	case root.Kind != yaml.MappingNode:
		r.fail(root, "", "manifest-type", "start with `deployments:`", "the file must be a mapping, this is %s", kind(root))
		return Manifest{}, r.findings
	}
	m := r.manifest(root)
	r.unique(m)
	return m, r.findings
}

// reader collects findings while it walks the YAML nodes of one file.
type reader struct {
	file     string
	findings finding.List
	judge    schedule.Memory
	marks    map[string]finding.Position // of texts with placeholders, by text; nil: none so far
}

func (r *reader) at(n *yaml.Node, key string) finding.Position {
	return finding.Position{File: r.file, Line: n.Line, Column: n.Column, Key: key}
}

func (r *reader) fail(n *yaml.Node, key, code, fix, format string, args ...any) {
	r.findings = append(r.findings, catalogue.New(code, finding.Everything(), finding.Finding{
		Position: r.at(n, key), Message: fmt.Sprintf(format, args...), Fix: fix,
	}))
}

// unique reports deployments of one flow file and function that share a name.
func (r *reader) unique(m Manifest) {
	seen := map[string]finding.Position{}
	for _, d := range m.Deployments {
		key := d.Entrypoint + "\x00" + d.Name
		if first, ok := seen[key]; ok && d.Name != "" {
			r.findings = append(r.findings, catalogue.New("deployment-duplicate", finding.OfDeployment(d.Name), finding.Finding{
				Position: d.Position, Subject: d.Name,
				Message: fmt.Sprintf("the deployment %q of %s stands at line %d already", d.Name, d.Entrypoint, first.Line),
				Fix:     "give it another name",
			}))
			continue
		}
		seen[key] = d.Position
	}
}

func kind(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	case yaml.AliasNode:
		return kind(n.Alias)
	default:
		switch n.Tag {
		case document.Null:
			return "empty"
		case integer:
			return "the number " + n.Value
		case "!!float":
			return "the number " + n.Value
		case "!!bool":
			return "the truth value " + n.Value
		default:
			return strconv.Quote(n.Value)
		}
	}
}
