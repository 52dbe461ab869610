package command

import (
	"context"

	"golang.org/x/sync/errgroup"

	"github.com/flowmage/flowmage/tasks/check"
	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/draft"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/session"
)

// RegisterOptions are the choices of flows:register.
type RegisterOptions struct {
	Env  string
	Only []string
	JSON bool
}

// registered is one flow in the result of flows:register.
type registered struct {
	Name    string `json:"name"`
	ID      string `json:"id"`
	Link    string `json:"link"`
	Created bool   `json:"created"` // by this command
}

// Register makes the flows visible in the UI's list: the server learns their names, and nothing runs. A flow that it knows
// already stays as it is. Files with errors are told, and the flows in the others are registered: code Findings then.
func Register(ctx context.Context, s *session.Session, o RegisterOptions) error {
	env, scanned, err := session.ScanEnv(ctx, s, o.Env)
	if err != nil {
		return err
	}
	flows, err := flow.Select(scanned.Flows, o.Only)
	if err != nil {
		return err
	}
	if len(o.Only) > 0 {
		scanned.Findings = check.About(scanned.Findings, flows)
	}
	s.Console.Findings(scanned.Findings)
	if len(flows) > 0 {
		to, err := s.Connect(ctx, env, session.Access{Start: true, Flows: scanned.Flows})
		if err != nil {
			return err
		}
		rows, err := register(ctx, to, flows)
		if err != nil {
			return err
		}
		if err := showRegistered(s, o, rows); err != nil {
			return err
		}
	}
	if scanned.Findings.HasErrors() {
		return &fault.Error{Code: fault.Findings, What: "some files have errors", Why: "flows in them may be missing from the list", Next: "correct what is listed above"}
	}
	if len(flows) == 0 {
		return draft.NoFlows(env)
	}
	return nil
}

// register has the server know each flow, in the order given. Flows of one name are one flow to the server.
func register(ctx context.Context, to session.Server, flows []flow.Flow) ([]registered, error) {
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
	rows := make([]registered, len(names))
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
			rows[i] = registered{Name: f.Name, ID: f.ID, Link: prefect.FlowLink(to.UI, f.ID), Created: !ok}
			return nil
		})
	}
	return rows, group.Wait()
}

// writers is how many flows are written side by side: more would only queue up before the server's database.
const writers = 4

func showRegistered(s *session.Session, o RegisterOptions, rows []registered) error {
	if o.JSON {
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
