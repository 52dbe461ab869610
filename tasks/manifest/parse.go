package manifest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"

	"go.yaml.in/yaml/v3"

	"github.com/flowmage/flowmage/tasks/finding"
)

// Parse reads a manifest; name is the file's name for findings. With any finding of severity error the manifest holds what
// could be read.
func Parse(name string, data []byte) (Manifest, finding.List) {
	r := &reader{file: name}
	root := r.document(data)
	if root == nil {
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
}

func (r *reader) at(n *yaml.Node, key string) finding.Position {
	return finding.Position{File: r.file, Line: n.Line, Column: n.Column, Key: key}
}

func (r *reader) fail(n *yaml.Node, key, code, fix, format string, args ...any) {
	r.findings = append(r.findings, finding.Finding{
		Code: code, Severity: finding.Error, Position: r.at(n, key), Message: fmt.Sprintf(format, args...), Fix: fix,
	})
}

// null is the tag of an absent value.
const null = "!!null"

// yamlLine finds the line in the YAML library's error texts.
var yamlLine = regexp.MustCompile(`line (\d+): (.*)`)

func (r *reader) document(data []byte) *yaml.Node {
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc yaml.Node
	if err := dec.Decode(&doc); err != nil {
		if errors.Is(err, io.EOF) {
			r.fail(&yaml.Node{Line: 1}, "", "manifest-empty", "list deployments under `deployments:`", "the file is empty")
			return nil
		}
		r.broken(err)
		return nil
	}
	var second yaml.Node
	if err := dec.Decode(&second); !errors.Is(err, io.EOF) {
		r.fail(&second, "", "manifest-documents", "keep everything in one document: remove the `---` line",
			"the file holds more than one YAML document; Prefect reads the first and drops the rest")
	}
	root := doc.Content[0]
	if root.Kind != yaml.MappingNode {
		r.fail(root, "", "manifest-type", "start with `deployments:`", "the file must be a mapping, this is %s", kind(root))
		return nil
	}
	return root
}

func (r *reader) broken(err error) {
	at, message := finding.Position{File: r.file}, err.Error()
	if m := yamlLine.FindStringSubmatch(message); m != nil {
		at.Line, _ = strconv.Atoi(m[1])
		message = m[2]
	}
	r.findings = append(r.findings, finding.Finding{
		Code: "yaml-syntax", Severity: finding.Error, Position: at, Message: "this is not valid YAML: " + message,
		Fix: "look at the line and the one above it: indentation, a missing colon, an unclosed quote",
	})
}

// unique reports deployments of one flow file and function that share a name.
func (r *reader) unique(m Manifest) {
	seen := map[string]finding.Position{}
	for _, d := range m.Deployments {
		key := d.Entrypoint + "\x00" + d.Name
		if first, ok := seen[key]; ok {
			r.findings = append(r.findings, finding.Finding{
				Code: "duplicate-deployment", Severity: finding.Error, Position: d.Position, Subject: d.Name,
				Message: fmt.Sprintf("the deployment %q of %s stands at line %d already", d.Name, d.Entrypoint, first.Line),
				Why:     "the second one would overwrite the first", Fix: "give it another name",
			})
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
		case null:
			return "empty"
		case "!!int":
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
