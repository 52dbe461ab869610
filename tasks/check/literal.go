package check

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/document"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/secret"
)

// Literals finds secrets that stand in a manifest that somebody wrote, by the same signs as in settings: what has the form of one is an error of
// its deployment, what only has the name of one is a warning. A placeholder is none; that of a secret variable is an error where its value would
// not be hidden.
func Literals(env config.Env, file string, data []byte) finding.List {
	root, _ := document.Read(file, data) // what is wrong with the file is told by its reader
	if root == nil {
		return nil
	}
	l := literals{env: env, file: file}
	l.walk(root, nil, entry{scope: finding.Everything()})
	return l.found
}

// entry is the deployment in which something stands.
type entry struct {
	name  string
	scope finding.Scope
}

type literals struct {
	env   config.Env
	file  string
	found finding.List
}

// walk looks at what stands below path, in a deployment.
func (l *literals) walk(n *yaml.Node, path []string, in entry) {
	switch n = document.Target(n); n.Kind {
	case yaml.ScalarNode:
		l.scalar(n, path, in)
	case yaml.SequenceNode:
		for _, c := range n.Content {
			below := in
			if len(path) == 1 && path[0] == "deployments" {
				at, name := document.Target(c), nameIn(c)
				below = entry{name, finding.OfEntry(finding.Position{File: l.file, Line: at.Line, Column: at.Column}, name)}
			}
			l.walk(c, path, below)
		}
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			below := slices.Clone(path)
			if key := n.Content[i].Value; key != "<<" {
				below = append(below, key)
			}
			l.walk(n.Content[i+1], below, in)
		}
	case yaml.DocumentNode, yaml.AliasNode: // neither is below the root once aliases are followed
	}
}

// nameIn gives the name of a deployment.
func nameIn(n *yaml.Node) string {
	n = document.Target(n)
	for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == "name" {
			return document.Target(n.Content[i+1]).Value
		}
	}
	return ""
}

func (l *literals) scalar(n *yaml.Node, path []string, in entry) {
	text := n.Value
	if text == "" || n.Tag == document.Null || n.Tag == "!!bool" || len(path) == 0 {
		return
	}
	key := strings.TrimPrefix(strings.Join(path, "."), "deployments.")
	var f finding.Finding
	var found bool
	if !stepped(path) {
		f, found = l.env.Misplaced(key, path, text)
	}
	if !found && l.env.Shared(l.file) {
		f, found = config.Literal(finding.Everything(), key, text, secret.Named(path) && path[len(path)-1] != "secrets") // that lists names
	}
	if found {
		f.Position = finding.Position{File: l.file, Line: n.Line, Column: n.Column, Key: key}
		f.Subject, f.Scope = in.name, in.scope
		l.found = append(l.found, f)
	}
}

// stepped tells whether a value belongs to a step that runs before the deployment is written: nothing of it is stored.
func stepped(path []string) bool {
	return path[0] == "build" || path[0] == "push" || len(path) > 1 && path[0] == "deployments" && (path[1] == "build" || path[1] == "push")
}
