package python

import (
	"path"
	"slices"
	"sync"

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
	if around == nil || name == "" || distribution.Standard("", name) {
		return nil
	}
	var out []string
	for ; around != nil; around = around.outer {
		for _, base := range l.holding(around, name) {
			if l.isFile(path.Join(base, name, "__init__.py")) && !slices.Contains(out, base) {
				out = append(out, base)
			}
		}
	}
	return out
}

// installs are the folders that hold the packages of a project and of those that it installs beside itself. outer are those of the next project
// around it.
type installs struct {
	places []string
	outer  *installs
	once   sync.Once
	// folders says which of the places have a folder of a name. Of a workspace with hundreds of projects nobody could ask each for each import.
	folders map[string][]string
}

// holding gives the places that have a folder of a name.
func (l *Library) holding(i *installs, name string) []string {
	i.once.Do(func() {
		i.folders = map[string][]string{}
		for _, base := range i.places {
			for inner, folder := range l.inside(base) {
				if folder {
					i.folders[inner] = append(i.folders[inner], base)
				}
			}
		}
	})
	return i.folders[name]
}

// projects gives what the projects around a folder install, the nearest first; nil for none.
func (l *Library) projects(folder string) *installs {
	l.mutex.Lock()
	known, ok := l.around[folder]
	l.mutex.Unlock()
	if ok {
		return known
	}
	var places []string
	seen := map[string]bool{}
	for queue := []string{folder}; len(queue) > 0; queue = queue[1:] {
		if seen[queue[0]] {
			continue
		}
		seen[queue[0]] = true
		if p, ok := l.project(queue[0]); ok {
			places, queue = append(places, p.places...), append(queue, p.companions...)
		}
	}
	var out *installs
	if folder != "." {
		out = l.projects(path.Dir(folder))
	}
	if len(places) > 0 {
		out = &installs{places: places, outer: out}
	}
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if known, ok := l.around[folder]; ok { // somebody was faster, and may have filled it
		return known
	}
	l.around[folder] = out
	return out
}
