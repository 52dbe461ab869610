package deploy

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/prefect"
)

// Precheck blocks what the server would refuse, or accept and crash on, before anything is written: job variables that don't fit the
// pool's template, and references to blocks and variables that do not exist. Job variables that the pool does not know are
// notes: Prefect stores them and uses them for nothing. Only what is to be created or updated is looked at.
func Precheck(ctx context.Context, api *prefect.Client, p *Plan, live Live) error {
	known := map[string]bool{} // references that were looked up
	for i := range p.Actions {
		a := &p.Actions[i]
		if a.Op != Create && a.Op != Update {
			continue
		}
		reasons, notes := checkJob(a.desired, live)
		a.Notes = append(a.Notes, notes...)
		missing, err := missingReferences(ctx, api, a.desired, known)
		if err != nil {
			return fmt.Errorf("looking up what %s refers to: %w", a.Name, err)
		}
		if reasons = append(reasons, missing...); len(reasons) > 0 {
			*a = Action{Op: Blocked, Name: a.Name, Flow: a.Flow, Entrypoint: a.Entrypoint, ID: a.ID, Reasons: reasons, Notes: a.Notes, have: a.have}
		}
	}
	return nil
}

// checkJob compares job variables with the variables of the pool's template.
func checkJob(d Desired, live Live) (finding.List, []string) {
	values, _ := d.Fields[fieldJob].(map[string]any)
	name, _ := d.Fields[fieldPool].(string)
	pool, there := live.pools[name]
	if len(values) == 0 || !there {
		return nil, nil
	}
	var template struct {
		Variables map[string]any `json:"variables"`
	}
	if json.Unmarshal(pool.BaseJobTemplate, &template) != nil || len(template.Variables) == 0 {
		return nil, nil // {} means the worker's own template, which only the worker knows
	}
	properties, _ := template.Variables["properties"].(map[string]any)
	var notes []string
	for _, v := range sortedKeys(values) {
		if _, ok := properties[v]; ok {
			continue
		}
		note := fmt.Sprintf("the work pool %s has no job variable %q, so it does nothing", name, v)
		if near := finding.Nearest(v, sortedKeys(properties)); near != "" {
			note += fmt.Sprintf("; did you mean %s?", near)
		}
		notes = append(notes, note)
	}
	// As the server does it: required variables may come from the template's defaults.
	delete(template.Variables, "required")
	var out finding.List
	for _, problem := range violations(template.Variables, d.settled(values)) {
		out = append(out, finding.Finding{
			Code: "job-variable", Severity: finding.Error, Position: d.Position, Subject: d.Name,
			Message: fmt.Sprintf("job variable %s does not fit the work pool %s", problem, name),
			Why:     "the server refuses the deployment", Fix: "correct `job_variables` or `env` in envs/",
		})
	}
	return out, notes
}

// violations gives what a JSON Schema has against the values, one line each.
func violations(schema, values map[string]any) []string {
	data, err := json.Marshal(map[string]any{"s": schema, "v": values})
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
		return nil // a template that is no schema is the server's to judge
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
	var out []string
	for _, leaf := range leaves(failed) {
		text := strings.Join(leaf.InstanceLocation, ".")
		out = append(out, fmt.Sprintf("%s: %s", text, leaf.ErrorKind.LocalizedString(english)))
	}
	slices.Sort(out)
	return slices.Compact(out)
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

// reference finds what Prefect resolves from the server (Prefect: utilities/templating).
var reference = regexp.MustCompile(`\{\{\s*prefect\.(blocks|variables)\.([\w.\-\[\]$]+)\s*\}\}`)

// missingReferences looks up each block and variable that the fields refer to. known keeps what was found.
func missingReferences(ctx context.Context, api *prefect.Client, d Desired, known map[string]bool) (finding.List, error) {
	var out finding.List
	for _, field := range []string{fieldParameters, fieldJob, fieldPull} {
		for _, m := range reference.FindAllStringSubmatch(compact(d.Fields[field]), -1) {
			kind, name := m[1], m[2]
			there, asked := known[kind+name]
			if !asked {
				var err error
				if there, err = exists(ctx, api, kind, name); err != nil {
					return nil, err
				}
				known[kind+name] = there
			}
			if !there {
				out = append(out, unknownReference(d, field, kind, name))
			}
		}
	}
	return out, nil
}

func exists(ctx context.Context, api *prefect.Client, kind, name string) (bool, error) {
	if kind == "variables" {
		_, there, err := api.Variable(ctx, name)
		return there, err
	}
	parts := strings.SplitN(name, ".", 3)
	if len(parts) < 2 {
		return false, nil
	}
	return api.HasBlock(ctx, parts[0], parts[1])
}

func unknownReference(d Desired, field, kind, name string) finding.Finding {
	f := finding.Finding{
		Code: "reference-missing", Severity: finding.Error, Position: d.Position, Subject: d.Name,
		Message: fmt.Sprintf("%s refers to the variable %s, which the server does not have", field, name),
		Why:     "every run would start with an empty value, or fail",
		Fix:     "make it: prefect variable set " + name + " VALUE",
	}
	if kind == "blocks" {
		f.Message = fmt.Sprintf("%s refers to the block %s, which the server does not have", field, strings.ReplaceAll(name, ".", "/"))
		f.Fix = "make it in the Prefect UI under Blocks, or correct the name"
	}
	return f
}
