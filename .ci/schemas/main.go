// Schemas judges rendered files by the real thing: compose FILE by the loader that Docker Compose is made of, dockerfile FILE by
// BuildKit's parser, kubernetes FILE… by the types of Kubernetes' API, in which an unknown field or a value of the wrong type is an
// error, and by what the objects of all files say of each other. It is a module of its own, so that the tool depends on none of them.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
)

func main() {
	if err := run(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1) //nolint:forbidigo // a program of its own, not a part of the tool
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) < 2 {
		return errors.New("usage: schemas compose FILE, schemas dockerfile FILE, or schemas kubernetes FILE…")
	}
	switch args[0] {
	case "compose":
		return composeFile(ctx, args[1], os.Stdout)
	case "dockerfile":
		return dockerfile(args[1], os.Stdout)
	case "kubernetes":
		return kubernetesFiles(args[1:], os.Stdout)
	default:
		return fmt.Errorf("unknown: %s", args[0])
	}
}
