package deploy

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/pool"
	"github.com/flowmage/flowmage/tasks/prefect"
)

// Precheck blocks what the server would refuse, or accept and crash on, before anything is written: job variables that don't fit the
// pool's template, and references to blocks and variables that do not exist. Job variables that the pool does not know are
// notes: Prefect stores them and uses them for nothing. Only what is to be created or updated is looked at.
func Precheck(ctx context.Context, api *prefect.Client, p *Plan, live Live) error {
	known := map[string]bool{} // references that were looked up
	if err := p.checkDefaults(ctx, api, known); err != nil {
		return fmt.Errorf("looking up what work pools refer to: %w", err)
	}
	for i := range p.Actions {
		a := &p.Actions[i]
		if a.Op != Create && a.Op != Update {
			continue
		}
		reasons, notes := checkJob(p.owner, a.desired, live)
		a.Notes = append(a.Notes, notes...)
		missing, err := missingReferences(ctx, api, a.desired, known)
		if err != nil {
			return fmt.Errorf("looking up what %s refers to: %w", a.Name, err)
		}
		if reasons = append(reasons, missing...); len(reasons) > 0 {
			a.block(reasons)
		}
	}
	p.keepPredecessors()
	if err := p.checkRemovals(ctx, api); err != nil {
		return fmt.Errorf("looking for what uses work pools that are to be deleted: %w", err)
	}
	return p.noteLateRuns(ctx, api)
}

// checkJob compares job variables with the variables of the pool's template.
func checkJob(owner Owner, d Desired, live Live) (finding.List, []string) {
	values, _ := d.Fields[fieldJob].(map[string]any)
	name, _ := d.Fields[fieldPool].(string)
	variables := live.variables(owner, name)
	if len(values) == 0 || len(variables) == 0 {
		return nil, nil
	}
	properties, _ := variables["properties"].(map[string]any)
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
	var out finding.List
	for _, problem := range pool.Misfits(variables, d.settled(values)) {
		out = append(out, catalogue.New("job-variable", finding.OfDeployment(d.Name), finding.Finding{
			Position: d.Position, Subject: d.Name,
			Message: fmt.Sprintf("job variable %s does not fit the work pool %s", problem, name),
			Fix:     "correct `job_variables` or `env` in envs/",
		}))
	}
	return out, notes
}

// variables gives the JSON Schema of a work pool's job variables: as the plan will leave it, else as the server has it; nil when only its
// worker knows.
func (l Live) variables(owner Owner, name string) map[string]any {
	have, there := l.pools[name]
	if want := l.wanted[name]; want.Template != nil && (!there || owner.Keeps(have.Description) && !owner.Guest) {
		return pool.Variables(want.Template)
	}
	var template map[string]any
	if json.Unmarshal(have.BaseJobTemplate, &template) != nil {
		return nil
	}
	return pool.Variables(template)
}

// reference finds what Prefect resolves from the server (Prefect: utilities/templating).
var reference = regexp.MustCompile(`\{\{\s*prefect\.(blocks|variables)\.([\w.\-\[\]$]+)\s*\}\}`)

// missingReferences looks up each block and variable that the fields refer to. known keeps what was found.
func missingReferences(ctx context.Context, api *prefect.Client, d Desired, known map[string]bool) (finding.List, error) {
	var out finding.List
	for _, field := range []string{fieldParameters, fieldJob, fieldPull} {
		missing, err := missingIn(ctx, api, field, d.Fields[field], known)
		if err != nil {
			return nil, err
		}
		for _, f := range missing {
			f.Position, f.Subject, f.Scope = d.Position, d.Name, finding.OfDeployment(d.Name)
			out = append(out, f)
		}
	}
	return out, nil
}

// missingIn looks up each block and variable that a value refers to.
func missingIn(ctx context.Context, api *prefect.Client, field string, v any, known map[string]bool) (finding.List, error) {
	var out finding.List
	for _, m := range reference.FindAllStringSubmatch(compact(v), -1) {
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
			out = append(out, unknownReference(field, kind, name))
		}
	}
	return out, nil
}

// checkDefaults blocks work pools whose defaults refer to what the server does not have, and what needs such a pool that is not there yet.
func (p *Plan) checkDefaults(ctx context.Context, api *prefect.Client, known map[string]bool) error {
	for i := range p.Pools {
		x := &p.Pools[i]
		if x.Op != Create && x.Op != Update {
			continue
		}
		missing, err := missingIn(ctx, api, "defaults", x.want.Defaults, known)
		if err != nil {
			return err
		}
		if len(missing) == 0 {
			continue
		}
		for k := range missing {
			missing[k].Position = x.want.Position
		}
		x.Op, x.Reasons = Blocked, missing
		x.fields, x.queues, x.Changes = nil, queueEdits{}, nil
		for k := range p.Actions {
			if a := &p.Actions[k]; x.have == nil && a.Pool() == x.Name && (a.Op == Create || a.Op == Update) {
				a.block(missing)
			}
		}
	}
	return nil
}

// block takes an action back.
func (a *Action) block(reasons finding.List) {
	*a = Action{Op: Blocked, Name: a.Name, Flow: a.Flow, Entrypoint: a.Entrypoint, ID: a.ID, Reasons: reasons, Notes: a.Notes, have: a.have}
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

func unknownReference(field, kind, name string) finding.Finding {
	f := catalogue.New("reference-missing", finding.Surroundings(), finding.Finding{

		Message: fmt.Sprintf("%s refers to the variable %s, which the server does not have", field, name),
		Fix:     "make it: prefect variable set " + name + " VALUE",
	})
	if kind == "blocks" {
		f.Message = fmt.Sprintf("%s refers to the block %s, which the server does not have", field, strings.ReplaceAll(name, ".", "/"))
		f.Fix = "make it in the Prefect UI under Blocks, or correct the name"
	}
	return f
}
