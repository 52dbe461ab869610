package targets

import (
	"context"
	"time"

	"github.com/magefile/mage/mg"

	"github.com/flowmage/flowmage/magefiles/command"
	"github.com/flowmage/flowmage/tasks/deploying"
	"github.com/flowmage/flowmage/tasks/draft"
	"github.com/flowmage/flowmage/tasks/kind"
	"github.com/flowmage/flowmage/tasks/session"
)

// Deploy is about deployments on a Prefect server.
type Deploy mg.Namespace

// All deploys every flow in every kind; in dev it starts a Prefect server first if there is none.
func (Deploy) All(
	ctx context.Context,
	env *string, // the environment (default dev)
	only *string, // these flows: names, folders or functions, separated by commas
	strict *bool, // one error blocks everything, as always in prod
	prune *bool, // delete deployments of ours that nothing asks for any more
	file *string, // deploy this prefect.yaml instead of rendering one
	project *string, // with -file: whose the deployments are; without it nothing is pruned
	yes *bool, // don't ask before deletions
	wait *time.Duration, // how long to wait for another deploy, and as long in all when the server asks for time (default 2m)
	verify *bool, // -verify=false: don't look afterwards whether it is visible and can run
	json *bool, // print the result as JSON
) error {
	return act(ctx, withOptions(command.Deploy, deploying.Options{
		Command: "deploy:all",
		Options: draft.Options{Env: value(env), Only: words(only), Strict: value(strict), Prune: value(prune), File: value(file), Project: value(project)},
		Yes:     value(yes), Wait: value(wait), JSON: value(json), Unverified: denied(verify),
	}))
}

// Python deploys every flow as a Python process.
func (Deploy) Python(
	ctx context.Context,
	env *string, // the environment (default dev)
	only *string, // these flows: names, folders or functions, separated by commas
	strict *bool, // one error blocks everything, as always in prod
	prune *bool, // delete deployments of ours that nothing asks for any more
	file *string, // deploy this prefect.yaml instead of rendering one
	project *string, // with -file: whose the deployments are; without it nothing is pruned
	yes *bool, // don't ask before deletions
	wait *time.Duration, // how long to wait for another deploy, and as long in all when the server asks for time (default 2m)
	verify *bool, // -verify=false: don't look afterwards whether it is visible and can run
	json *bool, // print the result as JSON
) error {
	return act(ctx, withOptions(command.Deploy, deploying.Options{
		Command: "deploy:python",
		Options: draft.Options{Kind: kind.Python, Env: value(env), Only: words(only), Strict: value(strict), Prune: value(prune), File: value(file), Project: value(project)},
		Yes:     value(yes), Wait: value(wait), JSON: value(json), Unverified: denied(verify),
	}))
}

// Containers builds the images that are missing and deploys every flow as a container.
func (Deploy) Containers(
	ctx context.Context,
	env *string, // the environment (default dev)
	only *string, // these flows: names, folders or functions, separated by commas
	strict *bool, // one error blocks everything, as always in prod
	prune *bool, // delete deployments of ours that nothing asks for any more
	yes *bool, // don't ask before deletions
	wait *time.Duration, // how long to wait for another deploy, and as long in all when the server asks for time (default 2m)
	json *bool, // print the result as JSON
) error {
	return act(ctx, withOptions(command.Deploy, deploying.Options{
		Command: "deploy:containers",
		Options: draft.Options{Kind: kind.Container, Env: value(env), Only: words(only), Strict: value(strict), Prune: value(prune)},
		Yes:     value(yes), Wait: value(wait), JSON: value(json),
	}))
}

// Build builds the images and renders prefect.<env>.yaml, which `prefect deploy` reads too; needs no server.
func (Deploy) Build(
	ctx context.Context,
	env *string, // the environment (default dev)
	only *string, // these flows: names, folders or functions, separated by commas
	kind *string, // only python, or only container
	strict *bool, // one error blocks everything, as always in prod
	json *bool, // print the result as JSON
) error {
	return act(ctx, withOptions(command.Build, deploying.Options{Options: draft.Options{Env: value(env), Only: words(only), Kind: kindOf(kind), Strict: value(strict)}, JSON: value(json)}))
}

// Plan prints what a deploy would change, and changes nothing.
func (Deploy) Plan(
	ctx context.Context,
	env *string, // the environment (default dev)
	only *string, // these flows: names, folders or functions, separated by commas
	kind *string, // only python, or only container
	strict *bool, // one error blocks everything, as always in prod
	prune *bool, // delete deployments of ours that nothing asks for any more
	file *string, // deploy this prefect.yaml instead of rendering one
	project *string, // with -file: whose the deployments are; without it nothing is pruned
	exitcode *bool, // exit with 10 when there are changes
	out *string, // write the plan to this file, for deploy:apply
	markdown *bool, // print the plan as Markdown, for a pull request
	json *bool, // print the plan as JSON
) error {
	return look(ctx, withOptions(command.Plan, deploying.Options{
		Options:  draft.Options{Env: value(env), Only: words(only), Kind: kindOf(kind), Strict: value(strict), Prune: value(prune), File: value(file), Project: value(project)},
		ExitCode: value(exitcode), Out: value(out), Markdown: value(markdown), JSON: value(json),
	}))
}

// Apply executes a plan that deploy:plan -out wrote, if it is still what a deploy would do; otherwise nothing.
func (Deploy) Apply(
	ctx context.Context,
	file string,
	wait *time.Duration, // how long to wait for another deploy, and as long in all when the server asks for time (default 2m)
	verify *bool, // -verify=false: don't look afterwards whether it is visible and can run
	json *bool, // print the result as JSON
) error {
	return act(ctx, func(ctx context.Context, s *session.Session) error {
		return command.Apply(ctx, s, file, deploying.Options{Wait: value(wait), JSON: value(json), Unverified: denied(verify)})
	})
}

// Clean lists our deployments of the environment, asks, and deletes them; what is not ours stays.
func (Deploy) Clean(
	ctx context.Context,
	env *string, // the environment (default dev)
	only *string, // these alone: flow/deployment, flows, folders, functions, deployments or patterns such as 'etl-*', separated by commas
	kind *string, // only python, or only container
	served *bool, // what flows:serve has left behind, too, unless it is still served
	images *bool, // remove the project's images from this machine too
	yes *bool, // don't ask
	json *bool, // print the result as JSON
) error {
	return act(ctx, withOptions(command.Clean, deploying.CleanOptions{
		Env: value(env), Only: words(only), Kind: kindOf(kind), Served: value(served), Images: value(images), Yes: value(yes), JSON: value(json),
	}))
}

// Status tells what differs from the last deploy, by whose hands ever, and from the repository.
func (Deploy) Status(
	ctx context.Context,
	env *string, // the environment (default dev)
	exitcode *bool, // exit with 10 when anything differs
	json *bool, // print JSON
) error {
	return look(ctx, withOptions(command.DeployStatus, command.RecordOptions{Env: value(env), ExitCode: value(exitcode), JSON: value(json)}))
}

// History shows who deployed what when; the newest is last.
func (Deploy) History(
	ctx context.Context,
	env *string, // the environment (default dev)
	json *bool, // print JSON
) error {
	return look(ctx, withOptions(command.History, command.RecordOptions{Env: value(env), JSON: value(json)}))
}

// Rollback restores the definitions as an earlier deploy left them, after showing the plan; code and images stay as they are.
func (Deploy) Rollback(
	ctx context.Context,
	env *string, // the environment (default dev)
	to *int, // the number in deploy:history to go back to (default the one before the last)
	yes *bool, // don't ask
	wait *time.Duration, // how long to wait for another deploy, and as long in all when the server asks for time (default 2m)
	json *bool, // print the result as JSON
) error {
	return act(ctx, withOptions(command.Rollback, command.RecordOptions{Env: value(env), To: to, Yes: value(yes), Wait: value(wait), JSON: value(json)}))
}

// Unlock breaks the lock of a deploy that is dead, after showing whose it is.
func (Deploy) Unlock(
	ctx context.Context,
	env *string, // the environment (default dev)
	yes *bool, // don't ask
) error {
	return act(ctx, withOptions(command.Unlock, command.RecordOptions{Env: value(env), Yes: value(yes)}))
}

// Adopt takes over deployments that exist on the server under the names of ours: shows each and what a deploy would change, asks, and adds our tag.
func (Deploy) Adopt(
	ctx context.Context,
	env *string, // the environment (default dev)
	only *string, // these flows: names, folders or functions, separated by commas
	kind *string, // only python, or only container
	file *string, // those of this prefect.yaml, instead of a rendered one
	project *string, // with -file: whose the deployments will be
	yes *bool, // don't ask
	wait *time.Duration, // how long to wait for another deploy, and as long in all when the server asks for time (default 2m)
	json *bool, // print the result as JSON
) error {
	return act(ctx, withOptions(command.Adopt, deploying.Options{
		Options: draft.Options{Env: value(env), Only: words(only), Kind: kindOf(kind), File: value(file), Project: value(project)},
		Yes:     value(yes), Wait: value(wait), JSON: value(json),
	}))
}

// Release takes our tag off deployments, after showing the list; all else of them stays, and they are not ours any more.
func (Deploy) Release(
	ctx context.Context,
	env *string, // the environment (default dev)
	only *string, // these alone: flow/deployment, flows, folders, functions, deployments or patterns such as 'etl-*', separated by commas
	all *bool, // all of ours in the environment
	kind *string, // only python, or only container
	project *string, // of another project than the settings name, as deployed with -file and -project
	yes *bool, // don't ask
	wait *time.Duration, // how long to wait for another deploy, and as long in all when the server asks for time (default 2m)
	json *bool, // print the result as JSON
) error {
	return act(ctx, withOptions(command.Release, deploying.ReleaseOptions{
		Env: value(env), Project: value(project), Only: words(only), All: value(all), Kind: kindOf(kind), Yes: value(yes), Wait: value(wait), JSON: value(json),
	}))
}
