package targets

import (
	"context"

	"github.com/magefile/mage/mg"

	"github.com/flowmage/flowmage/magefiles/command"
	"github.com/flowmage/flowmage/tasks/deploying"
	"github.com/flowmage/flowmage/tasks/session"
	"github.com/flowmage/flowmage/tasks/tail"
	"github.com/flowmage/flowmage/tasks/workers"
)

// Env is about environments, and the embedded one in .flowmage/.
type Env mg.Namespace

// Up starts dev's own Prefect server: Python, packages, server, worker; whatever is there already is left alone.
func (Env) Up(
	ctx context.Context,
	env *string, // the environment (default dev)
) error {
	return act(ctx, withOptions(command.Up, command.EnvOptions{Env: value(env)}))
}

// Open opens the UI in your browser and lets that browser in, by a code that works once and for ten minutes.
func (Env) Open(
	ctx context.Context,
	env *string, // the environment (default dev)
	page *string, // a link or path in the UI, such as /deployments (default its first page)
	address *bool, // print the address and open nothing
) error {
	return act(ctx, withOptions(command.Open, command.OpenOptions{Env: value(env), Page: value(page), Address: value(address)}))
}

// Down stops what env:up started, and nothing else.
func (Env) Down(ctx context.Context) error { return act(ctx, command.Down) }

// Status tells what of dev's own server is installed and running, and which runs a dead process has left behind; starts nothing.
func (Env) Status(
	ctx context.Context,
	env *string, // the environment whose runs are looked at (default dev)
	json *bool, // print JSON
) error {
	return look(ctx, withOptions(command.Status, command.EnvOptions{Env: value(env), JSON: value(json)}))
}

// Doctor tells everything about an environment on one page, and what is wrong with its remedy; starts and changes nothing.
func (Env) Doctor(
	ctx context.Context,
	env *string, // the environment (default dev)
	json *bool, // print JSON
	bundle *string, // write a support archive without secrets to this file, such as doctor.tar.gz
) error {
	return look(ctx, withOptions(command.Doctor, command.DoctorOptions{Env: value(env), JSON: value(json), Bundle: value(bundle)}))
}

// Worker runs a worker for each of the environment's pools until Ctrl-C, and starts one again that ends or falls silent.
func (Env) Worker(
	ctx context.Context,
	env *string, // the environment (default dev)
	pool *string, // only this work pool
	name *string, // the workers' name (default made of machine, pool and process)
	limit *int, // runs at one time (default no limit)
	detach *bool, // start them in the background; env:down ends them
) error {
	return foreground(ctx, withOptions(command.Worker, workers.Options{
		Env: value(env), Pool: value(pool), Name: value(name), Limit: value(limit), Detach: value(detach),
	}))
}

// Logs shows the ends of the logs of dev's own server and workers.
func (Env) Logs(
	ctx context.Context,
	only *string, // logs whose names begin so, separated by commas: server, worker, install
	lines *int, // how many lines of each (default 20)
	follow *bool, // go on with what is written from now on, until Ctrl-C
) error {
	return watching(ctx, withOptions(command.Logs, tail.Options{Only: words(only), Lines: value(lines), Follow: value(follow)}))
}

// Preview brings a branch's own deployments up beside the environment's, paused, or cleans them away, or lists them: up, clean, list.
func (Env) Preview(
	ctx context.Context,
	action string,
	env *string, // the environment beside whose deployments they stand (default dev)
	branch *string, // the branch (default the one that is checked out)
	only *string, // up: these flows: names, folders or functions, separated by commas
	gone *bool, // clean: every preview whose branch is gone
	yes *bool, // don't ask
	json *bool, // print the result as JSON
) error {
	carry := act
	if action == "list" {
		carry = look
	}
	return carry(ctx, func(ctx context.Context, s *session.Session) error {
		return command.Preview(ctx, s, action, deploying.PreviewOptions{
			Env: value(env), Branch: value(branch), Only: words(only), Gone: value(gone), Yes: value(yes), JSON: value(json),
		})
	})
}

// Render writes the files for a server on several machines, for Compose and Kubernetes, to rendered/.
func (Env) Render(
	ctx context.Context,
	env *string, // the environment (default dev)
	json *bool, // print JSON
) error {
	return act(ctx, withOptions(command.Render, command.EnvOptions{Env: value(env), JSON: value(json)}))
}

// Show prints every setting of an environment with its value and where that comes from.
func (Env) Show(
	ctx context.Context,
	env *string, // the environment (default dev)
	json *bool, // print JSON
) error {
	return look(ctx, withOptions(command.Show, command.EnvOptions{Env: value(env), JSON: value(json)}))
}

// Diff prints the settings in which two environments differ, each with its place.
func (Env) Diff(
	ctx context.Context,
	environment string,
	other string,
	json *bool, // print JSON
) error {
	return look(ctx, func(ctx context.Context, s *session.Session) error {
		return command.Differences(ctx, s, environment, other, command.EnvOptions{JSON: value(json)})
	})
}

// Images lists the project's images on this machine: size, age, and what uses them.
func (Env) Images(
	ctx context.Context,
	env *string, // the environment whose flows use them (default dev)
	json *bool, // print JSON
) error {
	return look(ctx, withOptions(command.Images, command.EnvOptions{Env: value(env), JSON: value(json)}))
}

// List shows the environments and their files.
func (Env) List(
	ctx context.Context,
	json *bool, // print JSON
) error {
	return look(ctx, withOptions(command.Environments, command.EnvOptions{JSON: value(json)}))
}

// Version tells which program this is: release, commit, Go, system.
func (Env) Version(
	ctx context.Context,
	json *bool, // print JSON
) error {
	return look(ctx, func(_ context.Context, s *session.Session) error {
		return command.Version(s, command.EnvOptions{JSON: value(json)})
	})
}
