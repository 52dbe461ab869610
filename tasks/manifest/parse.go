package manifest

import (
	"fmt"
	"maps"
	"slices"
	"strings"

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
	return r.parsed(root)
}

// Of is [Parse] for a file whose nodes are known. They lie within the limits of [document.Bounded].
func Of(name string, root *yaml.Node) (Manifest, finding.List) {
	r := &reader{Reader: document.Reader{File: name, Rules: catalogue}}
	return r.parsed(root)
}

func (r *reader) parsed(root *yaml.Node) (Manifest, finding.List) {
	switch {
	case root == nil && len(r.Findings) == 0:
		r.Fail(&yaml.Node{Line: 1}, "", "manifest-empty", "list deployments under `deployments:`", "the file is empty")
		return Manifest{}, r.Findings
	case root == nil:
		return Manifest{}, r.Findings
	case root.Kind != yaml.MappingNode:
		r.Fail(root, "", "manifest-type", "start with `deployments:`", "the file must be a mapping, this is %s", document.Kind(root))
		return Manifest{}, r.Findings
	}
	m := r.manifest(root)
	for _, pair := range repeated(m.Deployments) {
		m.Deployments[pair[1]].Shares = append(m.Deployments[pair[1]].Shares, m.Deployments[pair[0]].Scope())
		r.Findings = append(r.Findings, duplicate(m.Deployments[pair[0]], "the deployment %q of %s stands at line %d already", m.Deployments[pair[1]]))
	}
	return m, r.Findings
}

// reader collects findings while it walks the YAML nodes of one file.
type reader struct {
	document.Reader

	judge      schedule.Memory
	ofDefaults finding.List                // about steps that deployments take over
	loose      bool                        // in what Prefect's model of the file takes as it is
	marks      map[string]finding.Position // of texts with placeholders, by text; nil: none so far
}

// repeated gives the deployments of one flow that have the name of another one before, with the first of that name.
func repeated(list []Deployment) (out [][2]int) {
	seen := map[[2]string]int{}
	for i, d := range list {
		key := [2]string{d.Entrypoint, d.Name}
		if first, there := seen[key]; !there {
			seen[key] = i
		} else if d.Name != "" {
			out = append(out, [2]int{i, first})
		}
	}
	return out
}

func duplicate(d Deployment, message string, first Deployment) finding.Finding {
	return catalogue.New("deployment-duplicate", d.Scope(), finding.Finding{
		Position: d.Position, Subject: d.Name, Message: fmt.Sprintf(message, d.Name, d.Entrypoint, first.Position.Line), Fix: "give it another name",
	})
}

// entries gives a mapping's keys, and reports what is wrong with them.
func (r *reader) entries(n *yaml.Node) []document.Entry {
	return document.Entries(n, nil, func(f document.Flaw) {
		switch f.Fault {
		case document.Repeated:
			r.Fail(f.At, f.Name, "key-duplicate", "remove one of them", "%q stands at line %d already", f.Name, f.Line)
		case document.NoText:
			r.Fail(f.At, "", wrongType, "write a text as key", "a key must be a text, this is %s", document.Kind(f.At))
		case document.NoMapping:
			r.Fail(f.At, "<<", wrongType, "write `<<: *name`, with the anchor at a mapping", "a merge key takes a mapping, this is %s", document.Kind(f.At))
		}
	})
}

// known calls the handler of each key, and reports keys without one.
func (r *reader) known(n *yaml.Node, where string, handlers map[string]func(*yaml.Node)) {
	for _, e := range r.entries(n) {
		if handle, ok := handlers[e.Name]; ok {
			handle(e.Value)
			continue
		}
		r.unknown(e, where, handlers)
	}
}

func (r *reader) unknown(e document.Entry, where string, handlers map[string]func(*yaml.Node)) {
	if e.Name == "sla" && where == "a deployment" {
		if e.Value.Tag == document.Null {
			return // asks for nothing
		}
		r.Fail(e.Key, "sla", "key-unsupported", "remove it, or deploy this file with `prefect deploy`",
			"%s: service levels exist on Prefect Cloud only, and can't be deployed from here", where)
		return
	}
	effect, report := "; Prefect would drop it silently", r.Fail
	switch where {
	case "a schedule":
		effect, report = "", r.drop
	case shellStep:
		effect = "; Prefect would fail to run it"
	case pullWhere + strings.TrimPrefix(where, pullWhere):
		effect = "; every run would fail at it"
	case imageWhere + buildImage, imageWhere + pushImage:
		effect = "; it can't be honoured here"
	}
	if hint := hints()[where][e.Name]; hint != "" {
		report(e.Key, e.Name, "key-misplaced", hint, "%s has no key %q%s", where, e.Name, effect)
		return
	}
	names := slices.Sorted(maps.Keys(handlers))
	report(e.Key, e.Name, "key-unknown", finding.Suggest(e.Name, names, "", "known keys are "+strings.Join(names, ", ")), "%s has no key %q%s", where, e.Name, effect)
}
