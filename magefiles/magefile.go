//go:build mage

// Flowmage deploys the Prefect flows of this repository. Options: mage -h TARGET, and -untrusted. Guides: docs/.
package main

import (
	"context"

	//mage:import
	"github.com/flowmage/flowmage/magefiles/targets"
)

// Verify is verify:all: flows and settings; with -env=NAME also deployments and UI.
func Verify(ctx context.Context, env *string, only *string, since *string, json *bool, format *string, out *string, fix *bool, yes *bool) error {
	return targets.Verify{}.All(ctx, env, only, since, json, format, out, fix, yes)
}
