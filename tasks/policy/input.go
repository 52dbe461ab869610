package policy

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/setting"
)

// Version is the number of the input's form. It grows when a key changes its meaning or goes; new ones may come.
const Version = 1

// Input is what a policy sees of what it judges: a value for each word that its expressions may use, as JSON.
type Input map[string]any

// words gives what an expression over something may name.
func words(over string) []string {
	switch over {
	case setting.OverFlow:
		return []string{setting.OverEnvironment, setting.OverFlow}
	case setting.OverDeployment:
		return []string{setting.OverEnvironment, setting.OverFlow, setting.OverDeployment}
	case setting.OverPlan:
		return []string{setting.OverEnvironment, setting.OverPlan}
	default:
		return []string{setting.OverEnvironment}
	}
}

// Empty gives an input with nothing in it: each key that is always there, with an empty value of its type. Examples are laid over it.
func Empty() Input {
	list, object := func() any { return []any{} }, func() any { return map[string]any{} }
	return Input{
		setting.OverEnvironment: map[string]any{"name": "", "project": "", "server": "", "settings": list()},
		setting.OverFlow: map[string]any{
			"name": "", "nameExpr": "", "file": "", "line": int64(0), "function": "", "entrypoint": "", "async": false, "description": "", "parameters": list(), "options": object(),
			"loadable": true, "reason": "", "version": "", "files": list(), "parameterSchema": object(), "untyped": list(),
		},
		setting.OverDeployment: map[string]any{
			"name": "", "flow": "", "kind": "", "concurrency_limit": nil, "concurrency_options": nil, "description": "", "enforce_parameter_schema": nil, "entrypoint": "",
			"job_variables": object(), "parameters": object(), "paused": nil, "pull_steps": list(), "schedules": list(), "tags": list(), "version": "", "work_pool_name": "",
			"work_queue_name": "",
		},
		setting.OverPlan: map[string]any{"project": "", "environment": "", "api": "", "commit": "", "pools": list(), "deployments": list()},
	}
}

// Over gives the input with others laid over it, mappings key by key.
func (in Input) Over(other map[string]any) Input { return laid(in, other) }

func laid(low, high map[string]any) map[string]any {
	out := maps.Clone(low)
	for name, v := range high {
		under, is := out[name].(map[string]any)
		if above, both := v.(map[string]any); is && both {
			v = laid(under, above)
		}
		out[name] = v
	}
	return out
}

// Plain gives a value as JSON has it, with numbers as CEL counts: whole ones as int64, others as float64.
func Plain(v any) (any, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	dec := json.NewDecoder(strings.NewReader(string(data)))
	dec.UseNumber()
	var out any
	if err := dec.Decode(&out); err != nil {
		return nil, err
	}
	return counted(out), nil
}

// counted replaces the numbers of a plain value; a whole one that is too large for CEL is a fraction there.
func counted(v any) any {
	switch x := v.(type) {
	case int:
		return int64(x)
	case json.Number:
		if n, err := x.Int64(); err == nil {
			return n
		}
		f, _ := x.Float64() // an infinite one is the nearest there is
		return f
	case map[string]any:
		out := make(map[string]any, len(x))
		for name, value := range x {
			out[name] = counted(value)
		}
		return out
	case []any:
		out := make([]any, 0, len(x))
		for _, value := range x {
			out = append(out, counted(value))
		}
		return out
	default:
		return v
	}
}

// keysOf gives the keys that one of the words has.
func keysOf(word string) []string {
	m, _ := Empty()[word].(map[string]any)
	return slices.Sorted(maps.Keys(m))
}
