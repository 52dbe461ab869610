package trust

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

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

// Surroundings gives the environment without what leads into the repository at root: folders in lists such as PATH that lie in it or count from
// the working directory, and places of somebody's configuration that lie in it. The latter point at a folder afterwards
// that nobody has, as an absent one would mean a default, which may lie in the repository too.
func Surroundings(environ []string, root string) []string {
	out := make([]string, 0, len(environ))
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		switch {
		case contains(lists, name):
			pair = name + "=" + outside(value, root)
		case contains(places, name) && value != "" && (!filepath.IsAbs(value) || within(root, value)):
			pair = name + "=" + nowhere(root)
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

// outside keeps those of the folders that are absolute and not in the repository.
func outside(list, root string) string {
	folders := slices.DeleteFunc(filepath.SplitList(list), func(folder string) bool { return !filepath.IsAbs(folder) || within(root, folder) })
	return strings.Join(folders, string(filepath.ListSeparator))
}

// within tells whether a path lies in the folder root, or is root: by its name, and by what the folders around it are, whatever their names. What
// can't be told counts as within.
func within(root, path string) bool {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return true
	}
	if below, err := filepath.Rel(filepath.Clean(root), absolute); err == nil && filepath.IsLocal(below) {
		return true
	}
	top, err := os.Stat(root)
	if err != nil {
		return true
	}
	for at := resolved(absolute); ; at = filepath.Dir(at) {
		if info, err := os.Stat(at); err == nil && os.SameFile(info, top) {
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
		return followed
	}
	parent := filepath.Dir(path)
	if parent == path {
		return path
	}
	return filepath.Join(resolved(parent), filepath.Base(path))
}
