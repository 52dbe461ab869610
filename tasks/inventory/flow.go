package inventory

import (
	"cmp"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/session"
)

// FlowOptions are the choices of flows:show.
type FlowOptions struct {
	Flow string
	Env  string
	JSON bool
}

// Show prints a flow as it is asked for: for programs, or with its signature, parameters, docstring, place, and what deploys it.
func Show(s *session.Session, o FlowOptions, env config.Env, f flow.Flow) error {
	deployments := deploymentsOf(env, f)
	if o.JSON {
		return flowJSON(s, f, deployments)
	}
	return showFlow(s, env, f, deployments)
}

// deploymentsOf gives what the settings make of a flow.
func deploymentsOf(env config.Env, f flow.Flow) []deployment {
	out := []deployment{}
	settings := env.Settings(f.Names()...)
	if !settings.Enabled {
		return out
	}
	for _, k := range settings.Kinds {
		out = append(out, deployment{settings.DeploymentName(f.Slug(), k), k, settings.Pools[k].Name})
	}
	return out
}

func showFlow(s *session.Session, env config.Env, f flow.Flow, deployments []deployment) error {
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
	line("defined", fmt.Sprintf("%s:%d", f.Definition.File, f.Definition.Line))
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
	all := f.Given()
	if len(all) == 0 {
		return
	}
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "\nPARAMETER\tTYPE\tDEFAULT\tKIND")
	for _, p := range all {
		missing := "required"
		if stars(p) != "" {
			missing = "-"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", console.Cell(p.Name), console.Cell(oneLine(p.Annotation, "any")), console.Cell(oneLine(p.Default, missing)), p.Kind)
	}
	_ = w.Flush() // into memory
	fit(s, text.String())
}

// signature gives the parameters on one line: `day, limit=25, *rest`.
func signature(f flow.Flow) string {
	parts := make([]string, 0, len(f.Given()))
	for _, p := range f.Given() {
		text := stars(p) + p.Name
		if p.Default != "" {
			text += "=" + oneLine(p.Default, "")
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, ", ")
}

// stars gives what stands in front of a parameter that takes several arguments.
func stars(p flow.Parameter) string {
	return map[flow.ParameterKind]string{flow.VarPositional: "*", flow.VarKeyword: "**"}[p.Kind]
}

// definition gives a def's first line as Python would write it.
func definition(f flow.Flow) string {
	parts := []string{}
	starred, slash := false, false
	for _, p := range f.Given() {
		if slash && p.Kind != flow.PositionalOnly {
			parts = append(parts, "/")
		}
		slash = p.Kind == flow.PositionalOnly
		if p.Kind == flow.KeywordOnly && !starred {
			parts, starred = append(parts, "*"), true
		}
		starred = starred || p.Kind == flow.VarPositional
		text := stars(p) + p.Name
		equals := "="
		if p.Annotation != "" {
			text += ": " + oneLine(p.Annotation, "")
			equals = " = "
		}
		if p.Default != "" {
			text += equals + oneLine(p.Default, "")
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
	if f.Definition.Returns != "" {
		text += " -> " + oneLine(f.Definition.Returns, "")
	}
	return text
}

// oneLine gives a text on one line, and what stands for an empty one.
func oneLine(text, empty string) string {
	return cmp.Or(strings.Join(strings.Fields(text), " "), empty)
}

// fit prints the lines of a table, cut to the width of the terminal.
func fit(s *session.Session, table string) {
	for line := range strings.Lines(table) {
		s.Console.Printf("%s\n", console.Fit(strings.TrimRight(line, " \n"), s.Console.Width()))
	}
}
