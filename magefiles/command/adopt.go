package command

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/flowmage/flowmage/tasks/console"

	"github.com/flowmage/flowmage/tasks/apply"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/plan/printed"
	"github.com/flowmage/flowmage/tasks/plan/schedules"
	"github.com/flowmage/flowmage/tasks/prefect"
)

// Adopt takes over deployments that exist on the server under the names of ours, after showing each and what the next deploy would change.
func Adopt(ctx context.Context, s *Session, o DeployOptions) error {
	s.waitFor(o.Wait)
	c, err := s.plan(ctx, o, false)
	if err != nil {
		return err
	}
	if o.File != "" && o.Kind != "" {
		c.plan = c.plan.OfKind(o.Kind, c.live)
	}
	list, refused := c.plan.Adoptable(), unadoptable(c.plan)
	s.Console.Findings(refused)
	if len(list) == 0 {
		s.Console.Say("nothing to adopt: no deployment on the server has the name of one of ours and is nobody's")
		return cmp.Or(s.reportAdopted(o, c.server, nil), notAdopted(refused))
	}
	if err := s.showAdoption(ctx, o, c, list); err != nil {
		return err
	}
	question := fmt.Sprintf("Make %s ours by the tag %s?", console.Count(len(list), "deployment"), c.draft.owner().Tag())
	if err := s.agreed(ctx, o.Yes, question); err != nil {
		return err
	}
	r, err := s.adopt(ctx, o, c)
	if err != nil {
		return err
	}
	if err := s.reportAdopted(o, c.server, r.Outcomes); err != nil {
		return err
	}
	if err := verdict(plan.Plan{}, r, ""); err != nil {
		return err
	}
	s.Console.Say("`%s` shows how they differ from the repository", o.line("deploy:plan", c.draft.env.Name))
	return notAdopted(refused)
}

// unadoptable gives what can't be adopted, as findings.
func unadoptable(plan plan.Plan) finding.List {
	var out finding.List
	for _, a := range plan.Refused() {
		out = append(out, a.Reasons...)
	}
	return out
}

// notAdopted is the error for deployments that have the names of ours and stay somebody else's.
func notAdopted(refused finding.List) error {
	if len(refused) == 0 {
		return nil
	}
	return &fault.Error{
		Code: fault.Findings, What: console.Count(len(refused), "deployment") + " can't be adopted", Where: refused[0].Subject,
		Why: refused[0].Message, Next: refused[0].Fix,
	}
}

// showAdoption shows what is about to be ours: whose it is, what of it is paused, and what a deploy would do then.
func (s *Session) showAdoption(ctx context.Context, o DeployOptions, c comparison, list []plan.Action) error {
	for _, a := range list {
		s.Console.Say("~ adopt %s (flow %s)  %s", a.Name, a.Flow, c.server.link(a.ID))
		for _, line := range portrait(*a.Foreign) {
			s.Console.Say("    %s", line)
		}
	}
	next, err := s.compare(ctx, c.server, c.draft, o, c.live.AsAdopted(c.plan))
	if err != nil {
		return err
	}
	s.Console.Say("the next deploy would then change:")
	return printed.Text(s.Console.Err(), s.Console.Paint, next.Among(list))
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

// adopt adds the tags under the lock and leaves a receipt, of a half-finished adoption too.
func (s *Session) adopt(ctx context.Context, o DeployOptions, c comparison) (plan.Result, error) {
	to := c.server
	h := s.holder(ctx, o.line("deploy:adopt", c.draft.env.Name), c.plan.Commit)
	lock, held, err := s.lock(ctx, to, c.draft.owner(), h, o.Wait)
	if err != nil {
		return plan.Result{}, err
	}
	defer s.unlock(ctx, lock)
	known, err := s.recall(held, to, c.draft.owner())
	if err != nil {
		return plan.Result{}, err
	}
	r := apply.Adopt(held, to.api, c.draft.owner(), c.plan.Adoptable())
	after, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	if err := s.recordTags(after, to, c.draft.owner(), r, known, h); err != nil {
		return r, err
	}
	if cause := context.Cause(held); cause != nil && ctx.Err() == nil {
		return r, cause // the lock was lost
	}
	return r, ctx.Err()
}

// reportAdopted prints what became of each deployment that was to be adopted.
func (s *Session) reportAdopted(o DeployOptions, to server, outcomes []plan.Outcome) error {
	rows := make([]row, 0, len(outcomes))
	for _, x := range outcomes {
		rows = append(rows, row{Outcome: x, Link: to.link(x.ID)})
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

// takingOver gives the command that adopts what blocks a deploy. One of a manifest deploys all kinds of it.
func (o DeployOptions) takingOver(env string) string {
	if o.File != "" {
		o.Kind = ""
	}
	return o.line("deploy:adopt", env)
}

// line gives the command line of a target for what these options are about, as it can be typed.
func (o DeployOptions) line(target, env string, more ...fault.Flag) string {
	return fault.Command(target, append([]fault.Flag{
		{Name: "env", Value: env}, {Name: "file", Value: o.File}, {Name: "project", Value: o.Project}, {Name: "only", Value: strings.Join(o.Only, ",")},
		{Name: "kind", Value: string(o.Kind)},
	}, more...)...)
}
