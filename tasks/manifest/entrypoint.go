package manifest

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/pattern"
)

// Leads gives the entrypoint by which the repository knows the deployment's flow: path/file.py:function, from its root.
func (d Deployment) Leads() string { return cmp.Or(d.Flow, d.Entrypoint) }

// module is an entrypoint in Python's way of writing, which Prefect takes from 3.6.23 on.
var module = pattern.New(`^\w+(?:\.\w+)+$`)

// Entrypoint is what an entrypoint says (Prefect: utilities/importtools.py, import_object).
type Entrypoint struct {
	Script string // a Python file's path, as it is written; "" for a module
	Module string // a module's name
	Object string // the flow's function, or Class.method
}

// ParseEntrypoint reads an entrypoint: path/file.py:function, module:function, or package.module.function. false says that it is none.
func ParseEntrypoint(text string) (Entrypoint, bool) {
	before, object, colon := cutLast(text, ":")
	switch {
	case colon && strings.HasSuffix(before, ".py"):
		return Entrypoint{Script: before, Object: object}, object != "" && before != ".py"
	case !colon:
		if before, object, _ = cutLast(text, "."); strings.HasSuffix(text, ".py") || !module.MatchString(text) {
			return Entrypoint{}, false
		}
	case !module.MatchString(before + "." + object):
		return Entrypoint{}, false
	}
	return Entrypoint{Module: before, Object: object}, before != "" && object != ""
}

func cutLast(text, at string) (before, after string, found bool) {
	i := strings.LastIndex(text, at)
	if i < 0 {
		return text, "", false
	}
	return text[:i], text[i+len(at):], true
}

// Files gives where the file of an entrypoint lies that counts from a folder: a module may be a package.
func (e Entrypoint) Files(folder string) []string {
	if e.Script != "" {
		return []string{path.Join(folder, strings.ReplaceAll(e.Script, "\\", "/"))}
	}
	place := path.Join(folder, strings.ReplaceAll(e.Module, ".", "/"))
	return []string{place + ".py", place + "/__init__.py"}
}

// MayBe tells whether an entrypoint may lead to a file of the repository, or into a folder of it, wherever it counts from.
func (e Entrypoint) MayBe(place string) bool {
	return slices.ContainsFunc(e.Files("."), func(file string) bool {
		return file == place || strings.HasSuffix(place, "/"+file) || strings.HasPrefix(file, place+"/")
	})
}

// Ends tells where the deployment's own pull steps leave a run: in a folder of the repository, which is to be told, in its root, or somewhere unknown.
func (d Deployment) Ends(folder string) (there, known bool) {
	if !d.HasPull {
		return true, true // what is filled in leads to where the command is run
	}
	cloned := false
	for _, one := range slices.Backward(d.Pull) {
		for function, inputs := range one {
			function = function[strings.LastIndex(function, ".")+1:]
			inputs, _ := inputs.(map[string]any)
			if directory, is := inputs["directory"].(string); is && function == "set_working_directory" {
				directory = strings.TrimRight(path.Clean("/"+strings.ReplaceAll(directory, "\\", "/")), "/")
				return strings.HasSuffix(directory, "/"+path.Clean(folder)), true
			}
			cloned = cloned || function == "git_clone"
		}
	}
	return false, cloned
}
