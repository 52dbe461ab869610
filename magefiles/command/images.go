package command

import (
	"context"

	"github.com/flowmage/flowmage/tasks/build"
	"github.com/flowmage/flowmage/tasks/draft"
	"github.com/flowmage/flowmage/tasks/inventory"
	"github.com/flowmage/flowmage/tasks/ladder"
	"github.com/flowmage/flowmage/tasks/session"
	"github.com/flowmage/flowmage/tasks/verify"
)

// Images lists the project's images on this machine.
func Images(ctx context.Context, s *session.Session, o EnvOptions) error {
	d, err := draft.From(ctx, s, draft.Options{Env: o.Env, Images: true, Unnamed: true})
	if err != nil {
		return err
	}
	docker, err := s.Docker(ctx)
	if err != nil {
		return err
	}
	list, err := inventory.Images(ctx, docker, d)
	if err != nil {
		return err
	}
	if o.JSON {
		return s.Console.JSON(map[string]any{"project": d.Env.Project, "images": list})
	}
	return inventory.ShowImages(s, list, d.Env.Project)
}

// VerifyImages looks into each image that the environment's flows are deployed from: is it there, and would its flow run.
func VerifyImages(ctx context.Context, s *session.Session, o VerifyOptions) error {
	if err := s.RequireTrust(); err != nil {
		return err
	}
	return reported(s, o, func(v *reporting) error { return v.images(ctx, o) })
}

func (v *reporting) images(ctx context.Context, o VerifyOptions) error {
	s := v.s
	d, err := draft.From(ctx, s, draft.Options{Env: o.Env, Only: o.Only, Images: true, Unnamed: true})
	if err != nil {
		return err
	}
	if len(d.Blocked) > 0 {
		v.judged(ctx, d, v.report.Since)
		return d.BlockedFault("their images can't be looked into")
	}
	v.about(d.Env)
	if len(d.Images) == 0 {
		s.Console.Say("%s deploys no flow as a container", d.Env.Name)
		return v.climbed(ladder.Rungs{})
	}
	docker, err := s.Docker(ctx)
	if err != nil {
		return err
	}
	if err := build.Folders(d.Pinned); err != nil {
		return err
	}
	return v.climbed(verify.Images(ctx, s, docker, d))
}
