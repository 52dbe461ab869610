package command

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/flowmage/flowmage/tasks/check"
	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/schema"
)

// ListOptions are the choices of flows:list.
type ListOptions struct {
	Env  string
	Only []string
	JSON bool
}

// listed is one flow in the result of flows:list.
type listed struct {
	flow.Flow
	Schema  schema.Schema    `json:"parameterSchema"`
	Untyped []schema.Untyped `json:"untyped"`
}

// List shows the flows of the repository. It needs neither Python nor a server. Findings go to standard error; errors among them
// end it with code Findings, after the list.
func List(ctx context.Context, s *Session, o ListOptions) error {
	env, settingsFindings, err := s.settings(ctx, o.Env)
	if err != nil {
		return err
	}
	_, result, err := s.scan(ctx, env)
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
	rows := make([]listed, 0, len(flows))
	for _, f := range flows {
		x := listed{Flow: f, Untyped: []schema.Untyped{}}
		var untyped []schema.Untyped
		x.Schema, untyped = schema.Of(f.Module, f.Definition)
		x.Untyped = append(x.Untyped, untyped...)
		rows = append(rows, x)
	}
	if o.JSON {
		err = s.Console.JSON(map[string]any{"flows": rows, "findings": append(finding.List{}, result.Findings...)})
	} else {
		err = s.table(rows)
	}
	if err != nil {
		return err
	}
	s.Console.Findings(append(settingsFindings, result.Findings...))
	if result.Findings.HasErrors() {
		return &fault.Error{Code: fault.Findings, What: "some files have errors", Why: "their flows are missing from the list or can't be deployed", Next: "correct what is listed above"}
	}
	return nil
}

func (s *Session) table(rows []listed) error {
	w := tabwriter.NewWriter(s.Console.Out(), 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "FLOW\tENTRYPOINT\tVERSION\tPARAMETERS")
	for _, r := range rows {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", r.Name, r.Entrypoint, r.Version, signature(r.Schema))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	s.Console.Say("%s", console.Count(len(rows), "flow"))
	return nil
}

// signature gives "input_path=\"…\", batch_size=25, region" with the values of defaults.
func signature(s schema.Schema) string {
	parts := make([]string, 0, len(s.Properties))
	for _, name := range s.Names() {
		if value, ok := s.Properties[name]["default"]; ok {
			parts = append(parts, name+"="+literal(value))
			continue
		}
		parts = append(parts, name)
	}
	return strings.Join(parts, ", ")
}

func literal(v any) string {
	switch x := v.(type) {
	case nil:
		return "None"
	case string:
		return fmt.Sprintf("%q", x)
	case bool:
		if x {
			return "True"
		}
		return "False"
	default:
		data, err := json.Marshal(x)
		if err != nil {
			return fmt.Sprint(x)
		}
		return string(data)
	}
}
