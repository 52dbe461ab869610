package deploying

import (
	"context"
	"errors"
	"slices"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/session"
)

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
