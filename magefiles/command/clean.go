package command

import (
	"context"
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
}

// Clean lists our deployments of the environment, asks, and deletes them. What lacks our tag stays.
func Clean(ctx context.Context, s *Session, o CleanOptions) error {
	env, findings, err := s.settings(ctx, o.Env)
	if err != nil {
		return err
	}
	if findings.HasErrors() {
		s.Console.Findings(findings)
		return &fault.Error{Code: fault.Findings, What: "the settings have errors", Why: "nothing was deleted", Next: "correct what is listed above"}
	}
	to, err := s.connect(ctx, env, nil, false)
	if err != nil {
		return err
	}
	owner := deploy.Owner{Project: env.Project, Env: env.Name}
	owned, err := deploy.Owned(ctx, to.api, owner)
	if err != nil {
		return err
	}
	if len(owned) == 0 {
		s.Console.Say("nothing to clean: no deployment carries the tag %s", owner.Tag())
		return s.cleaned(o, deploy.Result{})
	}
	for _, d := range owned {
		s.Console.Say("- delete %s (flow %s)", d.Name, d.Flow)
	}
	if err := s.unprotected(env, owned); err != nil {
		return err
	}
	if !o.Yes {
		question := fmt.Sprintf("Delete %s of %s on %s?", console.Count(len(owned), "deployment"), owner.Tag(), to.api.URL())
		agreed, err := s.Console.Confirm(ctx, question)
		if err != nil {
			return err
		}
		if !agreed {
			return &fault.Error{Code: fault.Refused, What: "not confirmed", Why: "nothing was deleted"}
		}
	}
	return s.cleaned(o, deploy.Clean(ctx, to.api, owned))
}

// unprotected refuses when any of the deployments is protected by the settings.
func (s *Session) unprotected(env config.Env, owned []deploy.Outcome) error {
	scanned, err := s.scan(env)
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
	}
	if failed := r.Failed(); len(failed) > 0 {
		return &fault.Error{
			Code: fault.Partial, What: console.Count(len(failed), "deployment") + " could not be deleted",
			Where: failed[0].Name, Err: failed[0].Err, Next: "run the same command again",
		}
	}
	return nil
}
