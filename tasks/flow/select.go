package flow

import (
	"fmt"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/finding"
)

// Select gives the flows that the words name, in the order of flows. A word means a flow's name, else a folder, else a
// function, else a folder's path; no words mean all flows. A word that fits nothing or several flows by the same kind of name is a fault of code
// Usage that lists the candidates.
func Select(flows []Flow, words []string) ([]Flow, error) {
	if len(words) == 0 {
		return flows, nil
	}
	wanted := map[string]bool{}
	for _, word := range words {
		f, err := find(flows, word)
		if err != nil {
			return nil, err
		}
		wanted[f.Entrypoint] = true
	}
	return slices.DeleteFunc(slices.Clone(flows), func(f Flow) bool { return !wanted[f.Entrypoint] }), nil
}

func find(flows []Flow, word string) (Flow, error) {
	kinds := []struct {
		noun string
		of   func(Flow) string
	}{
		{"name", func(f Flow) string { return f.Name }},
		{"folder", Flow.Folder},
		{"function", func(f Flow) string { return f.Function }},
		{"folder", Flow.Dir},
	}
	for _, kind := range kinds {
		var hits []Flow
		for _, f := range flows {
			if kind.of(f) == word {
				hits = append(hits, f)
			}
		}
		switch len(hits) {
		case 0:
			continue
		case 1:
			return hits[0], nil
		default:
			return Flow{}, &fault.Error{
				Code: fault.Usage, What: fmt.Sprintf("%q is the %s of several flows", word, kind.noun),
				Why: "candidates: " + list(hits), Next: "use one of their names",
			}
		}
	}
	next := "run `mage flows:list` to see them all"
	if near := nearest(flows, word); near != "" {
		next = fmt.Sprintf("did you mean %s? %s", near, next)
	}
	why := "there are: " + list(flows)
	if len(flows) == 0 {
		why = "no flows were found"
	}
	return Flow{}, &fault.Error{Code: fault.Usage, What: fmt.Sprintf("no flow is called %q", word), Why: why, Next: next}
}

func list(flows []Flow) string {
	names := make([]string, 0, len(flows))
	for _, f := range flows {
		names = append(names, f.Name+" ("+f.Entrypoint+")")
	}
	first, more := finding.Few(names, 20)
	return strings.Join(first, ", ") + more
}

// nearest gives the known word that was probably meant, or "".
func nearest(flows []Flow, word string) string {
	var names []string
	for _, f := range flows {
		names = append(names, f.Names()...)
	}
	return finding.Nearest(word, names)
}
