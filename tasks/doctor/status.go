package doctor

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

// Status is what env:status tells: what of the embedded environment is there, and which runs nobody works on any more.
type Status struct {
	local.Status
	Orphans []run.Orphan `json:"left_behind"`
	Unknown string       `json:"left_unknown,omitempty"` // why runs could not be looked for
}

// StatusOf gives the name of the environment that is meant, and its status. It starts nothing.
func StatusOf(ctx context.Context, s *session.Session, name string) (string, Status, error) {
	here, err := s.Embedded(config.Env{}).Status(ctx)
	if err != nil {
		return "", Status{}, err
	}
	out := Status{Status: here, Orphans: []run.Orphan{}}
	env, findings, err := s.Settings(ctx, name, nil)
	switch {
	case err == nil && findings.HasErrors():
		out.Unknown = "the settings have errors"
	case err == nil:
		out.Orphans, err = orphansOf(ctx, s, env, here)
	}
	if err != nil {
		out.Orphans, out.Unknown = []run.Orphan{}, fault.Of(err).What
	}
	return env.Name, out, nil
}

// askQuickly bounds what env:status asks a server, which may be away.
const askQuickly = 10 * time.Second

// orphansOf gives the environment's runs that nobody works on: none where an embedded server does not run.
func orphansOf(ctx context.Context, s *session.Session, env config.Env, here local.Status) ([]run.Orphan, error) {
	at, err := s.Locate(env)
	if err != nil || at.Embedded != nil && here.Server.State != local.Running {
		return []run.Orphan{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, askQuickly)
	defer cancel()
	to, err := s.Connect(ctx, env, session.Access{})
	if err != nil {
		return nil, err
	}
	return run.Orphans(ctx, to, session.OwnerOf(env))
}

// Print prints the status of an environment as a table.
func (st Status) Print(s *session.Session, env string) error {
	w := tabwriter.NewWriter(s.Console.Out(), 0, 4, 2, ' ', 0)
	python := st.Python.Problem
	if python == "" {
		python = fmt.Sprintf("Python %s, Prefect %s\t%s", st.Python.Version, st.Python.Prefect, st.Python.Path)
	}
	fmt.Fprintf(w, "python\t%s\n", python)
	fmt.Fprintf(w, "server\t%s\t%s\n", st.Server.State, alive(st.Server.Process, st.Server.UI))
	for _, worker := range st.Workers {
		state := "running"
		if worker.WorkerPID == 0 {
			state = "is being started again"
		}
		fmt.Fprintf(w, "worker\t%s\t%s\n", state, alive(worker, worker.Name))
	}
	if len(st.Workers) == 0 {
		fmt.Fprintln(w, "worker\tstopped\t")
	}
	if st.Unknown != "" {
		fmt.Fprintf(w, "runs\tnot known: %s\n", st.Unknown)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	run.ShowOrphans(s, st.Orphans, env)
	return nil
}

// alive describes a running process; of none it says nothing.
func alive(p local.Process, what string) string {
	if p.PID == 0 {
		return ""
	}
	return fmt.Sprintf("%s (pid %d since %s, log %s)", what, p.PID, p.Started.Format(time.DateTime), p.Log)
}
