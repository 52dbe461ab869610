package pool

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// Misfits gives what a template's variables, a JSON Schema, have against values, one line each. Variables that are required and missing are
// no misfit: others give them later. A schema that is none is the server's to judge.
func Misfits(variables, values map[string]any) []string {
	variables = maps.Clone(variables)
	delete(variables, "required")
	data, err := json.Marshal(map[string]any{"s": variables, "v": values})
	if err != nil {
		return nil
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		return nil
	}
	both, _ := doc.(map[string]any)
	c := jsonschema.NewCompiler()
	if err := c.AddResource("pool.json", both["s"]); err != nil {
		return nil
	}
	compiled, err := c.Compile("pool.json")
	if err != nil {
		return nil
	}
	failed, ok := compiled.Validate(both["v"]).(*jsonschema.ValidationError) //nolint:errorlint // the library returns the very type
	if !ok {
		return nil
	}
	english := message.NewPrinter(language.English)
	list := leaves(failed)
	out := make([]string, 0, len(list))
	for _, leaf := range list {
		text := strings.Join(leaf.InstanceLocation, ".")
		out = append(out, fmt.Sprintf("%s: %s", text, leaf.ErrorKind.LocalizedString(english)))
	}
	slices.Sort(out)
	return withoutNull(slices.Compact(out))
}

// withoutNull drops the alternative that nobody means: what may also be null is said to want something.
func withoutNull(lines []string) []string {
	return slices.DeleteFunc(slices.Clone(lines), func(line string) bool {
		rest, is := strings.CutSuffix(line, ", want null")
		return is && slices.ContainsFunc(lines, func(other string) bool { return other != line && strings.HasPrefix(other, rest+", want ") })
	})
}

func leaves(e *jsonschema.ValidationError) []*jsonschema.ValidationError {
	if len(e.Causes) == 0 {
		return []*jsonschema.ValidationError{e}
	}
	var out []*jsonschema.ValidationError
	for _, c := range e.Causes {
		out = append(out, leaves(c)...)
	}
	return out
}
