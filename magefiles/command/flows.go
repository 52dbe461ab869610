package command

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/flowmage/flowmage/tasks/check"
	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/draft"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/session"
)

// ListOptions are the choices of flows:list.
type ListOptions struct {
	Env  string
	Only []string
	All  bool   // also what looks like a flow and is none
	Root string // another tree, without settings; empty: this repository
	JSON bool
}

// List shows the flows of the repository. It needs neither Python nor a server. Findings go to standard error; errors among them
// end it with code Findings, after the list.
func List(ctx context.Context, s *session.Session, o ListOptions) error {
	env, result, settings, err := scanned(ctx, s, o)
	if err != nil {
		return err
	}
	flows, err := flow.Select(result.Flows, o.Only)
	if err != nil {
		return err
	}
	if len(o.Only) > 0 {
		result.Findings = check.About(result.Findings, flows)
	}
	if o.JSON {
		second, err := draft.SecondOpinion(ctx, s, env, flows)
		if err != nil {
			return err
		}
		result.Findings = append(result.Findings, second...)
	}
	if o.All && len(o.Only) == 0 {
		flows = slices.Concat(flows, result.Others)
	}
	if o.JSON {
		err = listJSON(s, o, flows, result)
	} else {
		err = table(s, flows, o.All)
	}
	if err != nil {
		return err
	}
	if o.All && !o.JSON {
		for _, x := range result.LeftOut {
			s.Console.Say("left out: %s (%s)", x.Path, x.By)
		}
	}
	s.Console.Findings(append(settings, result.Findings...))
	if result.Findings.HasErrors() {
		return &fault.Error{Code: fault.Findings, What: "some files have errors", Why: "their flows are missing from the list or can't be deployed", Next: "correct what is listed above"}
	}
	return nil
}

// scanned scans this repository where its settings say, or all of another tree, without settings. It also gives the findings about the
// settings.
func scanned(ctx context.Context, s *session.Session, o ListOptions) (config.Env, flow.Result, finding.List, error) {
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

func listJSON(s *session.Session, o ListOptions, flows []flow.Flow, result flow.Result) error {
	out := struct {
		Version  int            `json:"version"`
		Root     string         `json:"root"`
		Flows    []listed       `json:"flows"`
		LeftOut  []flow.LeftOut `json:"leftOut,omitempty"`
		Findings finding.List   `json:"findings"`
	}{Version: listVersion, Root: o.Root, Flows: []listed{}, Findings: append(finding.List{}, result.Findings...)}
	if o.All {
		out.LeftOut = result.LeftOut
	}
	if out.Root == "" {
		out.Root = "."
	}
	for _, f := range flows {
		out.Flows = append(out.Flows, listedOf(f))
	}
	return s.Console.JSON(out)
}

// table prints a line for each flow, cut to the width of the terminal.
func table(s *session.Session, flows []flow.Flow, all bool) error {
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
	for line := range strings.Lines(text.String()) {
		s.Console.Printf("%s\n", console.Fit(strings.TrimRight(line, " \n"), s.Console.Width()))
	}
	if loadable < len(flows) {
		s.Console.Say("%s, %d not loadable", console.Count(loadable, "flow"), len(flows)-loadable)
		return nil
	}
	s.Console.Say("%s", console.Count(loadable, "flow"))
	return nil
}
