package deploying

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/draft"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/session"
)

// Deployed is what a deploy has led to: its Plan is the one that was executed.
type Deployed struct {
	draft.Compared
	Result plan.Result
	At     time.Time // when the last was written
}

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

// Verdict gives the error that a finished deploy ends with: failures weigh more than blocked ones.
func Verdict(plan plan.Plan, result plan.Result, effect string) error {
	failed, blocked := result.Failed(), BlockedNames(plan)
	switch {
	case len(failed) == 0 && len(blocked) == 0:
		return nil
	case len(failed) == 0:
		return &fault.Error{
			Code: fault.Findings, What: "blocked by errors: " + finding.Names(blocked),
			Why: effect, Next: "correct what is listed above and run the same command again",
		}
	}
	return &fault.Error{
		Code: fault.Partial, What: countedFailures(result) + " failed",
		Where: failed[0].Name, Why: failed[0].Failure, Err: failed[0].Err,
		Next: cmp.Or(correction(failed[0].Err), "run the same command again: what is done already is left alone"),
	}
}

// correction gives what to correct in the user's files before the same command can help; empty when it may help as it is.
func correction(err error) string {
	if f, ok := errors.AsType[*fault.Error](err); ok && f.Code == fault.Findings && f.Next != "" {
		return f.Next + "; then run the same command again: what is done already is left alone"
	}
	return ""
}

// BlockedNames gives what errors stand in the way of, each once.
func BlockedNames(planned plan.Plan) []string {
	names := map[string]bool{}
	for _, x := range planned.Pools {
		if x.Op == plan.Blocked {
			names["work pool "+x.Name] = true
		}
	}
	for _, a := range planned.Actions {
		if a.Op == plan.Blocked {
			names[a.Name] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// counted tells of deployments and work pools, as far as there are any.
func counted(deployments, pools int) string {
	switch {
	case pools == 0:
		return console.Count(deployments, "deployment")
	case deployments == 0:
		return console.Count(pools, "work pool")
	default:
		return console.Count(deployments, "deployment") + " and " + console.Count(pools, "work pool")
	}
}

// countedFailures counts what could not be written.
func countedFailures(r plan.Result) string {
	pools := len(plan.Result{Pools: r.Pools}.Failed())
	return counted(len(r.Failed())-pools, pools)
}
