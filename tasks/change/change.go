// Package change says which flows a change of the repository's files concerns, and which findings.
//
// Start with [Of]. A flow is concerned when its file has changed or what that imports inside the repository, when something else has changed in its folder or
// in one above it (its flow.yaml, requirements, a Dockerfile), when its settings name the file, when a module is gone that it names, and when it shares a name
// with a flow that is concerned. What counts for everything (the environment's settings, templates, requirements of the whole repository) concerns all.
// In doubt a flow is concerned: checking too much costs a moment.
package change

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/check"
	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/pattern"
)

// Files are the ones that have changed, from the repository's root.
type Files struct {
	Changed []string
	Gone    []string // those of them that are not there any more
	// Text gives what a file holds now.
	Text func(name string) []byte
}

// Effect is what a change concerns.
type Effect struct {
	All   bool        // everything of the environment
	Flows []flow.Flow // those that are concerned

	known   []flow.Flow // all of them
	changed map[string]bool
	gone    bool // a Python file is
}

// Of gives the effect of a change on the flows of an environment.
func Of(files Files, env config.Env, flows []flow.Flow) Effect {
	e := Effect{known: flows, changed: map[string]bool{}}
	s := search{env: env, flows: flows, text: files.Text, hit: make([]bool, len(flows))}
	for _, file := range files.Changed {
		e.changed[file] = true
		e.All = e.All || s.file(file)
	}
	for _, file := range files.Gone {
		if path.Ext(file) == ".py" {
			e.gone = true
			s.module(file)
		}
	}
	s.namesakes()
	for i, f := range flows {
		if e.All || s.hit[i] {
			e.Flows = append(e.Flows, f)
		}
	}
	return e
}

// Keeps tells whether a finding may come of the change: it is about a flow that is concerned, stands in a file that has changed, or is about a flow that is
// not there any more.
func (e Effect) Keeps(x finding.Finding) bool {
	one := finding.List{x}
	switch {
	case e.All, e.changed[x.Position.File], x.Scope.Extent == finding.File && e.changed[x.Scope.Name], len(check.About(one, e.Flows)) > 0:
		return true
	default:
		return e.gone && len(check.About(one, e.known)) == 0
	}
}

// Concerns tells whether a flow, by its entrypoint, or a file is concerned.
func (e Effect) Concerns(entrypoint string) bool {
	return e.All || e.changed[entrypoint] || slices.ContainsFunc(e.Flows, func(f flow.Flow) bool { return f.Entrypoint == entrypoint })
}

// search marks flows.
type search struct {
	env   config.Env
	flows []flow.Flow
	text  func(string) []byte
	hit   []bool
}

func (s search) mark(is func(flow.Flow) bool) (found bool) {
	for i, f := range s.flows {
		if is(f) {
			s.hit[i], found = true, true
		}
	}
	return found
}

// file marks the flows that a changed file concerns, and tells whether it concerns all.
func (s search) file(name string) (all bool) {
	made := s.mark(func(f flow.Flow) bool { return slices.Contains(f.Files, name) || s.names(f, name) })
	if made || path.Ext(name) == ".py" {
		return false
	}
	folder := path.Dir(name)
	switch {
	case name == "envs/base.yaml", name == "envs/"+s.env.Name+".yaml", strings.HasPrefix(name, "templates/"), strings.HasPrefix(name, "policies/"), s.pools(name):
		return true
	case folder == ".":
		return whole(name)
	}
	below := s.mark(func(f flow.Flow) bool { return f.Dir() == folder || strings.HasPrefix(f.Dir(), folder+"/") })
	return !below && requirements.MatchString(path.Base(name))
}

// names tells whether a flow's settings name a file.
func (s search) names(f flow.Flow, name string) bool {
	return path.Clean(s.env.Settings(f.Names()...).Container.Image.Dockerfile) == name
}

// pools tells whether the settings of a work pool name a file.
func (s search) pools(name string) bool {
	for _, f := range s.flows {
		for _, p := range s.env.Settings(f.Names()...).Pools {
			if path.Clean(p.Template) == name {
				return true
			}
		}
	}
	return false
}

// requirements are files that say which packages are wanted.
var requirements = pattern.New(`^(.*requirements.*\.(txt|in)|constraints.*\.(txt|in)|pyproject\.toml|uv\.lock|poetry\.lock|pdm\.lock|pylock.*\.toml|Pipfile(\.lock)?|setup\.(cfg|py)|environment\.ya?ml)$`)

// Counts tells by the name of a file whether a change of it may concern anything.
func Counts(name string) bool {
	switch path.Ext(name) {
	case ".py", ".ipynb", ".yaml", ".yml", ".toml", ".json", ".tmpl":
		return true
	}
	return whole(name) || strings.Contains(name, "Dockerfile") || strings.HasSuffix(name, ".dockerignore")
}

// whole tells whether a file at the repository's root counts for all that lies below.
func whole(name string) bool {
	return requirements.MatchString(name) || strings.HasPrefix(name, "Dockerfile") ||
		slices.Contains([]string{".gitignore", ".prefectignore", ".dockerignore", ".python-version", ".env", "prefect.toml", "prefect.yaml", config.BesideFile}, name)
}

// module marks the flows that may have imported a file that is gone: in one of their files stands its name.
func (s search) module(file string) {
	name := strings.TrimSuffix(path.Base(file), ".py")
	if name == "__init__" {
		name = path.Base(path.Dir(file))
	}
	word, known := pattern.New(`\b`+regexp.QuoteMeta(name)+`\b`), map[string]bool{}
	s.mark(func(f flow.Flow) bool {
		return slices.ContainsFunc(f.Files, func(file string) bool {
			has, seen := known[file]
			if !seen {
				has = word.MatchString(string(s.text(file)))
				known[file] = has
			}
			return has
		})
	})
}

// namesakes marks flows that share a name, or the name of a deployment, with one that is marked: which of them is told of it is chance.
func (s search) namesakes() {
	taken := map[string]bool{}
	for i, f := range s.flows {
		for _, name := range s.called(f) {
			taken[name] = taken[name] || s.hit[i]
		}
	}
	s.mark(func(f flow.Flow) bool {
		return slices.ContainsFunc(s.called(f), func(name string) bool { return taken[name] })
	})
}

func (s search) called(f flow.Flow) []string {
	settings := s.env.Settings(f.Names()...)
	out := append(make([]string, 0, 1+len(settings.Kinds)), "flow "+f.Name)
	for _, k := range settings.Kinds {
		out = append(out, "deployment "+settings.DeploymentName(f.Slug(), k))
	}
	return out
}
