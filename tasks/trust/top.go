package trust

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Top gives the folder that a commit is of, with all that somebody else may have written, for a project that lies in it or is it: the next folder
// above with .git, or above that one if it is no folder there, as in a submodule or a second work tree of a clone. Without any it is root itself.
func Top(root string) string {
	absolute, err := filepath.Abs(root)
	if err != nil {
		return root
	}
	top := absolute
	for at := resolved(absolute); ; at = filepath.Dir(at) {
		if info, err := os.Lstat(filepath.Join(at, ".git")); err == nil {
			top = at
			if info.IsDir() {
				return top
			}
		}
		if at == filepath.Dir(at) {
			return top
		}
	}
}

// within tells whether a path lies in the folder top, or is top, or leads through it, whatever its names: by the folders that it names, and by
// those that it leads to. What can't be told counts as within.
func within(top, path string) bool {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return true
	}
	if below, err := filepath.Rel(filepath.Clean(top), absolute); err == nil && filepath.IsLocal(below) {
		return true
	}
	folder, err := os.Stat(top)
	if err != nil {
		return true
	}
	return isBelow(folder, absolute) || isBelow(folder, resolved(path))
}

// isBelow tells whether a folder is one of those that a path names.
func isBelow(folder os.FileInfo, path string) bool {
	for at := path; ; at = filepath.Dir(at) {
		if info, err := os.Stat(at); err == nil && os.SameFile(info, folder) {
			return true
		}
		if at == filepath.Dir(at) {
			return false
		}
	}
}

// resolved follows the links in a path, as far as it exists.
func resolved(path string) string {
	if followed, err := filepath.EvalSymlinks(path); err == nil {
		if followed, err = filepath.Abs(followed); err == nil {
			return followed
		}
	}
	parent := filepath.Dir(path)
	if parent == path {
		return path
	}
	return filepath.Join(resolved(parent), filepath.Base(path))
}

// mostLinks bounds how many links are followed one after the other, as systems do.
const mostLinks = 40

// linked tells whether a file is a link that leads into top, or through it on its way.
func linked(top, path string) bool {
	for range mostLinks {
		target, err := os.Readlink(path)
		if err != nil {
			return false // no link, or none there
		}
		if !filepath.IsAbs(target) {
			target = filepath.Join(resolved(filepath.Dir(path)), target)
		}
		if within(top, target) {
			return true
		}
		path = target
	}
	return true
}

// lists are the variables that hold folders or files, one beside the other, in which programs or parts of programs are looked for.
var lists = []string{ //nolint:gochecknoglobals // a constant list
	"PATH", "LD_LIBRARY_PATH", "LD_PRELOAD", "LD_AUDIT", "DYLD_LIBRARY_PATH", "DYLD_INSERT_LIBRARIES", "PYTHONPATH", "GIT_CEILING_DIRECTORIES",
}

// places are the variables that say where somebody's own configuration or a part of a program is.
var places = []string{ //nolint:gochecknoglobals // a constant list
	"HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "XDG_CONFIG_HOME", "XDG_CONFIG_DIRS", "XDG_DATA_HOME", "DOCKER_CONFIG", "DOCKER_CERT_PATH",
	"PREFECT_HOME", "PREFECT_PROFILES_PATH", "GIT_CONFIG", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_EXEC_PATH", "GIT_TEMPLATE_DIR", "PYTHONHOME",
	"PYTHONSTARTUP", "PYTHONUSERBASE", "VIRTUAL_ENV", "UV_CONFIG_FILE", "PIP_CONFIG_FILE", "NETRC", "GOROOT", "GOENV", "BASH_ENV",
}

// programs are those that this one or Prefect starts by their names.
var programs = []string{ //nolint:gochecknoglobals // a constant list
	"git", "docker", "uv", "go", "python", "python3", "prefect", "sh", "xdg-open", "open",
}

// Surroundings gives the environment without what leads into the repository that the project at root is in: folders in lists such as PATH that lie
// in it, count from the working directory or have a well-known program that is a link into it, and places of somebody's configuration that lie in
// it. The latter point at a folder afterwards
// that nobody has, as an absent one would mean a default, which may lie in the repository too.
func Surroundings(environ []string, root string) []string {
	top := Top(root)
	out := make([]string, 0, len(environ))
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		switch {
		case contains(lists, name):
			pair = name + "=" + outside(name, value, top)
		case contains(places, name) && value != "" && (!filepath.IsAbs(value) || within(top, value)):
			pair = name + "=" + nowhere(top)
		}
		out = append(out, pair)
	}
	return out
}

// nowhere is a path at the top of the file system, where no stranger can make one.
func nowhere(root string) string {
	return filepath.VolumeName(root) + string(filepath.Separator) + "nonexistent"
}

// Changed gives the variables of an environment that [Surroundings] has made otherwise, as name and value.
func Changed(before, after []string) map[string]string {
	out := map[string]string{}
	for i, pair := range after {
		if pair != before[i] {
			name, value, _ := strings.Cut(pair, "=")
			out[name] = value
		}
	}
	return out
}

func contains(names []string, name string) bool {
	return slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, name) })
}

// outside keeps those of the folders in a list that are absolute and have nothing of the repository.
func outside(name, list, top string) string {
	if name == "LD_PRELOAD" || name == "LD_LIBRARY_PATH" { // the loader takes these as separators too
		list = strings.NewReplacer(" ", ":", ";", ":").Replace(list)
	}
	folders := slices.DeleteFunc(filepath.SplitList(list), func(folder string) bool {
		return !filepath.IsAbs(folder) || within(top, folder) || linked(top, folder) ||
			slices.ContainsFunc(programs, func(name string) bool { return linked(top, filepath.Join(folder, name)) })
	})
	return strings.Join(folders, string(filepath.ListSeparator))
}
