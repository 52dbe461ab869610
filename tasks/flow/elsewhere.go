package flow

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/flowmage/flowmage/tasks/pattern"
)

// suggest tells who named a path that is not there what to name: the paths that are there, and where flows are that nobody looks for.
func (r *reading) suggest(w *walk) {
	if len(w.absent) == 0 {
		return
	}
	var paths []string
	chosen := map[string]bool{} // who names a part of a folder means not all of it
	for i, p := range w.wanted {
		if w.met[i] {
			top, _, _ := strings.Cut(p, "/")
			paths, chosen[top] = append(paths, quoted(p)), true
		}
	}
	found := slices.DeleteFunc(r.unwanted(), func(top string) bool { return chosen[top] })
	if len(found) == 0 {
		return
	}
	for _, p := range found {
		paths = append(paths, quoted(p))
	}
	for i := range w.absent {
		w.absent[i].Fix = "name what is there under `paths` in envs/; with all that have flows:\n        paths: [" + strings.Join(paths, ", ") + "]"
	}
}

// unwanted gives the folders and files of the root that hold flows where nobody looks for them, those with most flows first.
func (r *reading) unwanted() []string {
	counts := map[string]int{}
	for _, f := range r.files {
		if f.err != nil || f.module == nil || f.wanted {
			continue
		}
		rec := r.recognizer(f)
		if rec.run(); len(rec.flows) > 0 {
			top, _, _ := strings.Cut(f.name, "/")
			counts[top] += len(rec.flows)
		}
	}
	maps.DeleteFunc(counts, func(top string, _ int) bool { return isGlob(top) }) // it would mean something else
	return slices.SortedFunc(maps.Keys(counts), func(a, b string) int { return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b)) })
}

// plainName is a name that YAML takes without quotes, if it is no word such as true.
var plainName = pattern.New(`^[\pL_][\pL\pN_./-]*$`)

func quoted(p string) string {
	if plainName.MatchString(p) && !slices.Contains([]string{"true", "false", "yes", "no", "on", "off", "y", "n", "null"}, strings.ToLower(p)) {
		return p
	}
	return strconv.Quote(p)
}
