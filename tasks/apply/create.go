package apply

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/prefect"
)

// How a creation looks whether the name is still free. The request that creates is taken by the server for a change of a deployment that is
// there, whoever made it, so the look is no older than a moment. One look serves the next creations too: asking for each would cost a first deploy
// as many requests again.
const (
	lookAhead = 20
	lookFresh = time.Second
)

// looks are what creations have seen on the server right before they write.
type looks struct {
	mu    sync.Mutex
	order []plan.Key // of what is to be created
	at    map[plan.Key]time.Time
	found map[plan.Key]prefect.Deployment // its flow by id
	taken map[plan.Key]bool               // by a creation of this plan
}

func newLooks(p plan.Plan) *looks {
	l := &looks{at: map[plan.Key]time.Time{}, found: map[plan.Key]prefect.Deployment{}, taken: map[plan.Key]bool{}}
	for _, a := range p.Actions {
		if a.Op == plan.Create {
			l.order = append(l.order, plan.Key{Flow: a.Flow, Name: a.Name})
		}
	}
	return l
}

// look gives the deployment that has come to be under that name, if there is one.
func (l *looks) look(ctx context.Context, api *prefect.Client, a plan.Action, flowID string) (prefect.Deployment, bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	key := plan.Key{Flow: a.Flow, Name: a.Name}
	if l.taken[key] {
		return prefect.Deployment{}, false, errTwice
	}
	l.taken[key] = true
	if at, looked := l.at[key]; !looked || time.Since(at) > lookFresh {
		if err := l.ask(ctx, api, key); err != nil {
			return prefect.Deployment{}, false, err
		}
	}
	d, there := l.found[plan.Key{Flow: flowID, Name: a.Name}]
	return d, there, nil
}

// ask looks for a name and for those whose turn is next.
func (l *looks) ask(ctx context.Context, api *prefect.Client, key plan.Key) error {
	from := max(slices.Index(l.order, key), 0)
	next := l.order[from:min(from+lookAhead, len(l.order))]
	var filter prefect.DeploymentFilter
	for _, k := range next {
		filter.Names, filter.Flows = append(filter.Names, k.Name), append(filter.Flows, k.Flow)
	}
	filter.Names, filter.Flows = slices.Compact(slices.Sorted(slices.Values(filter.Names))), slices.Compact(slices.Sorted(slices.Values(filter.Flows)))
	began := time.Now()
	list, err := api.Deployments(ctx, filter)
	if err != nil {
		return fmt.Errorf("looking whether the name is still free: %w", err)
	}
	maps.DeleteFunc(l.found, func(k plan.Key, _ prefect.Deployment) bool { return slices.Contains(filter.Names, k.Name) })
	for _, k := range next {
		l.at[k] = began
	}
	for _, d := range list {
		l.found[plan.Key{Flow: d.FlowID, Name: d.Name}] = d
	}
	return nil
}

// make creates a deployment, and nothing when somebody else has made one of its name since the plan: of that one it gives nothing but the
// error, so that no receipt takes it for ours.
func (x *execution) make(ctx context.Context, a plan.Action, body map[string]any) (prefect.Deployment, error) {
	flow, _ := body["flow_id"].(string)
	d, there, err := x.looked.look(ctx, x.api, a, flow)
	switch {
	case err != nil:
		return d, err
	case there:
		return prefect.Deployment{}, x.appeared(a, d)
	}
	d, err = x.api.MakeDeployment(ctx, a.Flow, body)
	switch {
	case errors.Is(err, prefect.ErrThere) && sent(a, d):
		return d, nil
	case errors.Is(err, prefect.ErrThere):
		return prefect.Deployment{}, x.appeared(a, d)
	case errors.Is(err, prefect.ErrOverwritten):
		return prefect.Deployment{}, errors.Join(x.overwrote(a, d), x.disown(ctx, d))
	}
	return d, err
}

// sent tells whether a stored deployment is what an attempt of this command has created, tags and all.
func sent(a plan.Action, d prefect.Deployment) bool {
	a.Have = &d
	changes, err := a.CompareStored()
	return err == nil && len(changes) == 0
}

// errTwice says that the second creation would overwrite what the first has made.
var errTwice = errors.New("the plan creates it twice; give one of them another name")

// errAppeared says that somebody else was faster.
var errAppeared = errors.New("it has appeared on the server since the plan was made")

func (x *execution) appeared(a plan.Action, d prefect.Deployment) error {
	if x.plan.Owner.Owns(d.Tags) {
		return fmt.Errorf("%w, with our tag, and is left as it is; run the same command again", errAppeared)
	}
	if others := x.plan.Owner.Others(d.Tags); len(others) > 0 {
		return fmt.Errorf("%w: %s. It is left as it is (id %s); %s", errAppeared, x.plan.Owner.ClaimedBy(a.Flow+"/"+d.Name, d.Tags, others), d.ID, others[0].GiveBack(a.Flow+"/"+d.Name))
	}
	return fmt.Errorf("%w and is not ours: it lacks the tag %s. It is left as it is (%s/%s, id %s); take it over: %s",
		errAppeared, x.plan.Owner.Tag(), a.Flow, d.Name, d.ID, x.plan.Adopting())
}

// overwrote tells what was lost. Nobody has seen what the other one held: it was not there yet a moment before.
func (x *execution) overwrote(a plan.Action, d prefect.Deployment) error {
	return fmt.Errorf("somebody else made %s/%s (id %s) at %s, after this command had looked and found nothing, and the server has put our values over theirs: "+
		"%v, the parameters and the schedules are ours now. It does not count as ours: whoever made it makes it again, or take it over: %s",
		a.Flow, d.Name, d.ID, d.Created.Format(time.RFC3339), slices.Sorted(maps.Keys(a.Fields)), x.plan.Adopting())
}

// disown takes our tag off what somebody else has made, so that no later command changes or deletes it.
func (x *execution) disown(ctx context.Context, d prefect.Deployment) error {
	fields := map[string]any{plan.FieldTags: x.plan.Owner.Without(d.Tags)}
	if err := x.api.UpdateDeployment(context.WithoutCancel(ctx), d.ID, fields); err != nil {
		return fmt.Errorf("our tag could not be taken off it again: remove %s there in the UI, or what follows counts it as ours: %w", x.plan.Owner.Tag(), err)
	}
	return nil
}
