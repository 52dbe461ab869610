package serve

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/apply"
	"github.com/flowmage/flowmage/tasks/draft"
	"github.com/flowmage/flowmage/tasks/live"
	"github.com/flowmage/flowmage/tasks/local"
	"github.com/flowmage/flowmage/tasks/plan"
)

// removeUnwanted deletes this environment's served deployments that neither a flow nor a setting asks for any more. Somebody else may serve
// from another checkout: what is asked for runs stays. before is what this process has served until now.
func (v *Serving) removeUnwanted(ctx context.Context, d draft.Rendered, before []local.Served) {
	list, err := v.unwanted(ctx, d)
	var mine, others []plan.Action
	for _, x := range list {
		if slices.ContainsFunc(before, func(s local.Served) bool { return s.Name == x.Name }) {
			mine = append(mine, x)
			continue
		}
		others = append(others, x)
	}
	if err == nil {
		err = v.remove(ctx, mine)
	}
	if err == nil {
		others, err = live.Watch{
			API: v.to.API, Owner: d.Owner(), Gap: live.PollGap, Begin: func() {},
			Stays: func(x plan.Action) {
				v.s.Console.Say("%s stays: nothing here asks for it, but somebody serves it", x.Name)
			},
		}.Silent(ctx, others)
	}
	if err == nil {
		err = v.remove(ctx, others)
	}
	if err != nil && ctx.Err() == nil {
		v.s.Console.Warn("served deployments of flows that are gone stay until the next time: %v", err)
	}
}

// unwanted gives the owner's served deployments that nothing asks for. Flows in files that can't be read may still be there, and a
// protected flow's deployments stay.
func (v *Serving) unwanted(ctx context.Context, d draft.Rendered) ([]plan.Action, error) {
	there, err := live.Served(ctx, v.to.API, d.Owner())
	if err != nil {
		return nil, err
	}
	wanted := map[string]bool{}
	for _, f := range d.Flows {
		if d.Env.Settings(f.Names()...).Enabled {
			wanted[draft.ServedName(d.Env, f.Slug())] = true
		}
	}
	return slices.DeleteFunc(there, func(x plan.Action) bool {
		file, _, _ := strings.Cut(x.Entrypoint, ":")
		unknown := slices.ContainsFunc(d.Unreadable, func(u string) bool { return file == u || strings.HasPrefix(file, u+"/") })
		named := strings.HasPrefix(x.Name, d.Env.Prefix) && strings.HasSuffix(x.Name, draft.ServedSuffix(d.Env))
		slug := strings.TrimSuffix(strings.TrimPrefix(x.Name, d.Env.Prefix), draft.ServedSuffix(d.Env))
		return wanted[x.Name] || unknown || !named || d.Env.Settings(slug).Protected()
	}), nil
}

// remove deletes what nothing asks for, and names what is gone.
func (v *Serving) remove(ctx context.Context, list []plan.Action) error {
	var failed error
	for _, o := range apply.Remove(ctx, v.to.API, list) {
		if o.Err != nil {
			failed = errors.Join(failed, o.Err)
			continue
		}
		v.s.Console.Printf("%-9s %s: no flow or setting asks for it any more\n", "removed", o.Name)
	}
	return failed
}
