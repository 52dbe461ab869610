package command

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/flowmage/flowmage/tasks/deploy"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/schema"
	"github.com/flowmage/flowmage/tasks/secret"
)

// RunOptions are the choices of flows:run.
type RunOptions struct {
	Env     string
	Flow    string        // name, folder or function
	Kind    string        // python or container; empty: python, where the flow has both
	Params  string        // a JSON object, or @file that holds one
	Timeout time.Duration // 0 means no limit
	JSON    bool
}

// poll is how often a run's state and log are asked for.
const poll = 500 * time.Millisecond

// Run deploys one flow, starts a run of it, follows its log, and ends with its state: code Run unless it is COMPLETED.
func Run(ctx context.Context, s *Session, o RunOptions) error {
	parameters, err := s.params(o.Params)
	if err != nil {
		return err
	}
	if o.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, o.Timeout)
		defer cancel()
	}
	out, err := s.deploy(ctx, DeployOptions{Env: o.Env, Only: []string{o.Flow}, Kind: s.runKind(ctx, o), Command: "flows:run", Unverified: true})
	if err != nil {
		return err
	}
	target, err := one(out)
	if err != nil {
		return err
	}
	if err := checkParams(out.draft.desired[0], parameters); err != nil {
		return err
	}
	run, err := out.server.api.CreateFlowRun(ctx, target.ID, prefect.FlowRunRequest{Parameters: parameters})
	if err != nil {
		return err
	}
	s.Console.Say("run %s of %s: %s", run.Name, target.Name, prefect.FlowRunLink(strings.TrimSuffix(out.server.ui, "/"), run.ID))
	final, err := s.follow(ctx, out.server.api, run.ID)
	if err != nil {
		return s.interrupted(err, run)
	}
	return s.ended(o, final, out.server)
}

// runKind chooses among the kinds of a flow. What is wrong with settings or flow is told later, by the deploy.
func (s *Session) runKind(ctx context.Context, o RunOptions) string {
	if o.Kind != "" {
		return o.Kind
	}
	env, _, err := s.settings(ctx, o.Env)
	if err != nil {
		return python
	}
	env, scanned, err := s.scan(ctx, env)
	if err != nil {
		return python
	}
	found, err := flow.Select(scanned.Flows, []string{o.Flow})
	if err == nil && len(found) == 1 && !slices.Contains(env.Settings(found[0].Names()...).Kinds, python) {
		return container
	}
	return python
}

// one gives the single deployment that was asked for.
func one(out deployed) (deploy.Outcome, error) {
	if len(out.result.Outcomes) != 1 || len(out.draft.desired) != 1 || out.result.Outcomes[0].ID == "" {
		return deploy.Outcome{}, &fault.Error{
			Code: fault.Findings, What: "there is no deployment to run", Why: "the flow is not deployed in this environment",
			Next: "look at flows.<name>.enabled in envs/",
		}
	}
	return out.result.Outcomes[0], nil
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
		if !filepath.IsAbs(file) {
			file = filepath.Join(s.Root, file)
		}
		var err error
		if data, err = os.ReadFile(file); err != nil {
			return nil, wrong(strings.TrimPrefix(text, "@"), err)
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
func checkParams(d deploy.Desired, parameters map[string]any) error {
	s, _ := schema.Of(d.Flow.Module, d.Flow.Definition)
	var wrong []string
	for name, value := range parameters {
		property, known := s.Properties[name]
		switch {
		case !known:
			wrong = append(wrong, fmt.Sprintf("%s has no parameter %q (it has %s)", d.Flow.Name, name, strings.Join(s.Names(), ", ")))
		case !property.Accepts(value):
			wrong = append(wrong, fmt.Sprintf("%q is %s, this is %v", name, property.Describe(), secret.Masked(value, []string{name})))
		}
	}
	for _, name := range s.Required {
		_, given := parameters[name]
		set := false
		if stored, ok := d.Fields["parameters"].(map[string]any); ok {
			_, set = stored[name]
		}
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

// follow prints the run's log and states until it ends.
func (s *Session) follow(ctx context.Context, api *prefect.Client, id string) (prefect.FlowRun, error) {
	tail := logTail{seen: map[string]bool{}}
	tick := time.NewTicker(poll)
	defer tick.Stop()
	state := ""
	for {
		run, err := api.FlowRun(ctx, id)
		if err != nil {
			return run, err
		}
		if name := run.State.Name; name != state {
			state = name
			s.Console.Say("  state %s", name)
		}
		if err := tail.print(ctx, s, api, id); err != nil {
			return run, err
		}
		if run.State.Terminal() {
			return run, s.drain(ctx, api, id, &tail)
		}
		select {
		case <-ctx.Done():
			return run, ctx.Err()
		case <-tick.C:
		}
	}
}

// drain prints what is still on its way: workers send logs in batches of about two seconds.
func (s *Session) drain(ctx context.Context, api *prefect.Client, id string, tail *logTail) error {
	late := time.NewTimer(2500 * time.Millisecond)
	defer late.Stop()
	tick := time.NewTicker(poll)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-late.C:
			return nil
		case <-tick.C:
			if err := tail.print(ctx, s, api, id); err != nil {
				return err
			}
			if tail.finished {
				return nil
			}
		}
	}
}

// logTail prints each log line once.
type logTail struct {
	seen     map[string]bool
	last     time.Time
	finished bool // the engine's last line was seen
}

func (t *logTail) print(ctx context.Context, s *Session, api *prefect.Client, id string) error {
	// Lines may arrive out of order, a few seconds late.
	query := prefect.LogQuery{}
	if !t.last.IsZero() {
		query.After = t.last.Add(-15 * time.Second)
	}
	logs, err := api.Logs(ctx, id, query)
	if err != nil {
		return err
	}
	for _, l := range logs {
		if t.seen[l.ID] {
			continue
		}
		t.seen[l.ID] = true
		if l.Timestamp.After(t.last) {
			t.last = l.Timestamp
		}
		for line := range strings.Lines(l.Message) {
			s.Console.Say("  %s %-7s %s", l.Timestamp.Local().Format(time.TimeOnly), levelName(l.Level), strings.TrimRight(line, "\r\n"))
		}
		if strings.HasPrefix(l.Message, "Finished in state") && l.TaskRunID == "" {
			t.finished = true
		}
	}
	return nil
}

func levelName(level int) string {
	switch {
	case level >= 50:
		return "CRITICAL"
	case level >= 40:
		return "ERROR"
	case level >= 30:
		return "WARNING"
	case level >= 20:
		return "INFO"
	default:
		return "DEBUG"
	}
}

// interrupted tells that the run goes on without us.
func (s *Session) interrupted(err error, run prefect.FlowRun) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return &fault.Error{
			Code: fault.Run, What: "the run did not end in the time allowed", Where: run.Name,
			Why: "no longer followed; it goes on", Next: "is a worker online? `mage verify:deployments` tells",
		}
	}
	if errors.Is(err, context.Canceled) {
		s.Console.Say("no longer following %s; it goes on", run.Name)
	}
	return err
}

func (s *Session) ended(o RunOptions, run prefect.FlowRun, to server) error {
	link := prefect.FlowRunLink(strings.TrimSuffix(to.ui, "/"), run.ID)
	if o.JSON {
		result := map[string]any{"id": run.ID, "name": run.Name, "state": run.State.Type, "message": run.State.Message, "seconds": run.TotalRunTime, "link": link}
		if err := s.Console.JSON(result); err != nil {
			return err
		}
	} else {
		s.Console.Printf("%-9s %s  %s\n", strings.ToLower(run.State.Type), run.Name, link)
	}
	if run.State.Type == prefect.StateCompleted {
		return nil
	}
	return &fault.Error{
		Code: fault.Run, What: "the run ended as " + run.State.Type, Where: run.Name, Why: run.State.Message,
		Next: "the log above tells why; the page is " + link,
	}
}
