// Package inventory shows what there is, as a table for people and as JSON for programs: the flows of a repository (flows:list), all of one
// flow (flows:show), the project's images on this machine (env:images).
//
// Start with [Scan] and [List]. The JSON of flows is in flowjson.go; docs/flows.md describes it.
package inventory

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/flowmage/flowmage/tasks/check"
	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/session"
)

// Options are the choices of flows:list.
type Options struct {
	Env  string
	Only []string
	All  bool   // also what looks like a flow and is none
	Root string // another tree, without settings; empty: this repository
	JSON bool
}

// Scan scans this repository where its settings say, or all of another tree, without settings. It also gives the findings about the
// settings.
func Scan(ctx context.Context, s *session.Session, o Options) (config.Env, flow.Result, finding.List, error) {
	if o.Root != "" {
		result, err := elsewhere(ctx, s, o.Root)
		return config.Env{}, result, nil, err
	}
	env, findings, err := s.Settings(ctx, o.Env, nil)
	if err != nil {
		return config.Env{}, flow.Result{}, nil, err
	}
	env, result, err := s.Scan(ctx, env)
	result.Findings = check.Undeployed(env, result.Flows, result.Findings)
	return env, result, findings, err
}

func elsewhere(ctx context.Context, s *session.Session, root string) (flow.Result, error) {
	if !filepath.IsAbs(root) {
		root = filepath.Join(s.Root, root)
	}
	if info, err := os.Stat(root); err != nil || !info.IsDir() {
		return flow.Result{}, &fault.Error{Code: fault.Usage, What: "there is no folder to look at", Where: root, Next: "give an existing one: -root=DIR"}
	}
	return flow.Scan(ctx, flow.Folder(root), flow.Options{})
}

// List prints flows as they are asked for: for programs, or for people.
func List(s *session.Session, o Options, flows []flow.Flow, result flow.Result) error {
	if o.JSON {
		return flowsJSON(s, o.Root, o.All, flows, result)
	}
	if err := showFlows(s, flows, o.All); err != nil || !o.All {
		return err
	}
	for _, x := range result.LeftOut {
		s.Console.Say("left out: %s (%s)", x.Path, x.By)
	}
	return nil
}

// showFlows prints a line for each flow, cut to the width of the terminal.
func showFlows(s *session.Session, flows []flow.Flow, all bool) error {
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 4, 2, ' ', 0)
	heading := "FLOW\tENTRYPOINT\tVERSION\tPARAMETERS"
	if all {
		heading = "FLOW\tENTRYPOINT\tVERSION\tPARAMETERS, OR WHY IT CAN'T BE LOADED"
	}
	fmt.Fprintln(w, heading)
	loadable := 0
	for _, f := range flows {
		name, version, last := f.Name, f.Version, signature(f)
		if f.NameExpr != "" {
			name = "?"
		}
		if f.Loadable {
			loadable++
		} else {
			version, last = "-", f.Reason
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", console.Cell(name), console.Cell(f.Entrypoint), console.Cell(version), console.Cell(last))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fit(s, text.String())
	count := console.Count(loadable, "flow")
	if loadable < len(flows) {
		count += fmt.Sprintf(", %d not loadable", len(flows)-loadable)
	}
	s.Console.Say("%s", count)
	return nil
}
