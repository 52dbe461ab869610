package command

import (
	"context"
	"fmt"
	"path"
	"text/tabwriter"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/local"
	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/secret"
)

// explained loads an environment's settings with those beside flows. The findings are about settings alone.
func (s *Session) explained(ctx context.Context, name string) (config.Env, finding.List, error) {
	env, findings, err := s.settings(ctx, name)
	if err != nil {
		return env, findings, err
	}
	env, scanned, err := s.scan(ctx, env)
	for _, f := range scanned.Findings {
		if f.Scope.Extent == finding.File && path.Base(f.Scope.Name) == config.BesideFile {
			findings = append(findings, f)
		}
	}
	return env, findings, err
}

// Show prints every effective setting with its value and where it comes from.
func Show(ctx context.Context, s *Session, o EnvOptions) error {
	env, findings, err := s.explained(ctx, o.Env)
	if err != nil {
		return err
	}
	values := env.Explain()
	if o.JSON {
		err = s.Console.JSON(map[string]any{"environment": env.Name, "settings": values})
	} else {
		w := tabwriter.NewWriter(s.Console.Out(), 0, 4, 2, ' ', 0)
		for _, v := range values {
			fmt.Fprintf(w, "%s\t%v\t%s\n", in(v.Key), in(v.Value), in(v.From()))
		}
		err = w.Flush()
	}
	if err != nil {
		return err
	}
	if env.Server.URL == "" {
		s.Console.Say("server: %s", s.fallback())
	}
	s.Console.Findings(findings)
	if findings.HasErrors() {
		return &fault.Error{Code: fault.Findings, What: "the settings have errors", Next: "correct what is listed above"}
	}
	return nil
}

// Differences prints the settings in which two environments differ, each with its place.
func Differences(ctx context.Context, s *Session, one, two string, o EnvOptions) error {
	left, _, err := s.explained(ctx, one)
	if err != nil {
		return err
	}
	right, _, err := s.explained(ctx, two)
	if err != nil {
		return err
	}
	list := config.Differences(left, right)
	if o.JSON {
		return s.Console.JSON(map[string]any{"one": left.Name, "two": right.Name, "differences": list})
	}
	if len(list) == 0 {
		s.Console.Say("%s and %s have the same settings", left.Name, right.Name)
		return nil
	}
	w := tabwriter.NewWriter(s.Console.Out(), 0, 4, 2, ' ', 0)
	fmt.Fprintf(w, "\t%s\t%s\n", left.Name, right.Name)
	for _, d := range list {
		fmt.Fprintf(w, "%s\t%s\t%s\n", in(d.Key), in(cell(d.One)), in(cell(d.Two)))
	}
	return w.Flush()
}

// cell shows a value with its place, or that there is none.
func cell(v *config.Value) string {
	if v == nil {
		return "-"
	}
	return fmt.Sprintf("%v (%s)", v.Value, v.From())
}

// fallback tells which server dev uses when its settings name none.
func (s *Session) fallback() string {
	found, err := prefect.Discover(s.Environ)
	if err != nil || !found.URL.Set() {
		return "the embedded one in " + local.Folder + "/"
	}
	return secret.Address(found.URL.Value) + " (" + found.URL.Origin + ")"
}

// Environments lists the environments and their files.
func Environments(_ context.Context, s *Session, o EnvOptions) error {
	list, err := config.Environments(s.tree())
	if err != nil {
		return err
	}
	if o.JSON {
		return s.Console.JSON(map[string]any{"environments": list})
	}
	for _, e := range list {
		file := e.File
		if file == "" {
			file = "(no file: defaults)"
		}
		s.Console.Printf("%-10s %s\n", e.Name, file)
	}
	return nil
}
