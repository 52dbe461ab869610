package command

import (
	"context"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/local"
	"github.com/flowmage/flowmage/tasks/verify"
)

// EnvOptions are the choices of the env targets.
type EnvOptions struct {
	Env  string
	JSON bool
}

// Up brings the embedded environment up: Python, the flows' packages, the server. Workers follow with the first deploy, which makes
// their pools; those whose pool is there are started.
func Up(ctx context.Context, s *Session, o EnvOptions) error {
	s.Engage()
	env, to, _, err := s.up(ctx, o.Env)
	if err != nil {
		return err
	}
	if to.embedded == nil {
		return s.foreign(ctx, to)
	}
	var there []string
	for name, kind := range env.PoolTypes() {
		pool, found, err := to.api.WorkPool(ctx, name)
		if err != nil {
			return err
		}
		if found && pool.Type == kind {
			there = append(there, name)
		}
	}
	if err := s.worker(ctx, to, env, there); err != nil {
		return err
	}
	s.Console.Printf("running   %s  %s\n", to.api.URL(), to.ui)
	line, err := shellLine(to.embedded, to.running)
	if err == nil {
		s.Console.Say("for Prefect's own command in this shell, %s:", to.embedded.Python().Prefect())
		s.Console.Printf("%s\n", line)
	}
	s.offerEntry(to)
	return err
}

// foreign checks a server that is not ours to start.
func (s *Session) foreign(ctx context.Context, to server) error {
	if err := to.api.Health(ctx); err != nil {
		return err
	}
	s.Console.Say("this server is not started or stopped from here")
	s.Console.Printf("running   %s  %s\n", to.api.URL(), to.ui)
	return nil
}

// sound loads settings and ends with code Findings when they have errors.
func (s *Session) sound(ctx context.Context, name string) (config.Env, error) {
	env, findings, err := s.settings(ctx, name)
	if err != nil {
		return env, err
	}
	s.Console.Findings(findings)
	if findings.HasErrors() {
		return env, &fault.Error{Code: fault.Findings, What: "the settings have errors", Why: "nothing was done", Next: "correct what is listed above"}
	}
	return env, nil
}

// surveyed is sound with the flows. What is wrong in their files is among the result's findings, and shown by nobody yet.
func (s *Session) surveyed(ctx context.Context, name string) (config.Env, flow.Result, error) {
	env, err := s.sound(ctx, name)
	if err != nil {
		return env, flow.Result{}, err
	}
	return s.scan(ctx, env)
}

// up is surveyed with the server, which is started where that is ours to do, with the packages of all flows.
func (s *Session) up(ctx context.Context, name string) (config.Env, server, []flow.Flow, error) {
	env, scanned, err := s.surveyed(ctx, name)
	if err != nil {
		return env, server{}, nil, err
	}
	to, err := s.connect(ctx, env, access{start: true, flows: scanned.Flows})
	return env, to, scanned.Flows, err
}

// Down stops what Up started, and nothing else.
func Down(ctx context.Context, s *Session) error {
	s.Engage()
	stopped, err := s.embedded(config.Env{}).Down(ctx)
	for _, p := range stopped {
		s.Console.Printf("stopped   %s (pid %d)\n", p.Name, p.PID)
	}
	if err == nil && len(stopped) == 0 {
		s.Console.Say("nothing to stop: no process of %s/ is running", local.Folder)
	}
	return err
}

// Status tells what of the embedded environment is there and which runs nobody works on any more, and starts nothing.
func Status(ctx context.Context, s *Session, o EnvOptions) error {
	status, err := s.embedded(config.Env{}).Status(ctx)
	if err != nil {
		return err
	}
	env, left, unknown := s.lookForLeft(ctx, o.Env, status)
	if o.JSON {
		return s.Console.JSON(struct {
			local.Status
			Left    []verify.Left `json:"left_behind"`
			Unknown string        `json:"left_unknown,omitempty"` // why runs could not be looked for
		}{status, left, unknown})
	}
	w := tabwriter.NewWriter(s.Console.Out(), 0, 4, 2, ' ', 0)
	python := status.Python.Problem
	if python == "" {
		python = fmt.Sprintf("Python %s, Prefect %s\t%s", status.Python.Version, status.Python.Prefect, status.Python.Path)
	}
	fmt.Fprintf(w, "python\t%s\n", python)
	fmt.Fprintf(w, "server\t%s\t%s\n", status.Server.State, alive(status.Server.Process, status.Server.UI))
	for _, worker := range status.Workers {
		state := "running"
		if worker.WorkerPID == 0 {
			state = "is being started again"
		}
		fmt.Fprintf(w, "worker\t%s\t%s\n", state, alive(worker, worker.Name))
	}
	if len(status.Workers) == 0 {
		fmt.Fprintln(w, "worker\tstopped\t")
	}
	if unknown != "" {
		fmt.Fprintf(w, "runs\tnot known: %s\n", unknown)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	s.showLeft(left, env)
	return nil
}

// askQuickly bounds what status asks a server, which may be away.
const askQuickly = 10 * time.Second

// lookForLeft gives the environment's name and its runs that nobody works on, or why they are not known.
func (s *Session) lookForLeft(ctx context.Context, name string, status local.Status) (string, []verify.Left, string) {
	none := []verify.Left{}
	env, findings, err := s.settings(ctx, name)
	if err == nil && findings.HasErrors() {
		return env.Name, none, "the settings have errors"
	}
	var at located
	if err == nil {
		at, err = s.locate(env)
	}
	if err == nil && at.embedded != nil && status.Server.State != local.Running {
		return env.Name, none, ""
	}
	ctx, cancel := context.WithTimeout(ctx, askQuickly)
	defer cancel()
	var left []verify.Left
	if err == nil {
		var to server
		if to, err = s.connect(ctx, env, access{}); err == nil {
			left, err = to.leftBehind(ctx, ownerOf(env))
		}
	}
	if err != nil {
		return env.Name, none, faultOf(err).What
	}
	return env.Name, left, ""
}

// alive describes a running process; of none it says nothing.
func alive(p local.Process, what string) string {
	if p.PID == 0 {
		return ""
	}
	return fmt.Sprintf("%s (pid %d since %s, log %s)", what, p.PID, p.Started.Format(time.DateTime), p.Log)
}
