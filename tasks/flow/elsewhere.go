package flow

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/flowmage/flowmage/tasks/finding"
)

// suggest tells who named a path that is not there in which folders there are flows.
func (r *reading) suggest(problems finding.List) {
	if !slices.ContainsFunc(problems, func(f finding.Finding) bool { return f.Code == pathCode }) {
		return
	}
	folders := r.folders()
	if len(folders) == 0 {
		return
	}
	for i, f := range problems {
		if f.Code == pathCode {
			problems[i].Fix = "name the right folders. There are flows in these, so write in envs/base.yaml:\n        paths: [" + strings.Join(folders, ", ") + "]"
		}
	}
}

// folders gives the folders of the root that hold flows where nobody looks for them, as YAML has them, those with most flows first; "." for the root itself.
func (r *reading) folders() []string {
	counts := map[string]int{}
	for _, f := range r.files {
		if f.err != nil || f.module == nil || f.wanted {
			continue
		}
		rec := recognizer{library: r.library, file: f.name, module: f.module, hiddenNames: f.hidden}
		if rec.run(); len(rec.flows) > 0 {
			folder, _, found := strings.Cut(f.name, "/")
			if !found {
				folder = "."
			}
			counts[folder] += len(rec.flows)
		}
	}
	out := slices.SortedFunc(maps.Keys(counts), func(a, b string) int { return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b)) })
	for i, folder := range out {
		if !plainName.MatchString(folder) {
			out[i] = strconv.Quote(folder)
		}
	}
	return out
}

// plainName is a name that YAML takes without quotes.
var plainName = regexp.MustCompile(`^[\pL_.][\pL\pN_.-]*$`)
