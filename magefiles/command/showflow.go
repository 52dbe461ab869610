package command

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/flowmage/flowmage/tasks/check"
	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/draft"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/session"
)

// ShowFlowOptions are the choices of flows:show.
type ShowFlowOptions struct {
	Flow string
	Env  string
	JSON bool
}

// deployment is one that the settings make of a flow.
type deployment struct {
	Name string `json:"name"`
	Kind string `json:"kind"`
	Pool string `json:"pool"`
}

// ShowFlow prints all that is known of one flow without running it: signature, parameters, docstring, place, and what deploys it.
func ShowFlow(ctx context.Context, s *session.Session, o ShowFlowOptions) error {
	env, settings, err := s.Settings(ctx, o.Env, nil)
	if err != nil {
		return err
	}
	env, result, err := s.Scan(ctx, env)
	if err != nil {
		return err
	}
	flows, err := flow.Select(result.Flows, []string{o.Flow})
	if err != nil {
		return err
	}
	second, err := draft.SecondOpinion(ctx, s, env, flows)
	if err != nil {
		return err
	}
	f := flows[0]
	deployments := deployments(env, f)
	if o.JSON {
		err = s.Console.JSON(struct {
			listed
			Deployments []deployment `json:"deployments"`
		}{listedOf(f), deployments})
	} else {
		err = showSignature(s, env, f, deployments)
	}
	if err != nil {
		return err
	}
	s.Console.Findings(append(finding.List{}, slices.Concat(check.About(append(settings, result.Findings...), flows), second, check.Untyped(f))...))
	return nil
}

// deployments gives what the settings make of a flow.
func deployments(env config.Env, f flow.Flow) []deployment {
	out := []deployment{}
	settings := env.Settings(f.Names()...)
	if !settings.Enabled {
		return out
	}
	for _, kind := range settings.Kinds {
		out = append(out, deployment{settings.DeploymentName(f.Slug(), kind), kind, settings.Pools[kind].Name})
	}
	return out
}

func showSignature(s *session.Session, env config.Env, f flow.Flow, deployments []deployment) error {
	w := tabwriter.NewWriter(s.Console.Out(), 0, 4, 2, ' ', 0)
	line := func(label, text string) {
		if text != "" {
			fmt.Fprintf(w, "%s\t%s\n", label, console.Cell(text))
		}
	}
	name := f.Name
	if f.NameExpr != "" {
		name = "? (" + f.NameExpr + ")"
	}
	line("flow", name)
	line("signature", definition(f))
	line("entrypoint", f.Entrypoint)
	line("defined", fmt.Sprintf("%s:%d", f.Source, f.Module.Line(f.Definition.Start)))
	line("version", f.Version)
	line("files", strings.Join(f.Files, ", "))
	for _, o := range f.Options {
		line("option", o.Name+"="+o.Text)
	}
	for _, d := range deployments {
		line("deployed", fmt.Sprintf("%s/%s (%s, work pool %s, %s)", f.Name, d.Name, d.Kind, d.Pool, env.Name))
	}
	if len(deployments) == 0 {
		line("deployed", "not in "+env.Name)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	parameterTable(s, f)
	if f.Description != "" {
		s.Console.Printf("\n%s\n", f.Description)
	}
	return nil
}

func parameterTable(s *session.Session, f flow.Flow) {
	all := parameters(f)
	if len(all) == 0 {
		return
	}
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "\nPARAMETER\tTYPE\tDEFAULT\tKIND")
	for _, p := range all {
		word, missing := kindWord(p.Kind), "required"
		if strings.HasPrefix(word, "var-") {
			missing = "-"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", console.Cell(p.Name), console.Cell(oneLine(p.Annotation.Text, "any")), console.Cell(oneLine(p.Default.Text, missing)), word)
	}
	_ = w.Flush() // into memory
	for row := range strings.Lines(text.String()) {
		s.Console.Printf("%s\n", console.Fit(strings.TrimRight(row, " \n"), s.Console.Width()))
	}
}

func oneLine(text, empty string) string {
	if text == "" {
		return empty
	}
	return strings.Join(strings.Fields(text), " ")
}

// definition gives a def's first line as Python would write it.
func definition(f flow.Flow) string {
	parts := []string{}
	starred, slash := false, false
	for _, p := range parameters(f) {
		if slash && p.Kind != 0 {
			parts = append(parts, "/")
		}
		word := kindWord(p.Kind)
		slash = word == "positional-only"
		if word == "keyword-only" && !starred {
			parts, starred = append(parts, "*"), true
		}
		starred = starred || word == "var-positional"
		text := map[string]string{"var-positional": "*", "var-keyword": "**"}[word] + p.Name
		equals := "="
		if !p.Annotation.Absent() {
			text += ": " + oneLine(p.Annotation.Text, "")
			equals = " = "
		}
		if !p.Default.Absent() {
			text += equals + oneLine(p.Default.Text, "")
		}
		parts = append(parts, text)
	}
	if slash {
		parts = append(parts, "/")
	}
	text := "def " + f.Definition.Name + "(" + strings.Join(parts, ", ") + ")"
	if f.Async {
		text = "async " + text
	}
	if !f.Definition.Returns.Absent() {
		text += " -> " + oneLine(f.Definition.Returns.Text, "")
	}
	return text
}
