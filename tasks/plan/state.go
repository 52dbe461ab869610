package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/canonical"
	"github.com/flowmage/flowmage/tasks/manifest"
	"github.com/flowmage/flowmage/tasks/plan/schedules"
	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/secret"
)

// State is a stored deployment's managed part, without ids and times: what a receipt remembers and a rollback restores.
type State struct {
	Fields    map[string]any `json:"fields"`
	Schedules []StoredRule   `json:"schedules"`
}

// StoredRule is a schedule as the server holds it.
type StoredRule struct {
	Slug       string         `json:"slug"`
	Active     bool           `json:"active"`
	Rule       map[string]any `json:"rule"`
	Parameters map[string]any `json:"parameters,omitempty"`
}

// StateOf gives the managed part of a stored deployment, in a form that is equal for equal states.
func StateOf(d prefect.Deployment) (State, error) {
	fields, err := StoredFields(d)
	if err != nil {
		return State{}, err
	}
	for field, v := range fields {
		fields[field] = normal(field, v)
	}
	s := State{Fields: fields, Schedules: make([]StoredRule, 0, len(d.Schedules))}
	for _, x := range d.Schedules {
		rule := schedules.Stored(manifest.Schedule{AnchorDate: x.Rule.AnchorDate}, x)
		delete(rule, "parameters")
		parameters, err := canonical.Of(canonical.OrEmpty(x.Parameters))
		if err != nil {
			return State{}, err
		}
		s.Schedules = append(s.Schedules, StoredRule{Slug: x.Slug, Active: x.Active, Rule: rule, Parameters: parameters})
	}
	slices.SortFunc(s.Schedules, func(a, b StoredRule) int { return strings.Compare(a.order(), b.order()) })
	return s, nil
}

// order gives what schedules are sorted by: there may be several of one rule.
func (r StoredRule) order() string {
	return fmt.Sprint(r.Slug, canonical.Compact(r.Rule), canonical.Compact(r.Parameters), r.Active)
}

// Hash names a state: two of the same hash are the same.
func (s State) Hash() string {
	data, err := json.Marshal(s)
	if err != nil {
		return "" // canonical values can always be written
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:8])
}

// Masked gives the state without what looks like a secret, for storing.
func (s State) Masked() State {
	out := State{Fields: make(map[string]any, len(s.Fields)), Schedules: slices.Clone(s.Schedules)}
	for field, v := range s.Fields {
		out.Fields[field] = v
		if field != FieldSchema {
			out.Fields[field] = secret.Masked(v, []string{field})
		}
	}
	for i := range out.Schedules {
		if m, ok := secret.Masked(out.Schedules[i].Parameters, []string{FieldParameters}).(map[string]any); ok {
			out.Schedules[i].Parameters = m
		}
	}
	return out
}

// Schedule gives a stored rule as a manifest has it.
func (r StoredRule) Schedule() manifest.Schedule {
	s := manifest.Schedule{Active: new(r.Active), Parameters: r.Parameters}
	if schedules.Named(r.Slug) {
		s.Slug = r.Slug
	}
	s.Cron, _ = r.Rule["cron"].(string)
	s.RRule, _ = r.Rule["rrule"].(string)
	switch n := r.Rule["interval"].(type) {
	case float64:
		s.Interval = n
	case json.Number:
		s.Interval, _ = n.Float64()
	}
	s.Timezone, _ = r.Rule["timezone"].(string)
	s.AnchorDate, _ = r.Rule["anchor_date"].(string)
	if day, ok := r.Rule["day_or"].(bool); ok {
		s.DayOr = &day
	}
	return s
}

// Unchanged gives the hashes of what the plan leaves as it is, by deployment id. They can be computed while the server works on the
// rest.
func (p Plan) Unchanged() (map[string]string, error) {
	out := map[string]string{}
	for _, a := range p.Actions {
		if a.Have == nil || a.Op == Update || a.Op == Delete {
			continue
		}
		state, err := StateOf(*a.Have)
		if err != nil {
			return nil, fmt.Errorf("deployment %s: %w", a.Name, err)
		}
		out[a.ID] = state.Hash()
	}
	return out, nil
}

// Fingerprint names what a plan would write and what it would replace: two plans of the same fingerprint do the same to the same
// state. It tells nothing about the values in it.
func (p Plan) Fingerprint() (string, error) {
	sum := sha256.New()
	enc := json.NewEncoder(sum)
	head := []any{p.Project, p.Env, p.API, p.poolWrites()}
	if err := enc.Encode(head); err != nil {
		return "", fmt.Errorf("plan: %w", err)
	}
	for _, a := range p.Actions {
		prior := ""
		if a.Have != nil && a.Op != Unchanged {
			state, err := StateOf(*a.Have)
			if err != nil {
				return "", fmt.Errorf("deployment %s: %w", a.Name, err)
			}
			prior = state.Hash()
		}
		what := []any{a.Op, a.Name, a.Flow, a.ID, a.Fields, a.Schedules.Create, a.Schedules.Update, a.Schedules.Remove, a.Triggers.Create, a.Triggers.Remove, prior}
		if len(a.Triggers.Change) > 0 {
			what = append(what, a.Triggers.Change)
		}
		if len(a.Desired.Steps) > 0 {
			what = append(what, a.Desired.Steps)
		}
		if err := enc.Encode(what); err != nil {
			return "", fmt.Errorf("deployment %s: %w", a.Name, err)
		}
	}
	return hex.EncodeToString(sum.Sum(nil)[:16]), nil
}
