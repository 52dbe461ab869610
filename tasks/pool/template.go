package pool

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/pattern"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/misfit"
	"github.com/flowmage/flowmage/tasks/tree"
)

// BuiltIn gives the base job template of a type as it is shipped, from the file pools/<type>.json.
func BuiltIn(builtIn fs.FS, poolType string) (map[string]any, error) {
	text, err := fs.ReadFile(builtIn, "pools/"+poolType+".json")
	if err != nil {
		return nil, fmt.Errorf("the built-in template of work pools: %w", err)
	}
	return decode(text)
}

func decode(text []byte) (map[string]any, error) {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("there is something behind the first value")
	}
	t, ok := v.(map[string]any)
	if !ok {
		return nil, errors.New("it is no mapping")
	}
	return t, nil
}

// template gives a pool's template with the settings' defaults in it; nil with an error among the findings.
func template(own, builtIn fs.FS, env config.Env, p config.Pool) (map[string]any, finding.List) {
	t, err := read(own, builtIn, p)
	wrong, fix := sound(t), "correct the file"
	if err != nil {
		wrong = fmt.Sprintf("can't be read: %v", err)
		fix = "name a JSON file with job_configuration and variables; `prefect work-pool get-default-base-job-template --type " + p.Type + "` prints one to begin with"
	}
	if wrong == "" {
		return t, fill(t, env, p)
	}
	at := finding.Position{File: ownFile(p)}
	if p.Template != "" {
		at = env.Origin(p.Key("template")).Position
	}
	return nil, finding.List{catalogue.New("pool-template", env.Scoped(p.Key("template")), finding.Finding{
		Position: at, Message: fmt.Sprintf("the template of the work pool %s %s", p.Name, wrong), Fix: fix,
	})}
}

// ownFile is where the repository has a template of its own for the pool's type.
func ownFile(p config.Pool) string { return "templates/pools/" + p.Type + ".json" }

// read gives a pool's template: that in the file which the settings name, the repository's own for the type, or the built-in one.
func read(own, builtIn fs.FS, p config.Pool) (map[string]any, error) {
	text, err := tree.Read(own, cmp.Or(p.Template, ownFile(p)), tree.Text)
	switch {
	case errors.Is(err, fs.ErrNotExist) && p.Template == "":
		return BuiltIn(builtIn, p.Type)
	case err != nil:
		return nil, err
	}
	return decode(text)
}

// placeholder is where a template takes a variable. (Prefect: utilities/templating; server/schemas/actions.py.)
var placeholder = pattern.New(`\{\{\s*([\w.\-\[\]$]+)\s*\}\}`)

// sound tells what the server would have against a template, "" when nothing.
func sound(t map[string]any) string {
	job, _ := t["job_configuration"].(map[string]any)
	if len(job) == 0 { // an empty one counts as missing
		return "has no mapping job_configuration"
	}
	known, ok := properties(t)
	if !ok {
		return "has no mapping variables.properties"
	}
	for _, name := range placeholders(job) {
		word, _, _ := strings.Cut(name, ".")
		if word == "ctx" || word == "prefect" || strings.HasPrefix(word, "$") {
			continue
		}
		if _, there := known[name]; !there {
			return fmt.Sprintf("takes the variable %q, which its variables.properties lack", name)
		}
	}
	return ""
}

// Variables gives the schema of a template's variables; nil when it has none.
func Variables(t map[string]any) map[string]any {
	variables, _ := t["variables"].(map[string]any)
	return variables
}

func properties(t map[string]any) (map[string]any, bool) {
	p, ok := Variables(t)["properties"].(map[string]any)
	return p, ok
}

// placeholders gives the names that stand anywhere below v, sorted.
func placeholders(v any) []string {
	found := map[string]bool{}
	var walk func(any)
	walk = func(v any) {
		switch x := v.(type) {
		case map[string]any:
			for _, e := range x {
				walk(e)
			}
		case []any:
			for _, e := range x {
				walk(e)
			}
		case string:
			for _, m := range placeholder.FindAllStringSubmatch(x, -1) {
				found[m[1]] = true
			}
		}
	}
	walk(v)
	return slices.Sorted(maps.Keys(found))
}

// fill puts the settings' defaults into the template, and judges them.
func fill(t map[string]any, env config.Env, p config.Pool) finding.List {
	known, _ := properties(t)
	var out finding.List
	for _, name := range slices.Sorted(maps.Keys(p.Defaults)) {
		value := p.Defaults[name]
		at := env.Origin(p.Key("defaults") + "." + name).Position
		variable, there := known[name].(map[string]any)
		if !there {
			names := slices.Sorted(maps.Keys(known))
			out = append(out, catalogue.New("pool-default", env.Scoped(p.Key("defaults")), finding.Finding{
				Position: at, Message: fmt.Sprintf("the template of the work pool %s has no variable %q", p.Name, name),
				Fix: finding.Meant(finding.Nearest(name, names), "it has "+strings.Join(names, ", ")),
			}))
			continue
		}
		for _, problem := range unfit(t, name, value) {
			out = append(out, catalogue.New("pool-default", env.Scoped(p.Key("defaults")), finding.Finding{
				Position: at, Message: problem, Why: "runs would fail, or run without it", Fix: "correct the value",
			}))
		}
		variable["default"] = plain(value)
	}
	return out
}

// unfit tells what a default is wrong with.
func unfit(t map[string]any, name string, value any) []string {
	out := Misfits(Variables(t), map[string]any{name: value})
	for i, m := range out {
		out[i] = "defaults." + m
	}
	for _, text := range placeholders(value) {
		if strings.HasPrefix(text, "$") {
			out = append(out, fmt.Sprintf("defaults.%s holds {{ %s }}, which nobody fills in for a work pool", name, text))
		}
	}
	list, _ := value.([]any)
	for _, v := range list {
		if s, _ := v.(string); name == "volumes" && strings.HasPrefix(s, ".") {
			out = append(out, fmt.Sprintf("defaults.volumes holds %q, which would count from the folder of whichever worker", s))
		}
	}
	return out
}

// plain gives a value as JSON has it, so that it compares with what a server answers.
func plain(v any) any {
	out, err := misfit.Plain(v)
	if err != nil {
		return v // settings are JSON values
	}
	return out
}

// Misfits gives what a template's variables, a JSON Schema, have against values, one line each. Variables that are required and missing are
// no misfit: others give them later. A schema that is none is the server's to judge.
func Misfits(variables, values map[string]any) []string {
	variables = maps.Clone(variables)
	delete(variables, "required")
	both, err := misfit.Plain(map[string]any{"schema": variables, "values": values})
	if err != nil {
		return nil
	}
	parts, _ := both.(map[string]any)
	found, err := misfit.Judge(parts["schema"], parts["values"])
	if len(found) == 0 || err != nil {
		return nil
	}
	out := make([]string, 0, len(found))
	for _, m := range found {
		out = append(out, fmt.Sprintf("%s: %s", strings.Join(m.Path, "."), m.Text()))
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
