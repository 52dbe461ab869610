package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/flowmage/flowmage/tasks/config"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/kind"
	"github.com/flowmage/flowmage/tasks/live"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/plan/printed"
	"github.com/flowmage/flowmage/tasks/verify"
)

// DeployOptions are the choices of deploy:all, deploy:python, deploy:plan and deploy:adopt.
type DeployOptions struct {
	Env      string
	Only     []string  // flows; empty means all
	Kind     kind.Kind // empty: all of them
	Strict   bool      // one blocked deployment blocks all
	Yes      bool      // don't ask before deletions
	Prune    bool      // delete what nothing asks for any more, whatever the settings say
	JSON     bool
	ExitCode bool          // plan: code 10 when there are changes
	Wait     time.Duration // for the lock; 0 is the default
	Command  string        // the target's name, for the receipt; empty is deploy:all
	Out      string        // plan: the file for deploy:apply
	File     string        // a manifest that somebody wrote; empty: one is rendered from flows and settings
	Project  string        // with File: whose the deployments are, and the scope of prune
	Markdown bool          // plan: for a pull request

	Unverified bool // don't climb the ladder afterwards

	exactly  string // the fingerprint of the plan that must come out
	reviewed []byte // what people could read of that plan, as JSON
	oneKind  bool   // where Kind is empty: only the first that the flow has
	images   bool   // only of what needs an image
	unnamed  bool   // nothing is deployed under the names that the settings give
}

// partial tells whether only some of the environment's deployments are asked for. The rendered manifest is not written then: whoever reads
// it, `prefect deploy --all` among them, takes it for the whole.
func (o DeployOptions) partial() bool { return len(o.Only) > 0 || o.Kind != "" || o.oneKind }

// production is the environment in which one error stops everything.
const production = "prod"

// Deploy brings the environment's server to the state that the repository describes, reads back what it wrote, and prints where to
// see it.
func Deploy(ctx context.Context, s *Session, o DeployOptions) error {
	s.waitFor(o.Wait)
	_, err := s.deploy(ctx, o)
	return err
}

// deployed is what a deploy leads to.
type deployed struct {
	draft  draft
	server server
	plan   plan.Plan
	result plan.Result
}

func (s *Session) deploy(ctx context.Context, o DeployOptions) (deployed, error) {
	c, err := s.plan(ctx, o, true)
	if err != nil {
		return deployed{}, err
	}
	to := c.server
	out := deployed{draft: c.draft, server: to}
	if err := s.guarded(ctx, o, c); err != nil {
		return out, err
	}
	if err := s.build(ctx, o, &c); err != nil {
		return out, err
	}
	d, planned := c.draft, c.plan
	out.draft = d
	if _, err := s.keep(d, o); err != nil {
		return out, err
	}
	refusal := ""
	if o.exactly != "" {
		if err := o.asReviewed(d, planned); err != nil {
			return out, err
		}
		refusal = o.planning()
	}
	out.plan, out.result, err = s.write(ctx, writing{
		refusal: refusal, digests: d.pushed,
		to: to, owner: d.owner(), command: "mage " + cmp.Or(o.Command, "deploy:all") + " -env=" + d.env.Name, wait: o.Wait, plan: planned,
		again: func(ctx context.Context, waited bool) (plan.Plan, error) { return s.replan(ctx, c, o, waited) },
	})
	if err != nil {
		return out, err
	}
	written := time.Now()
	if err := s.worker(ctx, to, d.env, out.plan.StandingPools(out.result)); err != nil {
		return out, err
	}
	if err := s.report(o, out); err != nil {
		return out, err
	}
	var rungs verify.Rungs
	if !o.Unverified && !out.plan.Empty() { // what was verified once and is unchanged costs a compare, and nothing else
		rungs = s.deployedWell(ctx, out, written)
	}
	s.announce(ctx, out, rungs)
	s.offerEntry(to)
	return out, verdict(out.plan, out.result, "the others were deployed")
}

// comparison is what the repository wants beside what the server holds, and the plan that follows.
type comparison struct {
	draft  draft
	server server
	live   plan.Live
	plan   plan.Plan
}

// plan compares repository and server. start says whether the embedded server may be started for it.
func (s *Session) plan(ctx context.Context, o DeployOptions, start bool) (comparison, error) {
	env, problems, err := s.settings(ctx, o.Env)
	if err != nil {
		return comparison{}, err
	}
	if o.Project != "" {
		env.Project = o.Project
	}
	var reading *live.Reading
	all := func() {}
	if !problems.HasErrors() {
		if reading = s.glance(ctx, env); reading != nil {
			defer reading.Stop()
			all = leaveCore(reading)
			defer all()
		}
	}
	d, err := s.draftFor(ctx, env, problems, o)
	if err != nil {
		return comparison{}, err
	}
	s.Console.Findings(d.findings)
	if err := d.stop(o.Strict || d.env.Name == production); err != nil {
		return comparison{}, err
	}
	to, err := s.connect(ctx, d.env, access{start: start, flows: d.flows, answered: reading.Answered()})
	if err != nil {
		return comparison{}, err
	}
	if reading != nil && !to.started && reading.API().URL() == to.api.URL() {
		to.api = reading.API() // it knows the server already
	} else {
		reading = s.begin(ctx, to, d)
	}
	live, err := reading.Finish(ctx, d.desired, d.pools)
	if err != nil {
		return comparison{}, err
	}
	all()
	c := comparison{draft: d, server: to, live: live}
	c.plan, err = s.compare(ctx, to, d, o, live)
	return c, err
}

// replan makes the plan again under the lock.
func (s *Session) replan(ctx context.Context, c comparison, o DeployOptions, waited bool) (plan.Plan, error) {
	live, err := s.reread(ctx, c, waited)
	if err != nil {
		return plan.Plan{}, err
	}
	return s.compare(ctx, c.server, c.draft, o, live)
}

// reread reads again what the plan would change; everything when somebody may have written meanwhile, and when there is next to
// nothing yet.
func (s *Session) reread(ctx context.Context, c comparison, waited bool) (plan.Live, error) {
	whole := waited || c.plan.WritesPools()
	var state plan.Live
	if !whole { // seldom has it moved on, so both are asked at once
		var group errgroup.Group
		group.Go(func() (err error) {
			whole, err = live.MovedOn(ctx, c.server.api, c.live, c.draft.owner())
			return err
		})
		group.Go(func() (err error) { state, err = live.Refresh(ctx, c.server.api, c.live, c.plan); return err })
		if err := group.Wait(); err != nil {
			return plan.Live{}, err
		}
	}
	if whole {
		return s.begin(ctx, c.server, c.draft).Finish(ctx, c.draft.desired, c.draft.pools)
	}
	return state, nil
}

// draftFor reads the repository or, with -file, a manifest.
func (s *Session) draftFor(ctx context.Context, env config.Env, problems finding.List, o DeployOptions) (draft, error) {
	if err := o.Kind.Check(); err != nil {
		return draft{}, err
	}
	if o.File != "" {
		return s.written(ctx, env, problems, o)
	}
	return s.draft(ctx, env, problems, o)
}

// begin starts to read what the server holds.
func (s *Session) begin(ctx context.Context, to server, d draft) *live.Reading {
	return live.Begin(ctx, to.api, d.owner(), live.QueuesOf(d.pools))
}

// compare makes the plan.
func (s *Session) compare(ctx context.Context, to server, d draft, o DeployOptions, state plan.Live) (plan.Plan, error) {
	planned, err := plan.Diff(d.owner(), d.desired, state)
	if err != nil {
		return plan.Plan{}, err
	}
	planned.Commit = s.commit(ctx).Short()
	if len(s.flags) == 0 { // a preview's deployments have names of their own, and no command line to adopt by
		planned.TakeOver(o.takingOver(d.env.Name))
	}
	for _, b := range d.blocked {
		planned.Block(b.name, b.flow, b.entrypoint, b.reasons)
	}
	if len(o.Only) == 0 && (o.File == "" || o.Project != "") {
		kinds := d.env.AllKinds()
		if d.skipped {
			kinds = d.env.Without(kind.Imaged(kinds)...).AllKinds()
		}
		planned.Prune(state, plan.Prune{
			On: o.Prune || d.env.Prune, Kinds: kinds, Unreadable: d.unreadable,
			Protected: func(flow string) bool { return d.env.Settings(d.names(flow)...).Protect }, Pools: !d.byHand, Held: d.env.Protect,
		})
	}
	return planned, live.Precheck(ctx, to.api, &planned, state)
}

// row is one deployment in the result of a deploy.
type row struct {
	plan.Outcome
	Link string `json:"link,omitempty"`
}

// report prints the result: one line a deployment with its page in the UI, or JSON.
func (s *Session) report(o DeployOptions, out deployed) error {
	rows := make([]row, 0, len(out.result.Outcomes))
	for _, r := range out.result.Outcomes {
		x := row{Outcome: r}
		if r.ID != "" {
			x.Link = out.server.link(r.ID)
		}
		rows = append(rows, x)
	}
	if o.JSON {
		return s.Console.JSON(map[string]any{
			"environment": out.plan.Env, "project": out.plan.Project, "api": out.plan.API, "commit": out.plan.Commit, "deployments": rows,
			"pools": append([]plan.Outcome{}, out.result.Pools...),
		})
	}
	s.reportPools(out.result.Pools)
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

// verdict gives the error that a finished deploy ends with: failures weigh more than blocked ones.
func verdict(plan plan.Plan, result plan.Result, effect string) error {
	failed, blocked := result.Failed(), blockedNames(plan)
	switch {
	case len(failed) == 0 && len(blocked) == 0:
		return nil
	case len(failed) == 0:
		return &fault.Error{
			Code: fault.Findings, What: "blocked by errors: " + few(blocked),
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

// few gives names in brackets: the first ones when there are many, as all of them stand above.
func few(names []string) string {
	first, more := finding.Few(names, 20)
	return fmt.Sprint(first) + more
}

// blockedNames gives what errors stand in the way of, each once.
func blockedNames(planned plan.Plan) []string {
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

// Plan prints what a deploy would do and changes nothing.
func Plan(ctx context.Context, s *Session, o DeployOptions) error {
	c, err := s.plan(ctx, o, false)
	if err != nil {
		return err
	}
	d, planned := c.draft, c.plan
	d.foretellImages(planned)
	switch {
	case o.JSON:
		err = s.Console.JSON(planned)
	case o.Markdown:
		err = printed.Markdown(s.Console.Out(), planned)
	default:
		err = printed.Text(s.Console.Out(), s.Console.Paint, planned)
	}
	if err == nil && o.Out != "" {
		err = s.savePlan(o, d.env.Name, planned)
	}
	if err == nil && !planned.Empty() {
		s.Console.Findings(foretold(s.refusals(ctx, c)))
	}
	switch {
	case err != nil:
		return err
	case len(blockedNames(planned)) > 0:
		return verdict(planned, plan.Result{}, "a deploy would leave them out")
	case o.ExitCode && !planned.Empty():
		return &fault.Error{Code: fault.Changes, What: "the server differs from the repository", Next: "mage deploy:all -env=" + d.env.Name}
	default:
		return nil
	}
}
