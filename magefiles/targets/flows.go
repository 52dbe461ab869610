package targets

import (
	"context"
	"time"

	"github.com/magefile/mage/mg"

	"github.com/flowmage/flowmage/magefiles/command"
)

// Flows is about the flows in the repository.
type Flows mg.Namespace

// List shows every flow with its entrypoint, version and parameters; needs neither Python nor a server.
func (Flows) List(
	ctx context.Context,
	env *string, // the environment whose settings say where flows live (default dev)
	only *string, // these flows: names, folders or functions, separated by commas
	json *bool, // print JSON
) error {
	return run(ctx, func(ctx context.Context, s *command.Session) error {
		return command.List(ctx, s, command.ListOptions{Env: text(env), Only: words(only), JSON: truth(json)})
	})
}

// Run deploys one flow, starts a run, follows its log, and ends with the run's result.
func (Flows) Run(
	ctx context.Context,
	flow string,
	env *string, // the environment (default dev)
	kind *string, // as python or as container (default python, where the flow has both)
	params *string, // parameters as a JSON object, or @file.json
	timeout *time.Duration, // give up waiting after this long, such as 10m
	json *bool, // print the result as JSON
) error {
	return run(ctx, func(ctx context.Context, s *command.Session) error {
		return command.Run(ctx, s, command.RunOptions{
			Kind: text(kind), Env: text(env), Flow: flow, Params: text(params), Timeout: span(timeout), JSON: truth(json)})
	})
}

// Reschedule starts runs again that a dead worker has left behind, after showing them.
func (Flows) Reschedule(
	ctx context.Context,
	env *string, // the environment (default dev)
	runs *string, // these runs: names or ids, separated by commas (default all that have not begun)
	begun *bool, // those too that had begun
	yes *bool, // don't ask
	json *bool, // print the result as JSON
) error {
	return run(ctx, func(ctx context.Context, s *command.Session) error {
		return command.Reschedule(ctx, s, command.RescheduleOptions{Env: text(env), Runs: words(runs), Begun: truth(begun), Yes: truth(yes), JSON: truth(json)})
	})
}
