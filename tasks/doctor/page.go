package doctor

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/ladder"
	"github.com/flowmage/flowmage/tasks/session"
)

// Print prints the facts on one page, and below it what is wrong.
func Print(s *session.Session, f Facts, told finding.List) error {
	w := tabwriter.NewWriter(s.Console.Out(), 0, 4, 2, ' ', 0)
	row := func(name, value string) {
		if value != "" {
			fmt.Fprintf(w, "%s\t%s\n", name, value)
		}
	}
	row("flowmage", f.Version)
	row("environment", f.Env+", "+f.Commit+", "+f.System)
	server := f.Server
	if f.Embedded != nil {
		server = strings.TrimSpace(server + " " + f.Embedded.State)
	}
	row("server", server+" ("+f.Origin+")")
	row("Prefect", f.Prefect)
	row("database", f.Database)
	for _, t := range f.Tools {
		text := t.Version
		if t.Problem != "" {
			text = t.Problem
		}
		row(t.Name, text)
	}
	for _, d := range f.Disks {
		row("disk", fmt.Sprintf("%s: %.1f GiB free", d.Path, float64(d.Free)/(1<<30)))
	}
	if f.Server != "" {
		row("clock", fmt.Sprintf("the server's differs by %.1f s", f.Skew.Seconds()))
	}
	row("ladder", fmt.Sprintf("%d ok, %d warnings, %d failed, %d skipped", f.Rungs.Count(ladder.OK), f.Rungs.Count(ladder.Warned), f.Rungs.Count(ladder.Failed), f.Rungs.Count(ladder.Skipped)))
	for _, u := range f.Unknown {
		row("not known", u)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for _, t := range told {
		s.Console.Printf("\n%s\n", t)
	}
	if len(told) == 0 {
		s.Console.Printf("\nnothing is wrong\n")
	}
	return nil
}
