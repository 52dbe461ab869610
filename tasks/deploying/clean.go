package deploying

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/apply"
	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/draft"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/live"
	"github.com/flowmage/flowmage/tasks/lock"
	"github.com/flowmage/flowmage/tasks/ownership"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/plan/printed"
	"github.com/flowmage/flowmage/tasks/receipt"
	"github.com/flowmage/flowmage/tasks/session"
)

// cleaning is a deploy:clean under way.
type cleaning struct {
	s     *session.Session
	o     CleanOptions
	env   config.Env
	to    session.Server
	owner ownership.Owner

	list   toClean
	agreed map[string]bool // what somebody has agreed to, by id or pool
}

// toClean is what is to be deleted, and what is served and was not asked for.
type toClean struct {
	plan         plan.Plan
	served, left []plan.Action
}

func (l toClean) empty() bool { return l.plan.Empty() && len(l.served) == 0 }

// Clean lists the owner's deployments and work pools, asks, and deletes them with the receipts. What lacks our tag stays. Narrowed to some
// deployments, it deletes those alone and leaves a receipt.
func Clean(ctx context.Context, s *session.Session, o CleanOptions, env config.Env, to session.Server, owner ownership.Owner) error {
	c := &cleaning{s: s, o: o, env: env, to: to, owner: owner}
	var err error
	if c.list, err = c.look(ctx); err != nil {
		return err
	}
	untagged, err := c.untagged(ctx)
	if err != nil {
		return err
	}
	c.mention(c.list.left, untagged)
	if c.list.empty() {
		return c.nothing(ctx)
	}
	if err := c.show(c.list); err != nil {
		return err
	}
	if err := c.agree(ctx, c.list); err != nil {
		return err
	}
	result, err := c.run(ctx)
	if err != nil {
		return err
	}
	if err := reportCleaned(c.s, c.o.JSON, result); err != nil || !o.Images {
		return err
	}
	return cleanImages(ctx, s, o, owner.Project)
}

// look lists what there is to delete.
func (c *cleaning) look(ctx context.Context) (toClean, error) {
	plan, served, err := live.Cleaning(ctx, c.to.API, c.owner, c.o.narrow())
	if err != nil {
		return toClean{}, err
	}
	out := toClean{plan: plan, left: served}
	if c.o.Served {
		out.served, out.left = served, nil
	}
	out.plan.Commit = c.s.Commit(ctx).Short()
	for i := range out.plan.Pools {
		x := &out.plan.Pools[i]
		x.Notes = append(x.Notes, "it stays when something else uses it")
		if worker := c.workers().Of(ctx, x.Name); worker != "" {
			x.Notes = append(x.Notes, "the worker that runs here for it is ended first, with its runs: "+worker)
		}
	}
	return out, nil
}

// untagged gives the names of deployments that only the receipts know, where these are to be deleted.
func (c *cleaning) untagged(ctx context.Context) ([]string, error) {
	if !c.o.narrow().Whole() {
		return nil, nil
	}
	known, err := receipt.Recall(ctx, c.to.API, c.owner)
	if err != nil {
		return nil, err
	}
	list, err := live.Holdings(ctx, c.to.API, c.owner, known)
	var out []string
	for _, x := range list {
		if x.Untagged {
			out = append(out, x.Name)
		}
	}
	return out, err
}

// mention tells of what stays, and how it goes.
func (c *cleaning) mention(left []plan.Action, untagged []string) {
	if len(untagged) > 0 {
		c.s.Console.Warn("what has lost our tag stays, and is somebody else's once the receipts are gone: %s; `%s` before the clean gives the tag back",
			finding.Names(untagged), c.o.deploying(c.env.Name))
	}
	if len(left) == 0 {
		return
	}
	names := make([]string, 0, len(left))
	for _, a := range left {
		names = append(names, a.Name)
	}
	o := c.o
	o.Served = true
	c.s.Console.Say("what flows:serve has made stays: %s; `%s` takes it too", finding.Names(names), o.command(c.env.Name))
}

func (c *cleaning) nothing(ctx context.Context) error {
	what := "no deployment carries the tag " + c.owner.Tag()
	if !c.o.narrow().Whole() {
		what = "none of the chosen deployments is to be deleted"
	}
	c.s.Console.Say("nothing to clean: %s", what)
	if err := cleanOnlyImages(ctx, c.s, c.o, c.owner.Project); err != nil {
		return err
	}
	return reportCleaned(c.s, c.o.JSON, plan.Result{})
}

// show lists what is to be deleted.
func (c *cleaning) show(l toClean) error {
	if err := printed.Text(c.s.Console.Err(), c.s.Console.Paint, l.plan); err != nil {
		return err
	}
	for _, d := range l.served {
		c.s.Console.Say("- delete %s (flow %s), unless somebody serves it", d.Name, d.Flow)
	}
	return nil
}

// agree asks about what nobody has been asked about yet.
func (c *cleaning) agree(ctx context.Context, l toClean) error {
	all := map[string]bool{}
	for _, a := range slices.Concat(l.plan.Deletions(), l.served) {
		all[a.ID] = true
	}
	pools := l.plan.CountPools(plan.Delete)
	for _, x := range l.plan.Pools {
		all["work pool "+x.Name] = true
	}
	asked := c.agreed != nil
	for what := range all {
		asked = asked && c.agreed[what]
	}
	c.agreed = all
	if asked {
		return nil
	}
	if err := c.unprotected(ctx, l); err != nil {
		return err
	}
	question := fmt.Sprintf("Delete %s of %s on %s", counted(len(all)-pools, pools), c.owner.Tag(), c.to.API.URL())
	if c.o.narrow().Whole() {
		question += ", with the receipts"
	}
	if c.o.Images {
		question += ", and the images of " + c.owner.Project + " on this machine"
	}
	return c.s.Console.ConfirmUnless(ctx, c.o.Yes, question+"?")
}

// unprotected refuses when any of the deployments is protected by the settings.
func (c *cleaning) unprotected(ctx context.Context, l toClean) error {
	if c.o.Preview {
		return nil
	}
	env, scanned, err := c.s.Scan(ctx, c.env)
	if err != nil {
		return err
	}
	var kept []string
	for _, a := range slices.Concat(l.plan.Deletions(), l.served) {
		if env.Settings(draft.Names(scanned.Flows, a.Flow)...).Protected() {
			kept = append(kept, a.Name)
		}
	}
	if len(kept) == 0 && env.Protected() && l.plan.CountPools(plan.Delete) > 0 {
		kept = append(kept, "the work pools of "+env.Name)
	}
	if len(kept) == 0 {
		return nil
	}
	return &fault.Error{
		Code: fault.Refused, What: "protected by the settings: " + strings.Join(kept, ", "), Where: "`protect: true` in envs/",
		Why: "nothing was deleted", Next: "mage env:show -env=" + env.Name + " tells where it is set; remove it there first",
	}
}

// run deletes under the lock, after another look: a deploy may have written meanwhile, and what it has made must not lose its receipt.
// Receipts and lock go last, and only when all is gone.
func (c *cleaning) run(ctx context.Context) (plan.Result, error) {
	h := holder(ctx, c.o.command(c.env.Name), c.list.plan.Commit)
	lock, held, err := takeLock(ctx, c.s, c.to, c.owner, h, 0)
	if err != nil {
		return plan.Result{}, err
	}
	result, err := c.delete(held, h)
	if cause := context.Cause(held); err != nil && cause != nil && ctx.Err() == nil {
		err = cause // the lock was lost
	}
	if err != nil || !c.o.narrow().Whole() || len(result.Failed()) > 0 {
		unlock(ctx, c.s, lock)
		return result, err
	}
	if err := receipt.Forget(held, c.to.API, c.owner); err != nil {
		unlock(ctx, c.s, lock)
		return result, err
	}
	return result, lock.Discard(ctx)
}

// delete deletes what there is by now.
func (c *cleaning) delete(ctx context.Context, h lock.Holder) (plan.Result, error) {
	var now toClean
	_, result, err := writeLocked(ctx, c.s, Writing{
		To: c.to, Owner: c.owner, Plan: c.list.plan, workers: c.workers(),
		Again: func(ctx context.Context, _ bool) (plan plan.Plan, err error) {
			now, err = c.look(ctx)
			return now.plan, err
		},
		agree: func(ctx context.Context, _ plan.Plan) error { return c.agree(ctx, now) },
	}, h, true)
	if err != nil {
		return result, err
	}
	served, err := c.watching().Silent(ctx, slices.DeleteFunc(now.served, func(a plan.Action) bool { return !c.agreed[a.ID] }))
	gone := apply.Remove(ctx, c.to.API, served)
	result.Outcomes = append(slices.DeleteFunc(result.Outcomes, func(o plan.Outcome) bool { return o.Op == plan.Unchanged }), gone...)
	return result, err
}

// watching names what a clean can't delete, because somebody serves it.
func (c *cleaning) watching() live.Watch {
	return live.Watch{
		API: c.to.API, Owner: c.owner, Gap: live.PollGap,
		Begin: func() {
			c.s.Console.Say("looking for %s whether somebody still serves what has asked for runs not long ago", live.PollGap)
		},
		Stays: func(x plan.Action) {
			c.s.Console.Warn("%s stays: somebody serves it; end that flows:serve first, then run the same command again", x.Name)
		},
	}
}

// ownWorkers are those of the embedded environment; elsewhere none is ours.
type ownWorkers struct{ to session.Server }

func (c *cleaning) workers() ownWorkers { return ownWorkers{c.to} }

func (w ownWorkers) Of(ctx context.Context, pool string) string {
	if w.to.Embedded == nil {
		return ""
	}
	p, _ := w.to.Embedded.WorkerOf(ctx, pool)
	return p.Worker
}

func (w ownWorkers) Stop(ctx context.Context, pool string) error {
	if w.to.Embedded == nil {
		return nil
	}
	return w.to.Embedded.StopWorker(ctx, pool)
}
