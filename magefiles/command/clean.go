package command

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/config"

	"github.com/flowmage/flowmage/tasks/apply"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/kind"
	"github.com/flowmage/flowmage/tasks/live"
	"github.com/flowmage/flowmage/tasks/lock"
	"github.com/flowmage/flowmage/tasks/ownership"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/plan/printed"
	"github.com/flowmage/flowmage/tasks/receipt"
)

// CleanOptions are the choices of deploy:clean.
type CleanOptions struct {
	Env    string
	Only   []string  // these alone, as the server has them
	Kind   kind.Kind // empty: all of them
	Served bool      // what flows:serve has left behind, too
	Yes    bool      // don't ask
	JSON   bool
	// Images removes the project's images from this machine too. Other environments build theirs anew when they need them.
	Images bool
	// Preview says that these are of a preview: what is protected is the environment's own.
	Preview bool
}

func (o CleanOptions) narrow() live.Narrow { return live.Narrow{Only: o.Only, Kind: o.Kind} }

// command is how receipts name it.
func (o CleanOptions) command(env string) string {
	return fault.Command("deploy:clean", fault.Flag{Name: "env", Value: env}, fault.Flag{Name: "only", Value: strings.Join(o.Only, ",")},
		fault.Flag{Name: "kind", Value: string(o.Kind)}, fault.Flag{Name: "served", On: o.Served})
}

// deploying gives the command that brings back what was to be cleaned.
func (o CleanOptions) deploying(env string) string {
	if o.Preview {
		return fault.Command("env:preview up", fault.Flag{Name: "env", Value: env})
	}
	return fault.Command("deploy:all", fault.Flag{Name: "env", Value: env})
}

// cleaning is a deploy:clean under way.
type cleaning struct {
	s     *Session
	o     CleanOptions
	env   config.Env
	to    server
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

// Clean lists our deployments and work pools of the environment, asks, and deletes them with the receipts. What lacks our tag stays. Narrowed to
// some deployments, it deletes those alone and leaves a receipt.
func Clean(ctx context.Context, s *Session, o CleanOptions) error {
	if err := o.check(); err != nil {
		return err
	}
	env, to, owner, err := s.open(ctx, o.Env)
	if err != nil {
		return err
	}
	c := &cleaning{s: s, o: o, env: env, to: to, owner: owner}
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
	if err := c.report(result); err != nil || !o.Images {
		return err
	}
	return s.cleanImages(ctx, o, owner.Project)
}

func (o CleanOptions) check() error {
	if o.Images && !o.narrow().Whole() {
		return &fault.Error{
			Code: fault.Usage, What: "-images goes with neither -only nor -kind", Why: "it removes all of the project's images from this machine",
			Next: "leave out one of them",
		}
	}
	return o.Kind.Check()
}

// look lists what there is to delete.
func (c *cleaning) look(ctx context.Context) (toClean, error) {
	plan, served, err := live.Cleaning(ctx, c.to.api, c.owner, c.o.narrow())
	if err != nil {
		return toClean{}, err
	}
	out := toClean{plan: plan, left: served}
	if c.o.Served {
		out.served, out.left = served, nil
	}
	out.plan.Commit = c.s.commit(ctx).Short()
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
	known, err := receipt.Recall(ctx, c.to.api, c.owner)
	if err != nil {
		return nil, err
	}
	list, err := live.Holdings(ctx, c.to.api, c.owner, known)
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
			few(untagged), c.o.deploying(c.env.Name))
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
	c.s.Console.Say("what flows:serve has made stays: %s; `%s` takes it too", few(names), o.command(c.env.Name))
}

func (c *cleaning) nothing(ctx context.Context) error {
	what := "no deployment carries the tag " + c.owner.Tag()
	if !c.o.narrow().Whole() {
		what = "none of the chosen deployments is to be deleted"
	}
	c.s.Console.Say("nothing to clean: %s", what)
	if err := c.s.cleanOnlyImages(ctx, c.o, c.owner.Project); err != nil {
		return err
	}
	return c.report(plan.Result{})
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
	question := fmt.Sprintf("Delete %s of %s on %s", counted(len(all)-pools, pools), c.owner.Tag(), c.to.api.URL())
	if c.o.narrow().Whole() {
		question += ", with the receipts"
	}
	if c.o.Images {
		question += ", and the images of " + c.owner.Project + " on this machine"
	}
	return c.s.agreed(ctx, c.o.Yes, question+"?")
}

// unprotected refuses when any of the deployments is protected by the settings.
func (c *cleaning) unprotected(ctx context.Context, l toClean) error {
	if c.o.Preview {
		return nil
	}
	env, scanned, err := c.s.scan(ctx, c.env)
	if err != nil {
		return err
	}
	d := draft{env: env, flows: scanned.Flows}
	var kept []string
	for _, a := range slices.Concat(l.plan.Deletions(), l.served) {
		if env.Settings(d.names(a.Flow)...).Protect {
			kept = append(kept, a.Name)
		}
	}
	if len(kept) == 0 && env.Protect && l.plan.CountPools(plan.Delete) > 0 {
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
	h := c.s.holder(ctx, c.o.command(c.env.Name), c.list.plan.Commit)
	lock, held, err := c.s.lock(ctx, c.to, c.owner, h, 0)
	if err != nil {
		return plan.Result{}, err
	}
	result, err := c.delete(held, h)
	if cause := context.Cause(held); err != nil && cause != nil && ctx.Err() == nil {
		err = cause // the lock was lost
	}
	if err != nil || !c.o.narrow().Whole() || len(result.Failed()) > 0 {
		c.s.unlock(ctx, lock)
		return result, err
	}
	if err := receipt.Forget(held, c.to.api, c.owner); err != nil {
		c.s.unlock(ctx, lock)
		return result, err
	}
	return result, lock.Discard(ctx)
}

// delete deletes what there is by now.
func (c *cleaning) delete(ctx context.Context, h lock.Holder) (plan.Result, error) {
	var now toClean
	_, result, err := c.s.writeLocked(ctx, writing{
		to: c.to, owner: c.owner, plan: c.list.plan, workers: c.workers(),
		again: func(ctx context.Context, _ bool) (plan plan.Plan, err error) {
			now, err = c.look(ctx)
			return now.plan, err
		},
		agree: func(ctx context.Context, _ plan.Plan) error { return c.agree(ctx, now) },
	}, h, true)
	if err != nil {
		return result, err
	}
	served, err := c.watching().silent(ctx, slices.DeleteFunc(now.served, func(a plan.Action) bool { return !c.agreed[a.ID] }))
	gone := apply.Remove(ctx, c.to.api, served)
	result.Outcomes = append(slices.DeleteFunc(result.Outcomes, func(o plan.Outcome) bool { return o.Op == plan.Unchanged }), gone...)
	return result, err
}

func (c *cleaning) report(r plan.Result) error {
	s := c.s
	if c.o.JSON {
		if r.Outcomes == nil {
			r.Outcomes = []plan.Outcome{}
		}
		if err := s.Console.JSON(r); err != nil {
			return err
		}
	} else {
		for _, d := range r.Outcomes {
			if d.Err == nil {
				s.Console.Printf("deleted   %s\n", d.Name)
				continue
			}
			s.Console.Printf("failed    %s  %s\n", d.Name, d.Failure)
		}
		s.reportPools(r.Pools)
	}
	if failed := r.Failed(); len(failed) > 0 {
		return &fault.Error{
			Code: fault.Partial, What: countedFailures(r) + " could not be deleted",
			Where: failed[0].Name, Err: failed[0].Err, Next: "run the same command again",
		}
	}
	return nil
}
