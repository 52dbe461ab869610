package plan

import "slices"

// Outcome is what became of one action.
type Outcome struct {
	Op   Op     `json:"op"`
	Name string `json:"name"`
	Flow string `json:"flow"`
	ID   string `json:"id,omitempty"`
	Err  error  `json:"-"`
	// Failure is Err's text, for JSON.
	Failure string `json:"error,omitempty"`
	Stays   string `json:"stays,omitempty"` // why something was not deleted: its Op is Leftover then

	Desired Desired `json:"-"` // with the outputs of steps
}

// Fail notes that it failed, unless err is nil.
func (o *Outcome) Fail(err error) {
	if o.Err = err; err != nil {
		o.Failure = err.Error()
	}
}

// Result is what became of a plan.
type Result struct {
	Outcomes []Outcome `json:"deployments"`
	Pools    []Outcome `json:"pools,omitempty"` // work pools
}

// Failed gives the outcomes with an error.
func (r Result) Failed() []Outcome {
	var out []Outcome
	for _, o := range slices.Concat(r.Outcomes, r.Pools) {
		if o.Err != nil {
			out = append(out, o)
		}
	}
	return out
}

// Applied gives the plan as it stands when the result is there: what was written has its id and is unchanged now, what was deleted
// is gone, and what failed is still to do.
func (p Plan) Applied(r Result) Plan {
	type key struct{ flow, name string }
	done := map[key]Outcome{}
	for _, o := range r.Outcomes {
		if o.Err == nil {
			done[key{o.Flow, o.Name}] = o
		}
	}
	p.Pools = appliedPools(p.Pools, r)
	actions := make([]Action, 0, len(p.Actions))
	for _, a := range p.Actions {
		o, ok := done[key{a.Flow, a.Name}]
		switch {
		case !ok:
		case a.Op == Delete && o.Op == Delete:
			continue
		case a.Op == Delete:
			a.Op, a.Stays = Leftover, o.Stays
		case a.Op == Create || a.Op == Update:
			a.Op, a.ID = Unchanged, o.ID
		}
		actions = append(actions, a)
	}
	p.Actions = actions
	return p
}

// appliedPools gives the pools as they stand when the result is there.
func appliedPools(pools []Pool, r Result) []Pool {
	done := map[string]Outcome{}
	for _, o := range r.Pools {
		if o.Err == nil {
			done[o.Name] = o
		}
	}
	out := make([]Pool, 0, len(pools))
	for _, x := range pools {
		o, ok := done[x.Name]
		switch {
		case !ok:
		case x.Op == Delete && o.Op == Delete:
			continue
		case x.Op == Delete:
			x.Op, x.Stays = Leftover, o.Stays
		case x.Op == Create || x.Op == Update:
			x.Op = Unchanged
		}
		out = append(out, x)
	}
	return out
}

// StandingPools gives the names of the plan's work pools that are there, and of the wanted type, when the result is: those that were found,
// and those that were made.
func (p Plan) StandingPools(r Result) []string {
	failed := map[string]bool{}
	for _, o := range r.Pools {
		failed[o.Name] = o.Err != nil
	}
	var out []string
	for _, x := range p.Pools {
		switch x.Op {
		case Unchanged, Create, Update:
			if !failed[x.Name] {
				out = append(out, x.Name)
			}
		default:
		}
	}
	return out
}

// Deletions gives what the plan deletes.
func (p Plan) Deletions() []Action {
	return slices.DeleteFunc(slices.Clone(p.Actions), func(a Action) bool { return a.Op != Delete })
}
