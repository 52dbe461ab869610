// Package misfit says what a JSON Schema has against a value: where, and in which words.
//
// Start with [Judge]. What a schema says is told keyword by keyword (keywords.go, combined.go); what is asked of values and numbers is in value.go.
//
// The words are those of package kind of santhosh-tekuri/jsonschema, and a test compares the judgements with that library's. The library itself
// is linked by tests alone: it compiles the schemas of schemas of five drafts whenever a program starts, which took a third of `mage -l`.
package misfit

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// Misfit is one thing that a schema has against a value.
type Misfit struct {
	Path []string // names of members and places in lists, from the value inwards
	kind said
}

// said is what package kind of the library has for each complaint.
type said interface {
	LocalizedString(p *message.Printer) string
}

// Text says what is wrong, without the place.
func (m Misfit) Text() string { return m.kind.LocalizedString(message.NewPrinter(language.English)) }

// errBeyond is what stands before all that [Judge] refuses to judge by.
var errBeyond = errors.New("this schema is not judged by")

// Judge gives what a schema of draft 2020-12 has against a value; both are as [Plain] gives them. Formats say nothing, as on Prefect's server. With
// an error the schema is none, or says something that only its server understands; then nothing is known.
func Judge(schema, value any) ([]Misfit, error) {
	j := &judge{root: schema, known: known}
	found := j.value(schema, value, nil)
	if j.err != nil {
		return nil, j.err
	}
	return found, nil
}

// judge is one judgement.
type judge struct {
	root  any
	known []keyword // here, since they come back to their list
	depth int
	err   error
}

// deepest is how far schemas and values may go into each other: a schema that refers to itself would not come to an end.
const deepest = 200

// giveUp ends the judgement.
func (j *judge) giveUp(name string, why any) {
	if j.err == nil {
		j.err = fmt.Errorf("%w: %s is %v", errBeyond, name, why)
	}
}

// at is a place: what a schema is asked about, and how one got there.
type at struct {
	schema map[string]any
	value  any
	path   []string
}

func (a at) wrong(k said) []Misfit { return []Misfit{{Path: a.path, kind: k}} }

// value judges one value by one schema.
func (j *judge) value(schema, value any, path []string) []Misfit {
	switch s := schema.(type) {
	case bool:
		if s {
			return nil
		}
		return at{value: value, path: path}.wrong(&kind.FalseSchema{})
	case map[string]any:
		if j.depth++; j.depth > deepest {
			j.giveUp("$ref", "endless")
		}
		defer func() { j.depth-- }()
		return j.keywords(at{schema: s, value: value, path: path})
	default:
		j.giveUp("a schema", schema)
		return nil
	}
}

// member judges what lies in a value.
func (j *judge) member(schema, value any, path []string, name string) []Misfit {
	return j.value(schema, value, append(slices.Clip(path), name))
}

// keywords asks one keyword after another. Where the value is another one altogether, the others have nothing to say.
func (j *judge) keywords(a at) []Misfit {
	for name := range a.schema {
		if slices.Contains(unknown, name) {
			j.giveUp(name, "not known here")
		}
	}
	var found []Misfit
	for _, k := range j.known {
		says, there := a.schema[k.name]
		if j.err != nil || !there {
			continue
		}
		wrong := k.judge(j, a, says)
		if len(wrong) > 0 && k.decides {
			return wrong
		}
		found = append(found, wrong...)
	}
	return found
}

// ref judges by the schema that another names. Only those in the same text are known.
func (j *judge) ref(a at, says any) []Misfit {
	name, _ := says.(string)
	pointer, local := strings.CutPrefix(name, "#")
	pointer, err := url.PathUnescape(pointer)
	target := j.root
	for _, step := range strings.Split(pointer, "/")[1:] {
		target = below(target, strings.NewReplacer("~1", "/", "~0", "~").Replace(step))
	}
	if err != nil || !local || target == nil || pointer != "" && pointer[0] != '/' {
		j.giveUp("$ref", says)
		return nil
	}
	return j.value(target, a.value, a.path)
}

// below gives what lies in a schema under a name.
func below(in any, name string) any {
	switch x := in.(type) {
	case map[string]any:
		return x[name]
	case []any:
		if i, err := strconv.Atoi(name); err == nil && i >= 0 && i < len(x) {
			return x[i]
		}
	}
	return nil
}

// sorted gives the names in an order in which texts don't change from one run to the next.
func sorted(m map[string]any) []string { return slices.Sorted(maps.Keys(m)) }
