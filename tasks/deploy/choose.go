package deploy

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/flow"
)

// choose gives the ids of the deployments that the words name. A word means a deployment (`flow/deployment`), else a flow's name, else the folder
// or the function of an entrypoint, else a folder's path, else the name of a deployment alone. What counts is what the server holds, so a
// flow that has left the repository can be named too. A word that fits nothing, or more than one flow, is a fault of code Usage that lists
// the candidates.
func choose(list []Action, words []string) (map[string]bool, error) {
	out := map[string]bool{}
	for _, word := range words {
		hits, err := chosen(list, word)
		if err != nil {
			return nil, err
		}
		for _, a := range hits {
			out[a.ID] = true
		}
	}
	return out, nil
}

// chosen gives the deployments of one word.
func chosen(list []Action, word string) ([]Action, error) {
	kinds := []struct {
		noun string
		of   func(Action) string
	}{
		{"name", title},
		{"name", func(a Action) string { return a.Flow }},
		{"folder", func(a Action) string { return a.flow().Folder() }},
		{"function", func(a Action) string { return a.flow().Function }},
		{"folder", func(a Action) string { return path.Clean(a.flow().Dir()) }},
		{"deployment", func(a Action) string { return a.Name }},
	}
	for _, kind := range kinds {
		var hits []Action
		flows := map[string]bool{}
		for _, a := range list {
			if kind.of(a) == word {
				hits, flows[a.Flow] = append(hits, a), true
			}
		}
		switch {
		case len(hits) == 0:
			continue
		case len(flows) == 1:
			return hits, nil
		}
		return nil, &fault.Error{
			Code: fault.Usage, What: fmt.Sprintf("%q is the %s of several flows", word, kind.noun),
			Why: "candidates: " + titles(hits), Next: "name one of these, or several, separated by commas",
		}
	}
	next := "mage deploy:plan shows what is deployed"
	names := map[string]bool{}
	for _, a := range list {
		names[a.Flow], names[a.Name], names[title(a)] = true, true, true
	}
	if near := finding.Nearest(word, slices.Sorted(maps.Keys(names))); near != "" {
		next = fmt.Sprintf("did you mean %s? %s", near, next)
	}
	why := "there are: " + titles(list)
	if len(list) == 0 {
		why = "there is nothing of ours"
	}
	return nil, &fault.Error{Code: fault.Usage, What: fmt.Sprintf("nothing of ours on the server is called %q", word), Why: why, Next: next}
}

// flow gives what the entrypoint tells of a flow.
func (a Action) flow() flow.Flow {
	file, function, _ := strings.Cut(a.Entrypoint, ":")
	return flow.Flow{Name: a.Flow, File: strings.TrimPrefix(file, "./"), Function: function}
}

func title(a Action) string { return a.Flow + "/" + a.Name }

func titles(list []Action) string {
	names := make([]string, 0, len(list))
	for _, a := range list {
		names = append(names, title(a))
	}
	first, more := finding.Few(names, 20)
	return strings.Join(first, ", ") + more
}
