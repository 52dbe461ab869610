package command

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/kind"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/secret"
	"github.com/flowmage/flowmage/tasks/tree"
)

// RunOptions are the choices of flows:run.
type RunOptions struct {
	Env     string
	Flow    string        // name, folder or function
	Kind    kind.Kind     // empty: python, where the flow has several
	Params  string        // a JSON object, or @file that holds one
	NoWait  bool          // start the run and leave it alone
	Timeout time.Duration // 0 means no limit
	JSON    bool
}

// Run deploys one flow, starts a run of it, follows its log, and ends with its state: code Run unless it is COMPLETED.
func Run(ctx context.Context, s *Session, o RunOptions) error {
	parameters, err := s.params(o.Params)
	if err != nil {
		return err
	}
	if err := o.Kind.Check(); err != nil {
		return err
	}
	if o.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, o.Timeout)
		defer cancel()
	}
	out, err := s.deploy(ctx, DeployOptions{Env: o.Env, Only: []string{o.Flow}, Kind: o.Kind, oneKind: true, Command: "flows:run", Unverified: true})
	if err != nil {
		return err
	}
	target, wanted, err := one(out, o.Kind)
	if err != nil {
		return err
	}
	if err := checkParams(wanted, parameters); err != nil {
		return err
	}
	run, err := out.server.api.CreateFlowRun(ctx, target.ID, prefect.FlowRunRequest{Parameters: parameters})
	if err != nil {
		return err
	}
	s.Console.Say("run %s of %s: %s", run.Name, target.Name, out.server.runLink(run.ID))
	if o.NoWait {
		return s.started(o, run, out.server)
	}
	final, err := s.follow(ctx, out.server.api, run.ID)
	if err != nil {
		return s.interrupted(ctx, err, run, out.server)
	}
	return s.ended(ctx, o, final, out.server)
}

// one gives the deployment that was asked for: that of the kind, else of the first kind that the flow has.
func one(out deployed, asked kind.Kind) (plan.Outcome, plan.Desired, error) {
	types := out.draft.env.PoolTypes()
	for _, k := range kind.All() {
		for _, d := range out.draft.desired {
			if kind.OfPool(types[d.Pool()]) != k || asked != "" && asked != k {
				continue
			}
			for _, x := range out.result.Outcomes {
				if x.Name == d.Name && x.ID != "" {
					return x, d, nil
				}
			}
		}
	}
	f := &fault.Error{
		Code: fault.Findings, What: "there is no deployment to run", Why: "the flow is not deployed in this environment",
		Next: "look at `enabled` in envs/, at the top and below flows.<name>",
	}
	if asked != "" {
		f.Why, f.Next = "the flow has no deployment of kind "+string(asked)+" in this environment", "look at kinds: in envs/, or leave out -kind"
	}
	return plan.Outcome{}, plan.Desired{}, f
}

// params reads -params: a JSON object, or @file.
func (s *Session) params(text string) (map[string]any, error) {
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
		if data, err = s.tree().Named(file, tree.Parameters); err != nil {
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

// checkParams checks the given parameters before a run is created: the server would accept an unknown one, and the run crash.
func checkParams(d plan.Desired, parameters map[string]any) error {
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
