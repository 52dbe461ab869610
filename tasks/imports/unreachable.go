package imports

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/python"
)

// unreachable finds imports of modules that the repository has where no run looks for them. Prefect looks in the flow's folder and in the root; what else
// leads to them is taken for granted: a path that the code or a variable sets, a project that is installed, a package of that name from elsewhere.
func (j *judge) unreachable() finding.List {
	if j.Moved || j.elsewhere([]string{"pythonpath"}) != "" {
		return nil
	}
	var out gathered
	for _, m := range j.flows {
		if m.ground.vague && !m.ground.locked || j.setsPath(m.Flow) {
			continue
		}
		for _, file := range m.Files {
			for _, u := range j.usesIn(file) {
				if u.spared || u.maybe || u.at.Scope == python.FunctionScope && file != m.File || !j.strays(m, u) {
					continue
				}
				at := j.located(u.top)
				out.add(told{
					finding.Position{File: u.file, Line: u.line},
					fmt.Sprintf("%s is imported, which is in %s: no run looks there, only in the flow's folder and in the root", u.top, at),
					"", fmt.Sprintf("write `env: {PYTHONPATH: %s}` in envs/base.yaml, or move %s to the root", path.Dir(at), at),
				}, finding.Error, []*flow.Flow{m.Flow})
			}
		}
	}
	return out.findings(j, "import-unreachable")
}

// strays tells whether a module is in the repository alone, and on no way that imports go.
func (j *judge) strays(m member, u use) bool {
	if !j.Library.Has(u.top) || j.Library.Reaches(u.file, m.Dir(), u.top) || len(j.providers(u.module)) > 0 || m.ground.akin(u) {
		return false
	}
	_, _, declared := m.ground.has(u)
	return !declared
}

// setsPath tells whether one of the files of a flow has to do with where Python looks for modules.
func (j *judge) setsPath(f *flow.Flow) bool {
	return slices.ContainsFunc(f.Files, func(file string) bool {
		m, err := j.Library.Module(file)
		return err != nil || strings.Contains(m.Source, "sys.path") || strings.Contains(m.Source, "addsitedir") || strings.Contains(m.Source, "importlib")
	})
}

// located gives where the repository has a module: a file, or a folder.
func (j *judge) located(name string) string {
	files := j.Library.Find(func(file string) bool {
		return path.Ext(file) == ".py" && (path.Base(file) == name+".py" || strings.Contains("/"+file, "/"+name+"/"))
	})
	if len(files) == 0 {
		return name
	}
	before, _, inFolder := strings.Cut("/"+files[0], "/"+name+"/")
	if !inFolder {
		return files[0]
	}
	return strings.TrimPrefix(before+"/"+name, "/")
}
