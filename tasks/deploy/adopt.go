package deploy

import (
	"context"
	"fmt"
	"slices"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/manifest"
	"github.com/flowmage/flowmage/tasks/prefect"
)

// Adoptable gives the deployments that block ours because they are nobody's.
func (p Plan) Adoptable() []Action {
	return slices.DeleteFunc(slices.Clone(p.Actions), func(a Action) bool { return a.foreign == nil })
}

// Refused gives the deployments that block ours and can't be adopted: they belong to somebody, or a program serves them.
func (p Plan) Refused() []Action {
	return slices.DeleteFunc(slices.Clone(p.Actions), func(a Action) bool { return !a.claimed })
}

// Foreign gives the deployment on the server that blocks this one because it is nobody's; nil when none does.
func (a Action) Foreign() *prefect.Deployment { return a.foreign }

// Among gives the plan of those deployments alone, without work pools.
func (p Plan) Among(list []Action) Plan {
	p.Pools = nil
	p.Actions = slices.DeleteFunc(slices.Clone(p.Actions), func(a Action) bool {
		return !slices.ContainsFunc(list, func(x Action) bool { return x.Flow == a.Flow && x.Name == a.Name })
	})
	return p
}

// OfKind gives the plan of those deployments alone whose work pool is for that kind.
func (p Plan) OfKind(kind string, live Live) Plan {
	p.Actions = slices.DeleteFunc(slices.Clone(p.Actions), func(a Action) bool {
		pool, known := live.pools[a.Pool()]
		return !known || kindOf(pool) != kind
	})
	return p
}

// DescribeSchedule gives a schedule in a few words, and whether it is paused.
func DescribeSchedule(s prefect.Schedule) string {
	return describe(liveSchedule(manifest.Schedule{}, s), &s.Active)
}

// AsAdopted gives the state as it is once the plan's adoptable deployments are ours, so that a plan tells what a deploy would do then.
func (l Live) AsAdopted(p Plan) Live {
	ids := map[string]bool{}
	for _, a := range p.Adoptable() {
		ids[a.ID] = true
	}
	l.Deployments = slices.Clone(l.Deployments)
	for i, d := range l.Deployments {
		if ids[d.ID] {
			l.Deployments[i].Tags = append(slices.Clone(d.Tags), p.owner.Tag())
		}
	}
	return l
}

// Adopt makes the given deployments ours by adding our tag; nothing else of them changes. Each is read again right before: one that somebody
// else has claimed meanwhile is refused.
func Adopt(ctx context.Context, api *prefect.Client, owner Owner, list []Action) Result {
	r := Result{Outcomes: outcomesOf(Adopted, list)}
	perform(ctx, r.Outcomes, func(i int) error { return list[i].adopt(ctx, api, owner) })
	return r
}

// adopt reads the deployment, adds our tag, and reads it back.
func (a Action) adopt(ctx context.Context, api *prefect.Client, owner Owner) error {
	before, err := api.Deployment(ctx, a.ID)
	switch others := owner.others(before.Tags); {
	case prefect.IsNotFound(err):
		return &fault.Error{Code: fault.Server, What: "the deployment is gone", Why: "somebody deleted it meanwhile", Next: "run the same command again"}
	case err != nil:
		return err
	case len(others) > 0:
		return &fault.Error{Code: fault.Refused, What: owner.claimedBy(a.Flow+"/"+a.Name, before.Tags, others), Next: others[0].way(a.Flow + "/" + a.Name)}
	case owner.Owns(before.Tags):
		return nil
	}
	wanted := before
	wanted.Tags = append(slices.Clone(before.Tags), owner.Tag())
	if err := api.UpdateDeployment(ctx, a.ID, map[string]any{FieldTags: wanted.Tags}); err != nil {
		return err
	}
	after, err := api.Deployment(ctx, a.ID)
	if err != nil {
		return err
	}
	return same(wanted, after)
}

// same compares what was read back with what should be there, to the last field.
func same(wanted, after prefect.Deployment) error {
	want, err := stateOf(wanted)
	if err != nil {
		return err
	}
	have, err := stateOf(after)
	if err != nil || want.Hash() == have.Hash() {
		return err
	}
	field := "schedules"
	if _, changes := compare(want.Fields, have.Fields); len(changes) > 0 {
		field = changes[0].Field
	}
	return fmt.Errorf("%w: %s is another one now", ErrDiffers, field)
}
