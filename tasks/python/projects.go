package python

import (
	"path"

	"github.com/flowmage/flowmage/tasks/distribution"
)

// Installed names packages that come from outside whatever the tree holds: it may be that of the package itself, or have a module of that name
// beside a script, which is loaded by a process that has loaded the package.
func (l *Library) Installed(names ...string) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.installed = append(l.installed, names...)
}

// packages gives the folders from which a package of the tree is installed, as far as the files tell where projects are: a project's folder is
// one with pyproject.toml, setup.py or setup.cfg, and workspace.go tells where its packages stand. Projects that it installs beside itself are
// looked through after its own. What is installed never hides a module of Python's own library.
func (l *Library) packages(file, name string) []string {
	around := l.projects(path.Dir(file))
	if len(around) == 0 || name == "" || distribution.Standard("", name) {
		return nil
	}
	var out []string
	for _, base := range around {
		if l.isFile(path.Join(base, name, "__init__.py")) {
			out = append(out, base)
		}
	}
	return out
}

// projects gives the folders that hold the packages of the projects around a folder, the nearest first.
func (l *Library) projects(folder string) []string {
	l.mutex.Lock()
	known, ok := l.around[folder]
	l.mutex.Unlock()
	if ok {
		return known
	}
	var out []string
	seen := map[string]bool{}
	for queue := []string{folder}; len(queue) > 0; queue = queue[1:] {
		if seen[queue[0]] {
			continue
		}
		seen[queue[0]] = true
		if p, ok := l.project(queue[0]); ok {
			out, queue = append(out, p.places...), append(queue, p.companions...)
		}
	}
	if folder != "." {
		out = append(out, l.projects(path.Dir(folder))...)
	}
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.around[folder] = out
	return out
}
