package config

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/pattern"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/finding"
)

// dev is the environment that needs no settings at all, production the one with all guards on.
const (
	dev        = "dev"
	production = "prod"
)

const folder = "envs"

// Environment is one that Load accepts. File is empty for a built-in one without a file, which has only defaults.
type Environment struct {
	Name string `json:"name"`
	File string `json:"file,omitempty"`
}

// environmentName is what an environment's file may be called, without .yaml. It becomes part of deployment names and tags.
var environmentName = pattern.New(`^[a-z0-9][a-z0-9_-]*$`)

func builtins() []string { return []string{dev, "staging", production} }

func canonical(name string) string {
	switch name {
	case "", "development":
		return dev
	case "production":
		return production
	default:
		return name
	}
}

func fileOf(name string) string { return path.Join(folder, name+".yaml") }

// List gives the names of the environments that exist, as [Environments] does.
func List(root fs.FS) ([]string, error) {
	all, err := Environments(root)
	names := make([]string, 0, len(all))
	for _, e := range all {
		names = append(names, e.Name)
	}
	return names, err
}

// Environments gives dev, staging, prod, whether they have a file or not, then each other envs/<name>.yaml but base, sorted.
func Environments(root fs.FS) ([]Environment, error) {
	files, err := fs.ReadDir(root, folder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, &fault.Error{
			Code: fault.Findings, What: "the environments can't be listed", Where: folder, Err: err, Next: "make it a folder that you may read",
		}
	}
	var out, own []Environment
	for _, name := range builtins() {
		out = append(out, Environment{Name: name})
	}
	for _, file := range files {
		name, isYAML := strings.CutSuffix(file.Name(), ".yaml")
		if !isYAML || file.IsDir() || name == "base" || !environmentName.MatchString(name) || canonical(name) != name {
			continue
		}
		if i := slices.Index(builtins(), name); i >= 0 {
			out[i].File = fileOf(name)
			continue
		}
		own = append(own, Environment{Name: name, File: fileOf(name)})
	}
	return slices.Concat(out, own), nil
}

// resolve gives the canonical name of an environment that exists.
func resolve(root fs.FS, typed string) (string, error) {
	name := canonical(strings.TrimSpace(typed))
	names, err := List(root)
	if err != nil {
		return "", err
	}
	if slices.Contains(names, name) {
		return name, nil
	}
	e := &fault.Error{
		Code: fault.Usage, What: fmt.Sprintf("unknown environment %q", typed), Why: "there are: " + strings.Join(names, ", "),
		Next: "write envs/" + strings.ToLower(name) + ".yaml to make it one",
	}
	if !environmentName.MatchString(strings.ToLower(name)) {
		e.Next = "use one of them; names are small letters, digits, - and _"
	}
	if near := finding.Nearest(name, append(names, "development", "production")); near != "" {
		e.Next = "did you mean -env=" + canonical(near) + "?"
	}
	return "", e
}

// strays gives files that look as if they were meant in place of a settings file but are not read.
func strays(root fs.FS, file string) []string {
	name := strings.TrimSuffix(path.Base(file), ".yaml")
	candidates := []string{name + ".yml", name + ".json", name + ".toml"}
	for _, alias := range []string{"development", "production"} {
		if canonical(alias) == name {
			candidates = append(candidates, alias+".yaml", alias+".yml")
		}
	}
	var out []string
	for _, c := range candidates {
		if _, err := fs.Stat(root, path.Join(folder, c)); err == nil {
			out = append(out, path.Join(folder, c))
		}
	}
	return out
}
