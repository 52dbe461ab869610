package deploying

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/deploy"
	"github.com/flowmage/flowmage/tasks/draft"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/session"
)

// CleanOptions are the choices of deploy:clean.
type CleanOptions struct {
	Env    string
	Only   []string // these alone, as the server has them
	Kind   string   // python or container; empty means both
	Served bool     // what flows:serve has left behind, too
	Yes    bool     // don't ask
	JSON   bool
	// Images removes the project's images from this machine too. Other environments build theirs anew when they need them.
	Images bool
	// Preview says that these are of a preview: what is protected is the environment's own.
	Preview bool
}

func (o CleanOptions) narrow() deploy.Narrow { return deploy.Narrow{Only: o.Only, Kind: o.Kind} }

// command is how receipts name it.
func (o CleanOptions) command(env string) string {
	return fault.Command("deploy:clean", fault.Flag{Name: "env", Value: env}, fault.Flag{Name: "only", Value: strings.Join(o.Only, ",")},
		fault.Flag{Name: "kind", Value: o.Kind}, fault.Flag{Name: "served", On: o.Served})
}

// deploying gives the command that brings back what was to be cleaned.
func (o CleanOptions) deploying(env string) string {
	if o.Preview {
		return fault.Command("env:preview up", fault.Flag{Name: "env", Value: env})
	}
	return fault.Command("deploy:all", fault.Flag{Name: "env", Value: env})
}

// Cleaning is a deploy:clean under way.
type Cleaning struct {
	S     *session.Session
	O     CleanOptions
	Env   config.Env
	To    session.Server
	Owner deploy.Owner

	List   toClean
	agreed map[string]bool // what somebody has agreed to, by id or pool
}

// toClean is what is to be deleted, and what is served and was not asked for.
type toClean struct {
	plan         deploy.Plan
	served, Left []deploy.Action
}

func (l toClean) Empty() bool { return l.plan.Empty() && len(l.served) == 0 }

func (o CleanOptions) Check() error {
	if o.Images && !o.narrow().Whole() {
		return &fault.Error{
			Code: fault.Usage, What: "-images goes with neither -only nor -kind", Why: "it removes all of the project's images from this machine",
			Next: "leave out one of them",
		}
	}
	return draft.KnownKind(o.Kind)
}

// Look lists what there is to delete.
func (c *Cleaning) Look(ctx context.Context) (toClean, error) {
	plan, served, err := deploy.Cleaning(ctx, c.To.API, c.Owner, c.O.narrow())
	if err != nil {
		return toClean{}, err
	}
	out := toClean{plan: plan, Left: served}
	if c.O.Served {
		out.served, out.Left = served, nil
	}
	out.plan.Commit = c.S.Commit(ctx).Short()
	for i := range out.plan.Pools {
		x := &out.plan.Pools[i]
		x.Notes = append(x.Notes, "it stays when something else uses it")
		if worker := c.workers().Of(ctx, x.Name); worker != "" {
			x.Notes = append(x.Notes, "the worker that runs here for it is ended first, with its runs: "+worker)
		}
	}
	return out, nil
}

// Untagged gives the names of deployments that only the receipts know, where these are to be deleted.
func (c *Cleaning) Untagged(ctx context.Context) ([]string, error) {
	if !c.O.narrow().Whole() {
		return nil, nil
	}
	known, err := deploy.Recall(ctx, c.To.API, c.Owner)
	if err != nil {
		return nil, err
	}
	list, err := deploy.Holdings(ctx, c.To.API, c.Owner, known)
	var out []string
	for _, x := range list {
		if x.Untagged {
			out = append(out, x.Name)
		}
	}
	return out, err
}

// Mention tells of what stays, and how it goes.
func (c *Cleaning) Mention(left []deploy.Action, untagged []string) {
	if len(untagged) > 0 {
		c.S.Console.Warn("what has lost our tag stays, and is somebody else's once the receipts are gone: %s; `%s` before the clean gives the tag back",
			finding.Names(untagged), c.O.deploying(c.Env.Name))
	}
	if len(left) == 0 {
		return
	}
	names := make([]string, 0, len(left))
	for _, a := range left {
		names = append(names, a.Name)
	}
	o := c.O
	o.Served = true
	c.S.Console.Say("what flows:serve has made stays: %s; `%s` takes it too", finding.Names(names), o.command(c.Env.Name))
}

func (c *Cleaning) Nothing(ctx context.Context) error {
	what := "no deployment carries the tag " + c.Owner.Tag()
	if !c.O.narrow().Whole() {
		what = "none of the chosen deployments is to be deleted"
	}
	c.S.Console.Say("nothing to clean: %s", what)
	if err := cleanOnlyImages(ctx, c.S, c.O, c.Owner.Project); err != nil {
		return err
	}
	return c.Report(deploy.Result{})
}

// Show lists what is to be deleted.
func (c *Cleaning) Show(l toClean) error {
	if err := l.plan.WriteText(c.S.Console.Err(), c.S.Console.Paint); err != nil {
		return err
	}
	for _, d := range l.served {
		c.S.Console.Say("- delete %s (flow %s), unless somebody serves it", d.Name, d.Flow)
	}
	return nil
}

// Agree asks about what nobody has been asked about yet.
func (c *Cleaning) Agree(ctx context.Context, l toClean) error {
	all := map[string]bool{}
	for _, a := range slices.Concat(l.plan.Deletions(), l.served) {
		all[a.ID] = true
	}
	pools := l.plan.CountPools(deploy.Delete)
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
	question := fmt.Sprintf("Delete %s of %s on %s", counted(len(all)-pools, pools), c.Owner.Tag(), c.To.API.URL())
	if c.O.narrow().Whole() {
		question += ", with the receipts"
	}
	if c.O.Images {
		question += ", and the images of " + c.Owner.Project + " on this machine"
	}
	return c.S.Console.ConfirmUnless(ctx, c.O.Yes, question+"?")
}

// unprotected refuses when any of the deployments is protected by the settings.
func (c *Cleaning) unprotected(ctx context.Context, l toClean) error {
	if c.O.Preview {
		return nil
	}
	env, scanned, err := c.S.Scan(ctx, c.Env)
	if err != nil {
		return err
	}
	d := draft.Draft{Env: env, Flows: scanned.Flows}
	var kept []string
	for _, a := range slices.Concat(l.plan.Deletions(), l.served) {
		if env.Settings(d.Names(a.Flow)...).Protect {
			kept = append(kept, a.Name)
		}
	}
	if len(kept) == 0 && env.Protect && l.plan.CountPools(deploy.Delete) > 0 {
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

// Run deletes under the lock, after another look: a deploy may have written meanwhile, and what it has made must not lose its receipt.
// Receipts and lock go last, and only when all is gone.
func (c *Cleaning) Run(ctx context.Context) (deploy.Result, error) {
	h := holder(ctx, c.S, c.O.command(c.Env.Name), c.List.plan.Commit)
	lock, held, err := takeLock(ctx, c.S, c.To, c.Owner, h, 0)
	if err != nil {
		return deploy.Result{}, err
	}
	result, err := c.delete(held, h)
	if cause := context.Cause(held); err != nil && cause != nil && ctx.Err() == nil {
		err = cause // the lock was lost
	}
	if err != nil || !c.O.narrow().Whole() || len(result.Failed()) > 0 {
		unlock(ctx, c.S, lock)
		return result, err
	}
	if err := deploy.Forget(held, c.To.API, c.Owner); err != nil {
		unlock(ctx, c.S, lock)
		return result, err
	}
	return result, lock.Discard(ctx)
}

// delete deletes what there is by now.
func (c *Cleaning) delete(ctx context.Context, h deploy.Holder) (deploy.Result, error) {
	var now toClean
	_, result, err := writeLocked(ctx, c.S, Writing{
		To: c.To, Owner: c.Owner, Plan: c.List.plan, workers: c.workers(),
		Again: func(ctx context.Context, _ bool) (plan deploy.Plan, err error) {
			now, err = c.Look(ctx)
			return now.plan, err
		},
		agree: func(ctx context.Context, _ deploy.Plan) error { return c.Agree(ctx, now) },
	}, h, true)
	if err != nil {
		return result, err
	}
	served, err := c.watching().Silent(ctx, slices.DeleteFunc(now.served, func(a deploy.Action) bool { return !c.agreed[a.ID] }))
	gone := deploy.Remove(ctx, c.To.API, served)
	result.Outcomes = append(slices.DeleteFunc(result.Outcomes, func(o deploy.Outcome) bool { return o.Op == deploy.Unchanged }), gone...)
	return result, err
}

func (c *Cleaning) Report(r deploy.Result) error {
	s := c.S
	if c.O.JSON {
		if r.Outcomes == nil {
			r.Outcomes = []deploy.Outcome{}
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
		reportPools(s, r.Pools)
	}
	if failed := r.Failed(); len(failed) > 0 {
		return &fault.Error{
			Code: fault.Partial, What: countedFailures(r) + " could not be deleted",
			Where: failed[0].Name, Err: failed[0].Err, Next: "run the same command again",
		}
	}
	return nil
}

// watching names what a clean can't delete, because somebody serves it.
func (c *Cleaning) watching() deploy.Watch {
	return deploy.Watch{
		API: c.To.API, Owner: c.Owner, Gap: deploy.PollGap,
		Begin: func() {
			c.S.Console.Say("looking for %s whether somebody still serves what has asked for runs not long ago", deploy.PollGap)
		},
		Stays: func(x deploy.Action) {
			c.S.Console.Warn("%s stays: somebody serves it; end that flows:serve first, then run the same command again", x.Name)
		},
	}
}

// ownWorkers are those of the embedded environment; elsewhere none is ours.
type ownWorkers struct{ to session.Server }

func (c *Cleaning) workers() ownWorkers { return ownWorkers{c.To} }

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
