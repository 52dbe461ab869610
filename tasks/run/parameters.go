package run

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/secret"
	"github.com/flowmage/flowmage/tasks/session"
	"github.com/flowmage/flowmage/tasks/tree"
)

// Parameters reads -params: a JSON object, or @file.
func Parameters(s *session.Session, text string) (map[string]any, error) {
	if text == "" {
		return nil, nil
	}
	wrong := func(where string, err error) error {
		return &fault.Error{
			Code: fault.Usage, What: "-params is no JSON object", Where: where, Err: err,
			Next: `write -params='{"batch_size": 10}' or -params=@file.json`,
		}
	}
	data := []byte(text)
	if file, ok := strings.CutPrefix(text, "@"); ok {
		var err error
		if data, err = s.Tree().Named(file, tree.Parameters); err != nil {
			return nil, wrong(file, tree.Reason(err))
		}
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	var out map[string]any
	if err := dec.Decode(&out); err != nil {
		if other, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
			err = fmt.Errorf("this is a JSON %s", other.Value)
		}
		return nil, wrong("", err)
	}
	if dec.More() {
		return nil, wrong("", errors.New("there is more behind the object"))
	}
	return out, nil
}

// CheckParameters checks the given parameters before a run is created: the server would accept an unknown one, and the run would crash.
func CheckParameters(d plan.Desired, parameters map[string]any) error {
	s := d.Flow.Schema.Open()
	var wrong []string
	for name, value := range parameters {
		_, known := s.Properties[name]
		switch {
		case !known:
			wrong = append(wrong, fmt.Sprintf("%s has no parameter %q (it has %s)", d.Flow.Name, name, strings.Join(s.Names(), ", ")))
		case s.Refuses(name, value) != "":
			wrong = append(wrong, fmt.Sprintf("%q is %s, this is %v", name, s.Describe(name), secret.Masked(value, []string{name})))
		}
	}
	for _, name := range s.Required {
		_, given := parameters[name]
		_, set := d.Parameters()[name]
		if !given && !set {
			wrong = append(wrong, fmt.Sprintf("the required parameter %q has no value", name))
		}
	}
	if len(wrong) == 0 {
		return nil
	}
	return &fault.Error{
		Code: fault.Usage, What: "the parameters don't fit the flow", Why: strings.Join(wrong, "; "), Next: `write -params='{"name": value}'`,
	}
}
