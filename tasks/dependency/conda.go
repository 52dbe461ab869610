package dependency

import (
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/flowmage/flowmage/tasks/requirement"
)

// conda reads an environment.yml. What conda's packages hold is not always what those of the same name on PyPI do.
func (r *reader) conda(name string, text []byte) error {
	var doc struct {
		Dependencies []yaml.Node `yaml:"dependencies"`
	}
	r.out.Vague = true
	if err := yaml.Unmarshal(text, &doc); err != nil {
		r.out.Problems = append(r.out.Problems, Problem{name, 0, strings.TrimPrefix(err.Error(), "yaml: ")})
		return nil
	}
	for _, n := range doc.Dependencies {
		if n.Kind == yaml.ScalarNode {
			r.condaPackage(name, n)
			continue
		}
		for i := 0; i+1 < len(n.Content) && n.Kind == yaml.MappingNode; i += 2 {
			if n.Content[i].Value != "pip" {
				continue
			}
			if err := r.condaPip(name, n.Content[i+1].Content); err != nil {
				return err
			}
		}
	}
	return nil
}

// condaPip reads what pip installs beside conda's packages: lines of a requirements file.
func (r *reader) condaPip(name string, items []*yaml.Node) error {
	for _, item := range items {
		before := len(r.out.Entries)
		if err := r.requirements(name, item.Value, false); err != nil {
			return err
		}
		for j := range r.out.Entries[before:] {
			if e := &r.out.Entries[before+j]; e.File == name {
				e.Line = item.Line
			}
		}
	}
	return nil
}

// condaPackage takes in channel::name=1.2=build, or name >=1.2.
func (r *reader) condaPackage(name string, n yaml.Node) {
	_, text, found := strings.Cut(n.Value, "::")
	if !found {
		text = n.Value
	}
	end := strings.IndexAny(text, " =<>!~")
	if end < 0 {
		end = len(text)
	}
	title, version := text[:end], strings.TrimSpace(text[end:])
	if rest, fuzzy := strings.CutPrefix(version, "="); fuzzy && !strings.HasPrefix(rest, "=") {
		rest, build, _ := strings.Cut(rest, "=")
		version = "==" + rest
		if build == "" && !strings.HasSuffix(rest, "*") {
			version += ".*"
		}
	}
	set, ok := requirement.ParseSet(version)
	if title == "python" {
		r.python(name, n.Line, version, set, ok)
		return
	}
	r.entry(Entry{Requirement: requirement.Requirement{Name: title, Text: n.Value, Set: set}, Known: requirement.Normal(title), File: name, Line: n.Line})
}
