// Package register makes flows known to the server, so that the UI lists them before anything is deployed (flows:register). Start with [Flows].
package register

import (
	"context"

	"golang.org/x/sync/errgroup"

	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/session"
)

// Row is one flow in the result of flows:register.
type Row struct {
	Name    string `json:"name"`
	ID      string `json:"id"`
	Link    string `json:"link"`
	Created bool   `json:"created"` // by this command
}

// Flows has the server know each flow, in the order given. Flows of one name are one flow to the server.
func Flows(ctx context.Context, to session.Server, flows []flow.Flow) ([]Row, error) {
	var names []string
	seen := map[string]bool{}
	for _, f := range flows {
		if !seen[f.Name] {
			seen[f.Name] = true
			names = append(names, f.Name)
		}
	}
	there, err := to.API.FlowsByName(ctx, names)
	if err != nil {
		return nil, err
	}
	known := map[string]prefect.Flow{}
	for _, f := range there {
		known[f.Name] = f
	}
	rows := make([]Row, len(names))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(writers)
	for i, name := range names {
		group.Go(func() (err error) {
			f, ok := known[name]
			if !ok {
				if f, err = to.API.EnsureFlow(ctx, name); err != nil {
					return err
				}
			}
			rows[i] = Row{Name: f.Name, ID: f.ID, Link: prefect.FlowLink(to.UI, f.ID), Created: !ok}
			return nil
		})
	}
	return rows, group.Wait()
}

// writers is how many flows are written side by side: more would only queue up before the server's database.
const writers = 4

// Show prints what became of the flows, as a table or as JSON.
func Show(s *session.Session, rows []Row, json bool) error {
	if json {
		return s.Console.JSON(map[string]any{"flows": rows})
	}
	created := 0
	for _, r := range rows {
		word := "known"
		if r.Created {
			word, created = "new", created+1
		}
		s.Console.Printf("%-9s %s  %s\n", word, r.Name, r.Link)
	}
	s.Console.Say("%s on the server, %d of them new", console.Count(len(rows), "flow"), created)
	return nil
}
