package deploying

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/flowmage/flowmage/tasks/apply"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/kind"
	"github.com/flowmage/flowmage/tasks/live"
	"github.com/flowmage/flowmage/tasks/lock"
	"github.com/flowmage/flowmage/tasks/ownership"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/receipt"
	"github.com/flowmage/flowmage/tasks/session"
)

// ReleaseOptions are the choices of deploy:release.
type ReleaseOptions struct {
	Env     string
	Project string   // whose they are, where that is not the settings' project
	Only    []string // these; empty wants All
	All     bool
	Kind    kind.Kind // empty: all of them
	Yes     bool      // don't ask
	Wait    time.Duration
	JSON    bool
}

// Chosen is the error for a command line that does not say which deployments it is about.
func (o ReleaseOptions) Chosen() error {
	switch {
	case len(o.Only) == 0 && !o.All:
		return &fault.Error{
			Code: fault.Usage, What: "say which deployments to release", Why: "what is released is not ours any more; nothing was written",
			Next: "name them, as in -only=etl or -only='etl-*', or write -all",
		}
	case len(o.Only) > 0 && o.All:
		return &fault.Error{Code: fault.Usage, What: "-only and -all say two things at once", Next: "leave out one of them"}
	}
	return o.Kind.Check()
}

// Releasable gives the deployments of ours that were chosen.
func (o ReleaseOptions) Releasable(ctx context.Context, to session.Server, owner ownership.Owner) ([]live.Holding, error) {
	known, err := receipt.Recall(ctx, to.API, owner)
	if err != nil {
		return nil, err
	}
	list, err := live.Holdings(ctx, to.API, owner, known)
	if err != nil {
		return nil, err
	}
	list, err = live.Choose(list, o.Only)
	return slices.DeleteFunc(list, func(x live.Holding) bool { return o.Kind != "" && x.Kind != o.Kind }), err
}

// line is how receipts name the command.
func (o ReleaseOptions) line(env string) string {
	return fault.Command("deploy:release", fault.Flag{Name: "env", Value: env}, fault.Flag{Name: "project", Value: o.Project},
		fault.Flag{Name: "only", Value: strings.Join(o.Only, ",")}, fault.Flag{Name: "all", On: o.All}, fault.Flag{Name: "kind", Value: string(o.Kind)})
}

// Release takes the tag off under the lock. The receipt comes first: of whatever lost the tag without one, the next deploy would think
// that others took it away, and put it back.
func Release(ctx context.Context, s *session.Session, to session.Server, owner ownership.Owner, list []live.Holding, o ReleaseOptions) (plan.Result, error) {
	h := holder(ctx, o.line(owner.Home), s.Commit(ctx).Short())
	lock, held, err := takeLock(ctx, s, to, owner, h, o.Wait)
	if err != nil {
		return plan.Result{}, err
	}
	defer unlock(ctx, s, lock)
	known, err := receipt.Recall(held, to.API, owner)
	if err != nil {
		return plan.Result{}, err
	}
	if err := recordTags(held, s, to, owner, apply.Releasing(list), known, h); err != nil {
		return plan.Result{}, &fault.Error{
			Code: fault.CodeOf(err), What: "nothing was released", Where: to.API.URL(), Err: err, Next: "run the same command again",
		}
	}
	result := apply.Release(held, to.API, owner, list)
	if len(result.Failed()) > 0 {
		after, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute) // also when it was cut off
		defer cancel()
		if err := recordTags(after, s, to, owner, result, known, h); err != nil {
			return result, err
		}
	}
	if cause := context.Cause(held); cause != nil && ctx.Err() == nil {
		return result, cause // the lock was lost
	}
	return result, ctx.Err()
}

// recordTags leaves the receipt of a command that changes nothing but tags.
func recordTags(ctx context.Context, s *session.Session, to session.Server, owner ownership.Owner, r plan.Result, known receipt.Known, h lock.Holder) error {
	receipt, err := receipt.RecordTags(ctx, to.API, owner, r, known, h)
	if err == nil {
		_, err = receipt.Redacted(s.Console.Redacted).Store(ctx, to.API)
	}
	if err != nil {
		return fmt.Errorf("the receipt could not be stored: %w", err)
	}
	return nil
}

// ReportReleased prints what became of the deployments.
func ReportReleased(s *session.Session, o ReleaseOptions, to session.Server, r plan.Result) error {
	if o.JSON {
		if err := s.Console.JSON(map[string]any{"deployments": append([]plan.Outcome{}, r.Outcomes...)}); err != nil {
			return err
		}
	}
	for _, x := range r.Outcomes {
		switch {
		case o.JSON:
		case x.Err != nil:
			s.Console.Printf("failed    %s  %s\n", x.Name, x.Failure)
		default:
			s.Console.Printf("released  %s  %s\n", x.Name, to.DeploymentLink(x.ID))
		}
	}
	return Verdict(plan.Plan{}, r, "")
}
