package deploying

import (
	"fmt"
	"strings"

	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/session"
)

// row is one deployment in the result of a deploy.
type row struct {
	plan.Outcome
	Link string `json:"link,omitempty"`
}

// Report prints the result: one line a deployment with its page in the UI, or JSON.
func Report(s *session.Session, asJSON bool, out Deployed) error {
	rows := make([]row, 0, len(out.Result.Outcomes))
	for _, r := range out.Result.Outcomes {
		x := row{Outcome: r}
		if r.ID != "" {
			x.Link = out.Server.DeploymentLink(r.ID)
		}
		rows = append(rows, x)
	}
	if asJSON {
		return s.Console.JSON(map[string]any{
			"environment": out.Plan.Env, "project": out.Plan.Project, "api": out.Plan.API, "commit": out.Plan.Commit, "deployments": rows,
			"pools": append([]plan.Outcome{}, out.Result.Pools...),
		})
	}
	reportPools(s, out.Result.Pools)
	var lines strings.Builder
	for _, r := range rows {
		word, more := done(r.Op), r.Link
		switch {
		case r.Err != nil:
			word, more = "failed", r.Failure
		case r.Op == plan.Delete:
			more = ""
		case r.Stays != "":
			more = r.Stays
		}
		fmt.Fprintf(&lines, "%-9s %s  %s\n", word, r.Name, more)
	}
	s.Console.Printf("%s", lines.String()) // at once: there may be thousands
	return nil
}

// done says what became of something.
func done(op plan.Op) string {
	return map[plan.Op]string{
		plan.Create: "created", plan.Update: "updated", plan.Unchanged: "unchanged", plan.Blocked: "blocked",
		plan.Delete: "deleted", plan.Leftover: "left over",
	}[op]
}

// reportPools prints a line for each work pool that was written, or is left over.
func reportPools(s *session.Session, pools []plan.Outcome) {
	for _, p := range pools {
		word, more := done(p.Op), p.Stays
		if p.Err != nil {
			word, more = "failed", p.Failure
		}
		s.Console.Printf("%s\n", strings.TrimRight(fmt.Sprintf("%-9s work pool %s  %s", word, p.Name, more), " "))
	}
}
