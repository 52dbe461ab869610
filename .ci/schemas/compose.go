package main

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
)

// composeFile loads a file as `docker compose config` does, variables and references included, and prints a line a service.
func composeFile(ctx context.Context, file string, out io.Writer) error {
	options, err := cli.NewProjectOptions([]string{file}, cli.WithOsEnv, cli.WithDotEnv, cli.WithInterpolation(true), cli.WithResolvedPaths(true))
	if err != nil {
		return err
	}
	project, err := options.LoadProject(ctx)
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(slices.Values(project.ServiceNames())) {
		if err := describe(project.Services[name], out); err != nil {
			return err
		}
	}
	return nil
}

func describe(s types.ServiceConfig, out io.Writer) error {
	replicas := 1
	if s.Deploy != nil && s.Deploy.Replicas != nil {
		replicas = *s.Deploy.Replicas
	}
	_, err := fmt.Fprintf(out, "%s x%d health=%t after=%v %q\n", s.Name, replicas, s.HealthCheck != nil, slices.Sorted(slices.Values(s.GetDependencies())), s.Command)
	return err
}
