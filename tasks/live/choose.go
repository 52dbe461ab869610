package live

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

// Choose gives those of the deployments that the words name, in their order; no words mean all. A word means a deployment (`flow/deployment`),
// else a flow's name, else the folder or the function of an entrypoint, else a folder's path, else the name of a deployment alone; a pattern
// such as etl-* means all that fit it. What counts is what the server holds, so a flow that has left the repository can be named too. A
// word that fits nothing, or more than one flow without being a pattern, is a fault of code Usage that lists the candidates.
func Choose(list []Holding, words []string) ([]Holding, error) {
	if len(words) == 0 {
		return list, nil
	}
	wanted, err := choose(list, words)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(list), func(h Holding) bool { return !wanted[h.ID] }), nil
}

// choose gives the ids of the deployments that the words of [Choose] name.
func choose(list []Holding, words []string) (map[string]bool, error) {
	out := map[string]bool{}
	for _, word := range words {
		hits, err := chosenBy(list, word)
		if err != nil {
			return nil, err
		}
		for _, c := range hits {
			out[c.ID] = true
		}
	}
	return out, nil
}

// chosenBy gives the deployments of one word.
func chosenBy(list []Holding, word string) ([]Holding, error) {
	kinds := []struct {
		noun string
		of   func(Holding) string
	}{
		{"name", Holding.title},
		{"name", func(c Holding) string { return c.Flow }},
		{"folder", func(c Holding) string { return c.source().Folder() }},
		{"function", func(c Holding) string { return c.source().Function }},
		{"folder", func(c Holding) string { return path.Clean(c.source().Dir()) }},
		{"deployment", func(c Holding) string { return c.Name }},
	}
	for _, kind := range kinds {
		var hits []Holding
		flows := map[string]bool{}
		for _, c := range list {
			if means(word, kind.of(c)) {
				hits, flows[c.Flow] = append(hits, c), true
			}
		}
		switch {
		case len(hits) == 0:
			continue
		case len(flows) == 1 || strings.ContainsAny(word, patterned):
			return hits, nil
		}
		return nil, &fault.Error{
			Code: fault.Usage, What: fmt.Sprintf("%q is the %s of several flows", word, kind.noun),
			Why: "candidates: " + titles(hits), Next: "name one of these, or several, separated by commas",
		}
	}
	return nil, unknown(list, word)
}

// patterned are the signs of a pattern.
const patterned = `*?[`

// means tells whether a word, which may be a pattern, means a name.
func means(word, name string) bool {
	fits, err := path.Match(word, name) // what is no pattern may still be a name
	return word == name || err == nil && fits
}

// unknown is the fault for a word that fits nothing.
func unknown(list []Holding, word string) error {
	next := "mage deploy:plan shows what is deployed"
	names := map[string]bool{}
	for _, c := range list {
		names[c.Flow], names[c.Name], names[c.title()] = true, true, true
	}
	if near := finding.Nearest(word, slices.Sorted(maps.Keys(names))); near != "" {
		next = fmt.Sprintf("did you mean %s? %s", near, next)
	}
	why := "there are: " + titles(list)
	if len(list) == 0 {
		why = "there is nothing of ours"
	}
	return &fault.Error{Code: fault.Usage, What: fmt.Sprintf("nothing of ours on the server is called %q", word), Why: why, Next: next}
}

// source gives what the entrypoint tells of a flow.
func (h Holding) source() flow.Flow {
	file, function, _ := strings.Cut(h.Entrypoint, ":")
	return flow.Flow{Name: h.Flow, File: strings.TrimPrefix(file, "./"), Function: function}
}

func (h Holding) title() string { return h.Flow + "/" + h.Name }

func titles(list []Holding) string {
	names := make([]string, 0, len(list))
	for _, c := range list {
		names = append(names, c.title())
	}
	first, more := finding.Few(names, 20)
	return strings.Join(first, ", ") + more
}
