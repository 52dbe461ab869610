package command

import (
	"context"
	"fmt"
	"text/tabwriter"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/local"
	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/secret"
	"github.com/flowmage/flowmage/tasks/session"
)

// Show prints every effective setting with its value and where it comes from.
func Show(ctx context.Context, s *session.Session, o EnvOptions) error {
	env, findings, err := session.AllSettings(ctx, s, o.Env)
	if err != nil {
		return err
	}
	values := env.Explain()
	if o.JSON {
		err = s.Console.JSON(map[string]any{"environment": env.Name, "settings": values})
	} else {
		w := tabwriter.NewWriter(s.Console.Out(), 0, 4, 2, ' ', 0)
		for _, v := range values {
			fmt.Fprintf(w, "%s\t%v\t%s\n", console.Cell(v.Key), console.Cell(v.Value), console.Cell(v.From()))
		}
		err = w.Flush()
	}
	if err != nil {
		return err
	}
	if env.Server.URL == "" {
		s.Console.Say("server: %s", fallback(s))
	}
	s.Console.Findings(findings)
	if findings.HasErrors() {
		return &fault.Error{Code: fault.Findings, What: "the settings have errors", Next: "correct what is listed above"}
	}
	return nil
}

// Differences prints the settings in which two environments differ, each with its place.
func Differences(ctx context.Context, s *session.Session, one, two string, o EnvOptions) error {
	left, _, err := session.AllSettings(ctx, s, one)
	if err != nil {
		return err
	}
	right, _, err := session.AllSettings(ctx, s, two)
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
		fmt.Fprintf(w, "%s\t%s\t%s\n", console.Cell(d.Key), console.Cell(cell(d.One)), console.Cell(cell(d.Two)))
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
func fallback(s *session.Session) string {
	found, err := prefect.Discover(s.Environ)
	if err != nil || !found.URL.Set() {
		return "the embedded one in " + local.Folder + "/"
	}
	return secret.Address(found.URL.Value) + " (" + found.URL.Origin + ")"
}

// Environments lists the environments and their files.
func Environments(_ context.Context, s *session.Session, o EnvOptions) error {
	list, err := config.Environments(s.Tree())
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
