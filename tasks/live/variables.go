package live

import (
	"bytes"
	"context"
	"encoding/json"

	"github.com/flowmage/flowmage/tasks/pattern"
	"github.com/flowmage/flowmage/tasks/prefect"
)

// Variables are the server's, each of which is read once. They are no secrets, and Prefect's command line puts a variable's value in the place of a
// reference before a deployment is stored (Prefect: utilities/templating, resolve_variables); a block stays a reference.
type Variables struct {
	api   *prefect.Client
	known map[string]any // nil: there is none
}

// VariablesOf gives the variables of a server.
func VariablesOf(api *prefect.Client) *Variables { return &Variables{api, map[string]any{}} }

// variable is a reference to one.
var variable = pattern.New(`\{\{\s*prefect\.variables\.(\w+)\s*\}\}`)

// Fill gives a value with the variables in it, and tells whether there were any. A text that is nothing but a reference becomes what the variable is. What
// the server does not have stays, as does a list or mapping in the middle of a text, which nobody means.
func (v *Variables) Fill(ctx context.Context, value any) (filled any, found bool, err error) {
	switch x := value.(type) {
	case string:
		return v.text(ctx, x)
	case map[string]any:
		if x == nil {
			return x, false, nil
		}
		out := make(map[string]any, len(x))
		for k, e := range x {
			one, some, wrong := v.Fill(ctx, e)
			if out[k], found = one, found || some; wrong != nil {
				err = wrong
			}
		}
		return out, found, err
	case []any:
		out := make([]any, len(x))
		for i, e := range x {
			one, some, wrong := v.Fill(ctx, e)
			if out[i], found = one, found || some; wrong != nil {
				err = wrong
			}
		}
		return out, found, err
	default:
		return x, false, nil
	}
}

func (v *Variables) text(ctx context.Context, s string) (filled any, found bool, err error) {
	if m := variable.FindStringSubmatch(s); m != nil && m[0] == s {
		value, err := v.of(ctx, m[1])
		if value == nil {
			return s, true, err
		}
		return value, true, err
	}
	filled = variable.ReplaceAllStringFunc(s, func(whole string) string {
		value, wrong := v.of(ctx, variable.FindStringSubmatch(whole)[1])
		if found = true; wrong != nil {
			err = wrong
		}
		if text, fits := inText(value); fits {
			return text
		}
		return whole
	})
	return filled, found, err
}

// inText gives a variable as Python has it in the middle of a text.
func inText(value any) (string, bool) {
	switch x := value.(type) {
	case string:
		return x, true
	case json.Number:
		return x.String(), true
	case bool:
		if x {
			return "True", true
		}
		return "False", true
	default:
		return "", false
	}
}

func (v *Variables) of(ctx context.Context, name string) (any, error) {
	if value, asked := v.known[name]; asked {
		return value, nil
	}
	found, there, err := v.api.Variable(ctx, name)
	var value any
	if err == nil && there {
		decoder := json.NewDecoder(bytes.NewReader(found.Value))
		decoder.UseNumber()
		err = decoder.Decode(&value)
	}
	if err == nil {
		v.known[name] = value
	}
	return value, err
}
