package deploying

import (
	"context"
	"strings"
	"time"

	"github.com/flowmage/flowmage/tasks/apply"
	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/draft"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/plan/printed"
	"github.com/flowmage/flowmage/tasks/plan/schedules"
	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/session"
)

// Unadoptable gives what can't be adopted, as findings.
func Unadoptable(plan plan.Plan) finding.List {
	var out finding.List
	for _, a := range plan.Refused() {
		out = append(out, a.Reasons...)
	}
	return out
}

// NotAdopted is the error for deployments that have the names of ours and stay somebody else's.
func NotAdopted(refused finding.List) error {
	if len(refused) == 0 {
		return nil
	}
	return &fault.Error{
		Code: fault.Findings, What: console.Count(len(refused), "deployment") + " can't be adopted", Where: refused[0].Subject,
		Why: refused[0].Message, Next: refused[0].Fix,
	}
}

// ShowAdoption shows what is about to be ours: whose it is, what of it is paused, and what a deploy would do then.
func ShowAdoption(ctx context.Context, s *session.Session, c draft.Compared, list []plan.Action) error {
	for _, a := range list {
		s.Console.Say("~ adopt %s (flow %s)  %s", a.Name, a.Flow, c.Server.DeploymentLink(a.ID))
		for _, line := range portrait(*a.Foreign) {
			s.Console.Say("    %s", line)
		}
	}
	next, err := c.Adopted(ctx)
	if err != nil {
		return err
	}
	s.Console.Say("the next deploy would then change:")
	return printed.Text(s.Console.Err(), s.Console.Paint, next.Plan.Among(list))
}

// portrait describes a deployment that somebody else made.
func portrait(d prefect.Deployment) []string {
	made := "made " + d.Created.Local().Format(time.DateTime)
	if by := d.CreatedBy; by != nil && by.Name != "" {
		made += " by " + by.Name
	} else {
		made += ", by whom the server does not say"
	}
	if len(d.Tags) > 0 {
		made += "; its tags: " + strings.Join(d.Tags, ", ")
	}
	out := []string{made}
	if d.Paused {
		out = append(out, "it is paused")
	}
	for _, x := range d.Schedules {
		out = append(out, "schedule "+schedules.DescribeStored(x))
	}
	return out
}

// Adopt adds the tags under the lock and leaves a receipt, of a half-finished adoption too.
func Adopt(ctx context.Context, s *session.Session, o Options, c draft.Compared) (plan.Result, error) {
	to := c.Server
	h := holder(ctx, o.Line("deploy:adopt", c.Env.Name), c.Plan.Commit)
	lock, held, err := takeLock(ctx, s, to, c.Owner(), h, o.Wait)
	if err != nil {
		return plan.Result{}, err
	}
	defer unlock(ctx, s, lock)
	known, err := Recall(held, s, to, c.Owner())
	if err != nil {
		return plan.Result{}, err
	}
	r := apply.Adopt(held, to.API, c.Owner(), c.Plan.Adoptable())
	after, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	if err := recordTags(after, s, to, c.Owner(), r, known, h); err != nil {
		return r, err
	}
	if cause := context.Cause(held); cause != nil && ctx.Err() == nil {
		return r, cause // the lock was lost
	}
	return r, ctx.Err()
}

// ReportAdopted prints what became of each deployment that was to be adopted.
func ReportAdopted(s *session.Session, o Options, to session.Server, outcomes []plan.Outcome) error {
	rows := make([]row, 0, len(outcomes))
	for _, x := range outcomes {
		rows = append(rows, row{Outcome: x, Link: to.DeploymentLink(x.ID)})
	}
	if o.JSON {
		return s.Console.JSON(map[string]any{"adopted": rows})
	}
	for _, x := range rows {
		if x.Err != nil {
			s.Console.Printf("failed    %s  %s\n", x.Name, x.Failure)
			continue
		}
		s.Console.Printf("adopted   %s  %s\n", x.Name, x.Link)
	}
	return nil
}
