package python

import (
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
	"github.com/bmatcuk/doublestar/v4"
)

// settings are the parts of a pyproject.toml that name other projects of the tree: the members of a uv workspace (uv: concepts/projects/workspaces),
// and dependencies that have a path, which uv and Poetry install from there.
type settings struct {
	Tool struct {
		UV struct {
			Workspace struct{ Members, Exclude []string }
			Sources   map[string]any
		}
		Poetry struct {
			Dependencies map[string]any
			Group        map[string]struct{ Dependencies map[string]any }
		}
	}
}

// companions gives the folders of the projects that the project in a folder installs beside itself, sorted.
func (l *Library) companions(folder string) []string {
	text, err := fs.ReadFile(l.root, path.Join(folder, "pyproject.toml"))
	if err != nil || !strings.Contains(string(text), "workspace") && !strings.Contains(string(text), "path") {
		return nil
	}
	var s settings
	if toml.Unmarshal(text, &s) != nil {
		return nil // who installs the project is told by his own tool
	}
	var out []string
	for _, member := range s.Tool.UV.Workspace.Members {
		found, _ := doublestar.Glob(l.root, path.Join(folder, member), doublestar.WithNoFollow())
		out = append(out, found...)
	}
	out = slices.DeleteFunc(out, func(found string) bool {
		return slices.ContainsFunc(s.Tool.UV.Workspace.Exclude, func(pattern string) bool {
			matched, err := doublestar.Match(path.Join(folder, pattern), found)
			return err == nil && matched
		})
	})
	groups := []map[string]any{s.Tool.UV.Sources, s.Tool.Poetry.Dependencies}
	for _, g := range s.Tool.Poetry.Group {
		groups = append(groups, g.Dependencies)
	}
	for _, g := range groups {
		for _, dependency := range g {
			if x, ok := dependency.(map[string]any); ok {
				if at, ok := x["path"].(string); ok {
					out = append(out, path.Join(folder, at))
				}
			}
		}
	}
	out = slices.DeleteFunc(out, func(found string) bool { return found == folder || !fs.ValidPath(found) || !l.isProject(found) })
	slices.Sort(out)
	return slices.Compact(out)
}

// isProject tells whether a folder has the settings of a project.
func (l *Library) isProject(folder string) bool {
	return slices.ContainsFunc([]string{"pyproject.toml", "setup.py", "setup.cfg"}, func(name string) bool { return l.isFile(path.Join(folder, name)) })
}

// places gives the folders in which a project keeps its packages. The tree's root is none of them: it is looked through anyway.
func (l *Library) places(folder string) []string {
	var out []string
	if inner := path.Join(folder, "src"); l.isFolder(inner) {
		out = append(out, inner)
	}
	if folder != "." {
		out = append(out, folder)
	}
	return out
}
