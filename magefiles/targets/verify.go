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
	since *string, // only what has changed since this commit or branch, and what depends on it
	json *bool, // print JSON; the same as -format=json
	format *string, // text, json, sarif, junit, github, gitlab or markdown
	out *string, // write it to this file, whole or not at all
	fix *bool, // make the edits that are safe, shown as a diff first
	yes *bool, // make them without asking
) error {
	return look(ctx, withOptions(command.Verify, command.VerifyOptions{
		Env: value(env), Only: words(only), Since: value(since), JSON: value(json), Format: value(format), Out: value(out), Fix: value(fix), Yes: value(yes),
	}))
}

// Flows runs every rule that needs no server and shows every finding at once.
func (Verify) Flows(
	ctx context.Context,
	env *string, // the environment (default dev)
	only *string, // these flows: names, folders or functions, separated by commas
	since *string, // only what has changed since this commit or branch, and what depends on it
	json *bool, // print JSON; the same as -format=json
	format *string, // text, json, sarif, junit, github, gitlab or markdown
	out *string, // write it to this file, whole or not at all
	fix *bool, // make the edits that are safe, shown as a diff first
	yes *bool, // make them without asking
) error {
	return look(ctx, withOptions(command.VerifyFlows, command.VerifyOptions{
		Env: value(env), Only: words(only), Since: value(since), JSON: value(json), Format: value(format), Out: value(out), Fix: value(fix), Yes: value(yes),
	}))
}

// Watch runs every rule that needs no server, and again after each change, until Ctrl-C ends it.
func (Verify) Watch(
	ctx context.Context,
	env *string, // the environment (default dev)
	only *string, // these flows: names, folders or functions, separated by commas
) error {
	return watching(ctx, withOptions(command.VerifyWatch, command.VerifyOptions{Env: value(env), Only: words(only)}))
}

// Images looks into each image that flows are deployed from: is it there, and would its flow run in it.
func (Verify) Images(
	ctx context.Context,
	env *string, // the environment (default dev)
	only *string, // these flows: names, folders or functions, separated by commas
	json *bool, // print JSON; the same as -format=json
	format *string, // text, json, sarif, junit, github, gitlab or markdown
	out *string, // write it to this file, whole or not at all
) error {
	return look(ctx, withOptions(command.VerifyImages, command.VerifyOptions{
		Env: value(env), Only: words(only), JSON: value(json), Format: value(format), Out: value(out),
	}))
}

// Deployments climbs from the server's address to runs that can start, and names the first rung that fails with its cause.
func (Verify) Deployments(
	ctx context.Context,
	env *string, // the environment (default dev)
	only *string, // these flows: names, folders or functions, separated by commas
	smoke *string, // run this flow once, too, with its own parameters
	json *bool, // print JSON; the same as -format=json
	format *string, // text, json, sarif, junit, github, gitlab or markdown
	out *string, // write it to this file, whole or not at all
) error {
	return look(ctx, withOptions(command.VerifyDeployments, command.VerifyOptions{
		Env: value(env), Only: words(only), Smoke: value(smoke), JSON: value(json), Format: value(format), Out: value(out),
	}))
}

// Rules lists all that can be found, or explains one rule with an example: verify:rules CODE.
func (Verify) Rules(
	ctx context.Context,
	code *string, // this rule; its code may stand alone, too
	json *bool, // print JSON
) error {
	return look(ctx, withOptions(command.VerifyRules, command.RulesOptions{Code: value(code), JSON: value(json)}))
}

// Policies tries your own rules in policies/ on the examples beside them, or shows with -input what they see.
func (Verify) Policies(
	ctx context.Context,
	env *string, // with -input: the environment (default dev)
	only *string, // with -input: these flows: names, folders or functions, separated by commas
	input *bool, // print what policies see as JSON, and try nothing
	json *bool, // print JSON; the same as -format=json
	format *string, // text, json, sarif, junit, github, gitlab or markdown
	out *string, // write it to this file, whole or not at all
) error {
	return look(ctx, withOptions(command.VerifyPolicies, command.PoliciesOptions{
		VerifyOptions: command.VerifyOptions{Env: value(env), Only: words(only), JSON: value(json), Format: value(format), Out: value(out)}, Input: value(input),
	}))
}

// UI checks that both of Prefect's UIs are served, talk to the right API and are let in.
func (Verify) UI(
	ctx context.Context,
	env *string, // the environment (default dev)
	json *bool, // print JSON; the same as -format=json
	format *string, // text, json, sarif, junit, github, gitlab or markdown
	out *string, // write it to this file, whole or not at all
) error {
	return look(ctx, withOptions(command.VerifyUI, command.VerifyOptions{
		Env: value(env), JSON: value(json), Format: value(format), Out: value(out),
	}))
}
