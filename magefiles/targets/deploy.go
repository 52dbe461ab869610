package targets

import (
	"context"

	"github.com/magefile/mage/mg"

	"github.com/flowmage/flowmage/magefiles/command"
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
	json *bool, // print the result as JSON
) error {
	return run(ctx, func(ctx context.Context, s *command.Session) error {
		return command.Deploy(ctx, s, command.DeployOptions{Env: text(env), Only: words(only), Strict: truth(strict), Prune: truth(prune), JSON: truth(json)})
	})
}

// Python deploys every flow as a Python process.
func (Deploy) Python(
	ctx context.Context,
	env *string, // the environment (default dev)
	only *string, // these flows: names, folders or functions, separated by commas
	strict *bool, // one error blocks everything, as always in prod
	prune *bool, // delete deployments of ours that nothing asks for any more
	json *bool, // print the result as JSON
) error {
	return Deploy{}.All(ctx, env, only, strict, prune, json)
}

// Plan prints what a deploy would change, and changes nothing.
func (Deploy) Plan(
	ctx context.Context,
	env *string, // the environment (default dev)
	only *string, // these flows: names, folders or functions, separated by commas
	strict *bool, // one error blocks everything, as always in prod
	prune *bool, // delete deployments of ours that nothing asks for any more
	exitcode *bool, // exit with 10 when there are changes
	json *bool, // print the plan as JSON
) error {
	return run(ctx, func(ctx context.Context, s *command.Session) error {
		return command.Plan(ctx, s, command.DeployOptions{
			Env: text(env), Only: words(only), Strict: truth(strict), Prune: truth(prune), ExitCode: truth(exitcode), JSON: truth(json),
		})
	})
}

// Clean lists our deployments of the environment, asks, and deletes them; what is not ours stays.
func (Deploy) Clean(
	ctx context.Context,
	env *string, // the environment (default dev)
	yes *bool, // don't ask
	json *bool, // print the result as JSON
) error {
	return run(ctx, func(ctx context.Context, s *command.Session) error {
		return command.Clean(ctx, s, command.CleanOptions{Env: text(env), Yes: truth(yes), JSON: truth(json)})
	})
}
