package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
)

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
