package command

import (
	"context"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/local"
	"github.com/flowmage/flowmage/tasks/run"
	"github.com/flowmage/flowmage/tasks/session"
)

// EnvOptions are the choices of the env targets.
type EnvOptions struct {
	Env  string
	JSON bool
}

// Up brings the embedded environment up: Python, the flows' packages, the server. Workers follow with the first deploy, which makes
// their pools; those whose pool is there are started.
func Up(ctx context.Context, s *session.Session, o EnvOptions) error {
	s.FinishOnSignal()
	env, to, _, err := session.StartEnv(ctx, s, o.Env)
	if err != nil {
		return err
	}
	if to.Embedded == nil {
		return foreign(ctx, s, to)
	}
	var there []string
	for name, kind := range env.PoolTypes() {
		pool, found, err := to.API.WorkPool(ctx, name)
		if err != nil {
			return err
		}
		if found && pool.Type == kind {
			there = append(there, name)
		}
	}
	if err := session.EnsureWorkers(ctx, s, to, env, there); err != nil {
		return err
	}
	s.Console.Printf("running   %s  %s\n", to.API.URL(), to.UI)
	line, err := shellLine(to.Embedded, to.Running)
	if err == nil {
		s.Console.Say("for Prefect's own command in this shell, %s:", to.Embedded.Prefect())
		s.Console.Printf("%s\n", line)
	}
	offerEntry(s, to)
	return err
}

// foreign checks a server that is not ours to start.
func foreign(ctx context.Context, s *session.Session, to session.Server) error {
	if err := to.API.Health(ctx); err != nil {
		return err
	}
	s.Console.Say("this server is not started or stopped from here")
	s.Console.Printf("running   %s  %s\n", to.API.URL(), to.UI)
	return nil
}

// Down stops what Up started, and nothing else.
func Down(ctx context.Context, s *session.Session) error {
	s.FinishOnSignal()
	stopped, err := s.Embedded(config.Env{}).Down(ctx)
	for _, p := range stopped {
		s.Console.Printf("stopped   %s (pid %d)\n", p.Name, p.PID)
	}
	if err == nil && len(stopped) == 0 {
		s.Console.Say("nothing to stop: no process of %s/ is running", local.Folder)
	}
	return err
}

// Status tells what of the embedded environment is there and which runs nobody works on any more, and starts nothing.
func Status(ctx context.Context, s *session.Session, o EnvOptions) error {
	status, err := s.Embedded(config.Env{}).Status(ctx)
	if err != nil {
		return err
	}
	env, left, unknown := lookForLeft(ctx, s, o.Env, status)
	if o.JSON {
		return s.Console.JSON(struct {
			local.Status
			Left    []run.Left `json:"left_behind"`
			Unknown string     `json:"left_unknown,omitempty"` // why runs could not be looked for
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
	run.ShowLeft(s, left, env)
	return nil
}

// askQuickly bounds what status asks a server, which may be away.
const askQuickly = 10 * time.Second

// lookForLeft gives the environment's name and its runs that nobody works on, or why they are not known.
func lookForLeft(ctx context.Context, s *session.Session, name string, status local.Status) (string, []run.Left, string) {
	none := []run.Left{}
	env, findings, err := s.Settings(ctx, name, nil)
	if err == nil && findings.HasErrors() {
		return env.Name, none, "the settings have errors"
	}
	var at session.Location
	if err == nil {
		at, err = s.Locate(env)
	}
	if err == nil && at.Embedded != nil && status.Server.State != local.Running {
		return env.Name, none, ""
	}
	ctx, cancel := context.WithTimeout(ctx, askQuickly)
	defer cancel()
	var left []run.Left
	if err == nil {
		var to session.Server
		if to, err = s.Connect(ctx, env, session.Access{}); err == nil {
			left, err = run.Behind(ctx, to, session.OwnerOf(env))
		}
	}
	if err != nil {
		return env.Name, none, fault.Of(err).What
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
