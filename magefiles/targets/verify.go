package targets

import (
	"context"

	"github.com/magefile/mage/mg"

	"github.com/flowmage/flowmage/magefiles/command"
)

// Verify compares what is with what should be.
type Verify mg.Namespace

// All checks flows and settings; with -env=NAME also deployments and UI.
func (Verify) All(
	ctx context.Context,
	env *string, // the environment whose deployments and UI are checked too
	only *string, // these flows: names, folders or functions, separated by commas
	json *bool, // print JSON
) error {
	return verify(ctx, command.Verify, env, only, json)
}

// Flows runs every rule that needs no server and shows every finding at once.
func (Verify) Flows(
	ctx context.Context,
	env *string, // the environment (default dev)
	only *string, // these flows: names, folders or functions, separated by commas
	json *bool, // print JSON
) error {
	return verify(ctx, command.VerifyFlows, env, only, json)
}

// Deployments compares the server with the repository and checks that runs can start.
func (Verify) Deployments(
	ctx context.Context,
	env *string, // the environment (default dev)
	only *string, // these flows: names, folders or functions, separated by commas
	json *bool, // print JSON
) error {
	return verify(ctx, command.VerifyDeployments, env, only, json)
}

// UI checks that the Prefect UI is served and talks to the right API.
func (Verify) UI(
	ctx context.Context,
	env *string, // the environment (default dev)
	json *bool, // print JSON
) error {
	return verify(ctx, command.VerifyUI, env, nil, json)
}

type verification func(context.Context, *command.Session, command.VerifyOptions) error

func verify(ctx context.Context, part verification, env, only *string, json *bool) error {
	return run(ctx, func(ctx context.Context, s *command.Session) error {
		return part(ctx, s, command.VerifyOptions{Env: text(env), Only: words(only), JSON: truth(json)})
	})
}
