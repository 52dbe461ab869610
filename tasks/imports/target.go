package imports

import (
	"path"
	"slices"
	"strings"
)

// target gives the file that should name what a flow needs: the nearest that people write.
func (j *judge) target(m member) string {
	if len(m.ground.files) > 0 && m.ground.files[0].Path == m.File { // its own header
		return m.File
	}
	for _, dir := range above(m.Dir()) {
		for _, base := range []string{"requirements.in", "requirements.txt", "pyproject.toml", "Pipfile", "setup.cfg", "environment.yml", "environment.yaml", "requirements/base.txt"} {
			if name := path.Join(dir, base); slices.Contains(j.beside[dir], name) {
				return name
			}
		}
	}
	if lists := m.ground.lists(); len(lists) > 0 {
		return lists[0]
	}
	return path.Join(m.Dir(), "requirements.txt")
}

// last gives the one of some files that stands nearest to a folder.
func last(files []string, dir string) string {
	best := ""
	for _, name := range files {
		if at := path.Dir(name); (at == "." || at == dir || strings.HasPrefix(dir, at+"/")) && (best == "" || len(at) > len(path.Dir(best)) || path.Ext(name) == ".txt") {
			best = name
		}
	}
	return best
}

// added says how a file comes to name a distribution.
func added(name, file string) string {
	switch path.Base(file) {
	case "pyproject.toml":
		return "add " + name + " to the dependencies in " + file + ", with uv: uv add " + name
	case "Pipfile":
		return "pipenv install " + name
	case "setup.cfg":
		return "add a line to install_requires in " + file + ": " + name
	case "environment.yml", "environment.yaml":
		return "add a line to the dependencies in " + file + ": - " + name
	}
	if path.Ext(file) == ".py" {
		return "add it to the dependencies in the header of " + file + `: "` + name + `"`
	}
	return "add a line to " + file + ": " + name
}
