package command

import (
	"context"
	"runtime"

	"github.com/flowmage/flowmage/tasks/tail"
	"github.com/flowmage/flowmage/tasks/version"
	"github.com/flowmage/flowmage/tasks/workers"

	"github.com/flowmage/flowmage/tasks/browser"
	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/doctor"
	"github.com/flowmage/flowmage/tasks/local"
	"github.com/flowmage/flowmage/tasks/pool"
	"github.com/flowmage/flowmage/tasks/session"
)

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
	for name, kind := range pool.Types(env) {
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
	line, err := to.Embedded.Shell(to.Running)
	if err == nil {
		s.Console.Say("for Prefect's own command in this shell, %s:", to.Embedded.Python().Prefect())
		s.Console.Printf("%s\n", line)
	}
	browser.Offer(s, to)
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
	env, status, err := doctor.StatusOf(ctx, s, o.Env)
	if err != nil {
		return err
	}
	if o.JSON {
		return s.Console.JSON(status)
	}
	return status.Print(s, env)
}

// Worker runs a worker for each of the environment's pools until ctx ends, or starts them in the background, where env:down ends them.
func Worker(ctx context.Context, s *session.Session, o workers.Options) error {
	s.FinishOnSignal()
	env, to, flows, err := session.StartEnv(ctx, s, o.Env)
	if err != nil {
		return err
	}
	return workers.Run(ctx, s, to, env, flows, o)
}

// Logs shows the ends of the embedded environment's logs, and with Follow what comes until ctx ends.
func Logs(ctx context.Context, s *session.Session, o tail.Options) error { return tail.Show(ctx, s, o) }

// VersionLine says which program this is.
func VersionLine() string {
	return "flowmage " + version.Program().String() + ", " + runtime.GOOS + "/" + runtime.GOARCH
}

// Version prints which program this is.
func Version(s *session.Session, o EnvOptions) error {
	if !o.JSON {
		s.Console.Printf("%s\n", VersionLine())
		return nil
	}
	v := version.Program()
	return s.Console.JSON(map[string]any{
		"version": v.Short(), "release": v.Release, "revision": v.Revision, "modified": v.Modified, "go": v.Go, "system": runtime.GOOS + "/" + runtime.GOARCH,
	})
}
