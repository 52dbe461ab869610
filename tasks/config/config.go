// Package config reads the settings of one environment: built-in defaults, then envs/base.yaml, envs/<environment>.yaml,
// flow.yaml files beside flows, FLOWMAGE_ variables and flags, each layer over the one before. Maps merge, lists are replaced; a
// list key written with a leading + appends instead.
//
// Start with [Load], which gives an [Env] and everything that is wrong with the files at once, and [Env.Beside], which adds the files
// beside flows when it is known where flows are. Package setting declares all keys; reader.go judges one layer against them; layers.go puts layers
// over each other in koanf, by merge.go; required.go fills what depends on other settings; decode.go makes Go values of it. [Env.Settings] gives what holds for one flow. This is the only package that knows koanf.
package config

import (
	"io/fs"

	"github.com/flowmage/flowmage/tasks/finding"
)

// Source is all that settings depend on. Nothing else is read: not the process's environment, not the current folder.
type Source struct {
	Root    fs.FS             // the repository
	Env     string            // the environment as typed: dev, prod, production; empty means dev
	Environ []string          // NAME=value, as os.Environ gives it
	Flags   map[string]string // dotted setting key to value, such as server.url; the top layer
	// Base, when there is one, is where guards and ignores come from in place of the repository's own files.
	Base *Base
	// Remote gives the git remote's address, "" without one: where a missing project name comes from. It is asked only then; nil is none.
	Remote func() string
	// Folder is the absolute path of the repository: dev's code.directory, and its last element dev's last resort for a project
	// name.
	Folder string
	// Shared tells whether a file is one that others have too, so that a secret in it is theirs. nil: all are.
	Shared func(file string) bool
	// Rules are all that there are, for settings that name some; nil: nobody looks whether they are there.
	Rules func() finding.Catalogue
}

// Load gives the effective settings of an environment. The list holds all findings of all layers, sorted, with file, line,
// column and key; with an error among them Env holds what could be read. The error is a *fault.Error: code Usage for an
// environment that does not exist, else trouble reading a file.
func Load(s Source) (Env, finding.List, error) {
	name, err := resolve(s.Root, s.Env)
	if err != nil {
		return Env{}, nil, err
	}
	l := newLayers()
	findings, err := l.files(s.Root, name)
	if err != nil {
		return Env{}, nil, err
	}
	var base *Base
	if s.Base != nil {
		base = new(*s.Base)
		findings = append(findings, l.guardedBy(base, name)...)
	}
	findings = append(findings, l.variables(s.Environ, s.Root)...)
	findings = append(findings, l.flags(s.Flags)...)
	findings = append(findings, l.derive(s, name)...)
	e, err := l.env(name)
	if err != nil {
		return Env{}, nil, err
	}
	e.base, e.sharing = base, s.Shared
	e.marked = l.marked
	findings = append(findings, l.required(e, s.Root)...)
	findings = append(findings, ruled(e, s.Rules)...)
	return e, findings.Sorted(), nil
}
