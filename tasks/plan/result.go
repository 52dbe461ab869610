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
	done, made := map[Key]Outcome{}, map[string]Outcome{}
	for _, o := range r.Outcomes {
		if o.Err == nil {
			done[Key{o.Flow, o.Name}] = o
		}
	}
	for _, o := range r.Pools {
		if o.Err == nil {
			made[o.Name] = o
		}
	}
	actions, pools := make([]Action, 0, len(p.Actions)), make([]Pool, 0, len(p.Pools))
	for _, a := range p.Actions {
		o, ok := done[Key{a.Flow, a.Name}]
		if ok && (a.Op == Create || a.Op == Update) {
			a.ID = o.ID
		}
		if !ok || o.settle(&a.Op, &a.Stays) {
			actions = append(actions, a)
		}
	}
	for _, x := range p.Pools {
		if o, ok := made[x.Name]; !ok || o.settle(&x.Op, &x.Stays) {
			pools = append(pools, x)
		}
	}
	p.Actions, p.Pools = actions, pools
	return p
}

// settle makes a planned operation what is left of it; false says that it deleted what it was about.
func (o Outcome) settle(op *Op, stays *string) bool {
	switch *op {
	case Delete:
		*op, *stays = Leftover, o.Stays
		return o.Op != Delete
	case Create, Update:
		*op = Unchanged
	default:
	}
	return true
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
		if slices.Contains([]Op{Unchanged, Create, Update}, x.Op) && !failed[x.Name] {
			out = append(out, x.Name)
		}
	}
	return out
}

// Deletions gives what the plan deletes.
func (p Plan) Deletions() []Action {
	return slices.DeleteFunc(slices.Clone(p.Actions), func(a Action) bool { return a.Op != Delete })
}
