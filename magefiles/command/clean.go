package command

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/deploy"
	"github.com/flowmage/flowmage/tasks/fault"
)

// CleanOptions are the choices of deploy:clean.
type CleanOptions struct {
	Env  string
	Yes  bool // don't ask
	JSON bool
	// Images removes the project's images from this machine too. Other environments build theirs anew when they need them.
	Images bool
	// Preview says that these are of a preview: what is protected is the environment's own.
	Preview bool
}

// Clean lists our deployments of the environment, asks, and deletes them. What lacks our tag stays.
func Clean(ctx context.Context, s *Session, o CleanOptions) error {
	env, to, owner, err := s.open(ctx, o.Env)
	if err != nil {
		return err
	}
	owned, err := deploy.Owned(ctx, to.api, owner)
	if err != nil {
		return err
	}
	pools, err := deploy.KeptPools(ctx, to.api, owner)
	if err != nil {
		return err
	}
	if len(owned)+len(pools) == 0 {
		s.Console.Say("nothing to clean: no deployment carries the tag %s", owner.Tag())
		if err := s.cleanOnlyImages(ctx, o, owner.Project); err != nil {
			return err
		}
		return s.cleaned(o, deploy.Result{})
	}
	for _, d := range owned {
		s.Console.Say("- delete %s (flow %s)", d.Name, d.Flow)
	}
	for _, p := range pools {
		s.Console.Say("- delete work pool %s, when nothing uses it then", p.Name)
	}
	if !o.Preview {
		if err := s.unprotected(ctx, env, owned); err != nil {
			return err
		}
	}
	question := fmt.Sprintf("Delete %s of %s on %s, with the receipts?", counted(len(owned), len(pools)), owner.Tag(), to.api.URL())
	if o.Images {
		question = strings.TrimSuffix(question, "?") + ", and the images of " + owner.Project + " on this machine?"
	}
	if err := s.agreed(ctx, o.Yes, question); err != nil {
		return err
	}
	result, err := s.clean(ctx, to, owner, owned, pools)
	if err != nil {
		return err
	}
	if err := s.cleaned(o, result); err != nil || !o.Images {
		return err
	}
	return s.cleanImages(ctx, o, owner.Project)
}

// clean deletes the deployments, then the work pools that nothing uses any more, then the receipts, then the lock itself.
func (s *Session) clean(ctx context.Context, to server, owner deploy.Owner, owned, pools []deploy.Outcome) (deploy.Result, error) {
	lock, held, err := s.lock(ctx, to, owner, s.holder(ctx, "mage deploy:clean -env="+owner.Env, ""), 0)
	if err != nil {
		return deploy.Result{}, err
	}
	if err := deploy.Understood(held, to.api, owner); err != nil {
		s.unlock(ctx, lock)
		return deploy.Result{}, err
	}
	result := deploy.Clean(held, to.api, owned)
	result.Pools = deploy.CleanPools(held, to.api, pools)
	if len(result.Failed()) == 0 {
		err = deploy.Forget(held, to.api, owner)
	}
	s.unlock(ctx, lock)
	return result, errors.Join(err, lock.Remove(ctx))
}

// unprotected refuses when any of the deployments is protected by the settings.
func (s *Session) unprotected(ctx context.Context, env config.Env, owned []deploy.Outcome) error {
	env, scanned, err := s.scan(ctx, env)
	if err != nil {
		return err
	}
	d := draft{env: env, flows: scanned.Flows}
	var kept []string
	for _, o := range owned {
		if env.Settings(d.names(o.Flow)...).Protect {
			kept = append(kept, o.Name)
		}
	}
	if len(kept) == 0 && env.Protect {
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

func (s *Session) cleaned(o CleanOptions, r deploy.Result) error {
	if o.JSON {
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
		s.reportPools(r.Pools)
	}
	if failed := r.Failed(); len(failed) > 0 {
		return &fault.Error{
			Code: fault.Partial, What: console.Count(len(failed), "deployment") + " could not be deleted",
			Where: failed[0].Name, Err: failed[0].Err, Next: "run the same command again",
		}
	}
	return nil
}
