package main

import (
	"fmt"
	"io"
	"os"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

// dockerfile reads a Dockerfile as BuildKit does, and prints a line a stage.
func dockerfile(file string, out io.Writer) error {
	f, err := os.Open(file) //nolint:gosec // the file that it is told to judge
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // it was only read
	parsed, err := parser.Parse(f)
	if err != nil {
		return err
	}
	stages, _, err := instructions.Parse(parsed.AST, nil)
	if err != nil {
		return err
	}
	for _, s := range stages {
		if _, err := fmt.Fprintf(out, "%s from %s: %d commands\n", s.Name, s.BaseName, len(s.Commands)); err != nil {
			return err
		}
	}
	return nil
}
