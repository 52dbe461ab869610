package targets

import (
	"context"

	"github.com/magefile/mage/mg"

	"github.com/flowmage/flowmage/magefiles/command"
	"github.com/flowmage/flowmage/tasks/session"
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

// Images looks into each image that flows are deployed from: is it there, and would its flow run in it.
func (Verify) Images(
	ctx context.Context,
	env *string, // the environment (default dev)
	only *string, // these flows: names, folders or functions, separated by commas
	json *bool, // print JSON
) error {
	return verify(ctx, command.VerifyImages, env, only, json)
}

// Deployments climbs from the server's address to runs that can start, and names the first rung that fails with its cause.
func (Verify) Deployments(
	ctx context.Context,
	env *string, // the environment (default dev)
	only *string, // these flows: names, folders or functions, separated by commas
	smoke *string, // run this flow once, too, with its own parameters
	json *bool, // print JSON
) error {
	return look(ctx, func(ctx context.Context, s *session.Session) error {
		return command.VerifyDeployments(ctx, s, command.VerifyOptions{Env: text(env), Only: words(only), Smoke: text(smoke), JSON: truth(json)})
	})
}

// UI checks that both of Prefect's UIs are served, talk to the right API and are let in.
func (Verify) UI(
	ctx context.Context,
	env *string, // the environment (default dev)
	json *bool, // print JSON
) error {
	return verify(ctx, command.VerifyUI, env, nil, json)
}

type verification func(context.Context, *session.Session, command.VerifyOptions) error

func verify(ctx context.Context, part verification, env, only *string, json *bool) error {
	return look(ctx, func(ctx context.Context, s *session.Session) error {
		return part(ctx, s, command.VerifyOptions{Env: text(env), Only: words(only), JSON: truth(json)})
	})
}
