package deploying

import (
	"context"
	"errors"
	"slices"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/session"
)

// reportCleaned prints what became of each deployment and work pool.
func reportCleaned(s *session.Session, asJSON bool, r plan.Result) error {
	if asJSON {
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

// cleanOnlyImages is deploy:clean -images where no deployment is left.
func cleanOnlyImages(ctx context.Context, s *session.Session, o CleanOptions, project string) error {
	if !o.Images {
		return nil
	}
	if err := s.Console.ConfirmUnless(ctx, o.Yes, "Remove the images of "+project+" from this machine?"); err != nil {
		return err
	}
	return cleanImages(ctx, s, o, project)
}

// cleanImages removes the project's images from this machine. Those that a container is made from stay, and are named.
func cleanImages(ctx context.Context, s *session.Session, o CleanOptions, project string) error {
	docker, err := s.Docker(ctx)
	if err != nil {
		return err
	}
	list, err := docker.List(ctx, project)
	if err != nil {
		return err
	}
	var failed error
	for _, i := range list { // the newest first: what starts from another goes before it
		for _, name := range append(slices.Clone(i.References), i.ID) {
			err := docker.Remove(ctx, name)
			if err != nil {
				failed = errors.Join(failed, err)
				break
			}
			switch {
			case name == i.ID:
			case o.JSON: // the result has no place for images
				s.Console.Say("removed   %s", name)
			default:
				s.Console.Printf("removed   %s\n", name)
			}
		}
	}
	if failed == nil {
		return nil
	}
	return &fault.Error{
		Code: fault.Partial, What: "some images could not be removed", Err: failed,
		Next: "where a container is made from one, wait for its run to end, or docker rm it; then run the same command again",
	}
}
