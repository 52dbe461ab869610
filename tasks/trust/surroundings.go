package trust

import (
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
