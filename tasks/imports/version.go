package imports

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/dependency"
	"github.com/flowmage/flowmage/tasks/finding"
)

// unpinned finds requirements without any version, once for each file, where no lock and no constraint names one.
func (j *judge) unpinned() finding.List {
	var out finding.List
	done := map[string]bool{}
	for _, m := range j.flows {
		for _, f := range m.ground.files {
			if done[f.Path] || f.Lock || path.Ext(f.Path) == ".in" {
				continue
			}
			done[f.Path] = true
			loose := slices.DeleteFunc(slices.Clone(f.Entries), func(e dependency.Entry) bool { return !j.loose(f, e, m.ground) })
			if len(loose) == 0 {
				continue
			}
			out = append(out, catalogue.New("dependency-unpinned", finding.OfFile(f.Path), finding.Finding{
				Position: finding.Position{File: loose[0].File, Line: loose[0].Line}, Message: doing(loose, "stands", "stand") + " without a version",
				Fix: fmt.Sprintf("write at least which first number it may have (%s>=1,<2), or keep a lock file: uv lock, or pip freeze >constraints.txt", loose[0].Known),
			}))
		}
	}
	return out
}

func (j *judge) loose(f *dependency.File, e dependency.Entry, g *ground) bool {
	return e.Known != "" && e.Group == "" && !e.Own && !e.Limit && len(e.Set) == 0 && !g.pinned[e.Known] && slices.Contains(f.Parts, e.File)
}

// doing says what packages do.
func doing(entries []dependency.Entry, one, several string) string {
	all := make([]string, 0, len(entries))
	for _, e := range entries {
		if !slices.Contains(all, e.Known) {
			all = append(all, e.Known)
		}
	}
	few, more := finding.Few(all, 10)
	if len(all) == 1 {
		return all[0] + " " + one
	}
	return strings.Join(few, ", ") + more + " " + several
}
