package targets

import (
	"context"
	"time"

	"github.com/magefile/mage/mg"

	"github.com/flowmage/flowmage/magefiles/command"
	"github.com/flowmage/flowmage/tasks/inventory"
	"github.com/flowmage/flowmage/tasks/run"
	"github.com/flowmage/flowmage/tasks/serve"
)

// Flows is about the flows in the repository.
type Flows mg.Namespace

// List shows every flow with its entrypoint, version and parameters; needs neither Python nor a server.
func (Flows) List(
	ctx context.Context,
	env *string, // the environment whose settings say where flows live (default dev)
	only *string, // these flows: names, folders or functions, separated by commas
	all *bool, // also what looks like a flow and can't be loaded, with the reason, and which files are left out, by which line
	root *string, // look at all of this folder instead, without settings
	json *bool, // print JSON
) error {
	return look(ctx, withOptions(command.List, inventory.Options{Env: value(env), Only: words(only), All: value(all), Root: value(root), JSON: value(json)}))
}

// Show tells all of one flow: signature, parameters, docstring, where it is, and what deploys it.
func (Flows) Show(
	ctx context.Context,
	flow string,
	env *string, // the environment (default dev)
	json *bool, // print JSON
) error {
	return look(ctx, withOptions(command.ShowFlow, inventory.FlowOptions{Flow: flow, Env: value(env), JSON: value(json)}))
}

// Register makes the flows visible in the UI's list, without running anything.
func (Flows) Register(
	ctx context.Context,
	env *string, // the environment (default dev)
	only *string, // these flows: names, folders or functions, separated by commas
	json *bool, // print the result as JSON
) error {
	return act(ctx, withOptions(command.Register, command.RegisterOptions{Env: value(env), Only: words(only), JSON: value(json)}))
}

// Serve serves flows by Prefect's own runner, as deployments of their own, until Ctrl-C; what can't be loaded holds nobody up.
func (Flows) Serve(
	ctx context.Context,
	env *string, // the environment (default dev)
	only *string, // these flows: names, folders or functions, separated by commas
	watch *bool, // serve anew what changes in the repository
	limit *int, // runs at one time (default no limit)
	pause *bool, // pause the deployments at the end
	grace *time.Duration, // how long runs under way may take at the end, such as 10m, before they are handed back (default no limit)
) error {
	return foreground(ctx, withOptions(command.Serve, serve.Options{
		Env: value(env), Only: words(only), Watch: value(watch), Limit: limit, Pause: value(pause), Grace: value(grace),
	}))
}

// Run deploys one flow, starts a run, follows its log, and ends with the run's result.
func (Flows) Run(
	ctx context.Context,
	flow string,
	env *string, // the environment (default dev)
	params *string, // parameters as a JSON object, or @file.json
	kind *string, // python or container (default python when the flow has both)
	wait *bool, // -wait=false: start the run and leave it alone
	timeout *time.Duration, // give up waiting for the run this long after its start, such as 10m
	json *bool, // print the result as JSON
) error {
	return patient(ctx, withOptions(command.Run, run.Options{
		Env: value(env), Flow: flow, Params: value(params), Kind: kindOf(kind), NoWait: denied(wait), Timeout: value(timeout), JSON: value(json),
	}))
}

// Runs lists the latest runs of the environment's deployments, served ones included.
func (Flows) Runs(
	ctx context.Context,
	env *string, // the environment (default dev)
	only *string, // these flows: names, folders or functions, separated by commas
	state *string, // only these states, such as failed,crashed
	limit *int, // how many (default 20)
	json *bool, // print the result as JSON
) error {
	return look(ctx, withOptions(command.Runs, run.ListOptions{Env: value(env), Only: words(only), States: words(state), Limit: value(limit), JSON: value(json)}))
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
	return act(ctx, withOptions(command.Reschedule, run.RescheduleOptions{Env: value(env), Runs: words(runs), Begun: value(begun), Yes: value(yes), JSON: value(json)}))
}
