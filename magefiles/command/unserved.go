package command

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/flowmage/flowmage/tasks/local"
	"github.com/flowmage/flowmage/tasks/prefect"
)

// pollGap is longer than runners wait between two questions for runs: 10 s unless set, and a third more at most.
const pollGap = 30 * time.Second

// removeUnserved deletes this environment's served deployments that neither a flow nor a setting asks for any more. Somebody else may serve
// from another checkout: what is asked for runs stays. before is what this process has served until now.
func (v *serving) removeUnserved(ctx context.Context, d draft, before []local.Served) {
	list, err := v.unserved(ctx, d)
	var asked []prefect.Deployment
	for _, x := range list {
		mine := slices.ContainsFunc(before, func(s local.Served) bool { return s.Name == x.Name })
		if !mine && x.LastPolled != nil && time.Since(*x.LastPolled) < pollGap+time.Minute { // clocks differ
			asked = append(asked, x)
			continue
		}
		if err == nil {
			err = v.remove(ctx, x)
		}
	}
	if err == nil && len(asked) > 0 && sleep(ctx, pollGap) {
		err = v.removeSilent(ctx, asked)
	}
	if err != nil && ctx.Err() == nil {
		v.s.Console.Warn("served deployments of flows that are gone stay until the next time: %v", err)
	}
}

// unserved gives the owner's served deployments that nothing asks for. Flows in files that can't be read may still be there, and a
// protected flow's deployments stay.
func (v *serving) unserved(ctx context.Context, d draft) ([]prefect.Deployment, error) {
	there, err := v.to.api.Deployments(ctx, prefect.DeploymentFilter{Tags: []string{d.owner().ServeTag()}})
	if err != nil {
		return nil, err
	}
	wanted := map[string]bool{}
	for _, f := range d.flows {
		if d.env.Settings(f.Names()...).Enabled {
			wanted[servedName(d.env, f.Slug())] = true
		}
	}
	return slices.DeleteFunc(there, func(x prefect.Deployment) bool {
		entrypoint := ""
		if x.Entrypoint != nil {
			entrypoint = *x.Entrypoint
		}
		file, _, _ := strings.Cut(entrypoint, ":")
		unknown := slices.ContainsFunc(d.unreadable, func(u string) bool { return file == u || strings.HasPrefix(file, u+"/") })
		named := strings.HasPrefix(x.Name, d.env.Prefix) && strings.HasSuffix(x.Name, servedSuffix(d.env))
		slug := strings.TrimSuffix(strings.TrimPrefix(x.Name, d.env.Prefix), servedSuffix(d.env))
		return wanted[x.Name] || unknown || !named || x.WorkPoolName != nil || d.env.Settings(slug).Protect
	}), nil
}

// removeSilent deletes those that nobody has asked runs for since they were read.
func (v *serving) removeSilent(ctx context.Context, list []prefect.Deployment) error {
	for _, x := range list {
		now, err := v.to.api.Deployment(ctx, x.ID)
		switch {
		case prefect.IsNotFound(err):
			continue
		case err != nil:
			return err
		case now.LastPolled != nil && now.LastPolled.After(*x.LastPolled):
			v.s.Console.Say("%s stays: nothing here asks for it, but somebody serves it", x.Name)
			continue
		}
		if err := v.remove(ctx, x); err != nil {
			return err
		}
	}
	return nil
}

func (v *serving) remove(ctx context.Context, x prefect.Deployment) error {
	if err := v.to.api.DeleteDeployment(ctx, x.ID); err != nil && !prefect.IsNotFound(err) {
		return err
	}
	v.s.Console.Printf("%-9s %s: no flow or setting asks for it any more\n", "removed", x.Name)
	return nil
}
