package verify

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/prefect"
)

// Deployments checks that work pools, queues and workers are ready, that the server holds what the plan wants, and that scheduled
// deployments have runs to come. The plan must be fresh, or be what [plan.Plan.Applied] gives; types are the wanted types of work
// pools by name. The rungs stand on those of [Reach] if those are there.
func Deployments(s Server, p plan.Plan, types map[string]string) Ladder {
	ladder := Ladder{}
	queues := p.UsedQueues()
	for _, pool := range p.UsedPools() {
		rung := "work pool " + pool
		ladder = append(ladder, step{rung, []string{rungVersion}, func(ctx context.Context) (seen, error) {
			return s.pool(ctx, pool, types[pool])
		}})
		needs := []string{rung}
		if len(queues[pool]) > 0 {
			queue := "queues of " + pool
			ladder = append(ladder, step{queue, needs, func(ctx context.Context) (seen, error) { return s.queues(ctx, pool, queues[pool]) }})
		}
		ladder = append(ladder, step{"worker of " + pool, needs, func(ctx context.Context) (seen, error) { return s.worker(ctx, pool, types[pool]) }})
	}
	const equal = "deployments equal the plan"
	ladder = append(ladder, step{equal, []string{rungVersion}, func(context.Context) (seen, error) { return equals(p) }})
	if ids := p.Scheduled(); len(ids) > 0 {
		ladder = append(ladder, step{"scheduled runs", []string{rungVersion}, func(ctx context.Context) (seen, error) {
			return s.upcoming(ctx, ids)
		}})
	}
	return ladder
}

// equals tells what differs, by name.
func equals(p plan.Plan) (seen, error) {
	var blocked, differ []string
	for _, a := range p.Actions {
		switch a.Op {
		case plan.Blocked:
			blocked = append(blocked, a.Name)
		case plan.Create, plan.Update, plan.Delete:
			differ = append(differ, string(a.Op)+" "+a.Name)
		case plan.Unchanged, plan.Leftover, plan.Adopted, plan.Released:
		}
	}
	for _, pool := range p.Pools {
		switch pool.Op {
		case plan.Create, plan.Update, plan.Delete:
			differ = append(differ, string(pool.Op)+" work pool "+pool.Name)
		case plan.Blocked, plan.Unchanged, plan.Leftover, plan.Adopted, plan.Released:
		}
	}
	switch {
	case len(differ) > 0:
		return wrong("the server differs from the repository: "+strings.Join(differ, ", "), p.Summary(),
			fmt.Sprintf("see what differs: mage deploy:plan -env=%s; bring it back: mage deploy:all -env=%s", p.Env, p.Env))
	case len(blocked) > 0:
		return wrong("blocked by errors: "+strings.Join(blocked, ", "), p.Summary(), "mage verify:flows -env="+p.Env+" shows the errors and their fixes")
	default:
		return seen{detail: p.Summary()}, nil
	}
}

func (s Server) pool(ctx context.Context, name, wanted string) (seen, error) {
	pool, there, err := s.API.WorkPool(ctx, name)
	switch {
	case err != nil:
		return seen{}, err
	case !there:
		return wrong("there is no work pool "+name, "", "a deploy creates it: mage deploy:all -env="+s.Env)
	case wanted != "" && pool.Type != wanted:
		return wrong(fmt.Sprintf("the work pool %s has the type %s, these deployments need %s", name, pool.Type, wanted), "",
			"name another pool under `pools` in envs/"+s.Env+".yaml, or delete this one")
	case pool.Paused:
		return wrong("the work pool "+name+" is paused, so no run starts", "", "resume it in the UI, or: prefect work-pool resume "+name)
	case pool.ConcurrencyLimit != nil && *pool.ConcurrencyLimit == 0:
		return wrong("the work pool "+name+" lets 0 runs work at a time", "", "prefect work-pool clear-concurrency-limit "+name)
	default:
		return seen{detail: "type " + pool.Type}, nil
	}
}

func (s Server) queues(ctx context.Context, pool string, wanted []string) (seen, error) {
	have, err := s.API.WorkQueues(ctx, pool)
	if err != nil {
		return seen{}, err
	}
	for _, name := range wanted {
		i := slices.IndexFunc(have, func(q prefect.WorkQueue) bool { return q.Name == name })
		switch {
		case i < 0:
			return wrong(fmt.Sprintf("the work pool %s has no queue %s", pool, name), "it was deleted after the deploy",
				fmt.Sprintf("prefect work-queue create %s --pool %s, then mage deploy:all -env=%s", name, pool, s.Env))
		case have[i].Paused:
			return wrong(fmt.Sprintf("the queue %s of the work pool %s is paused, so no run starts", name, pool), "",
				fmt.Sprintf("resume it in the UI, or: prefect work-queue resume %s --pool %s", name, pool))
		case have[i].ConcurrencyLimit != nil && *have[i].ConcurrencyLimit == 0:
			return wrong(fmt.Sprintf("the queue %s of the work pool %s lets 0 runs work at a time", name, pool), "",
				fmt.Sprintf("prefect work-queue clear-concurrency-limit %s --pool %s", name, pool))
		}
	}
	return seen{detail: strings.Join(wanted, ", ")}, nil
}

// late is after how many of its intervals without a heartbeat a worker deserves a word; Prefect itself gives up after three.
const late = 1.5

func (s Server) worker(ctx context.Context, pool, kind string) (seen, error) {
	workers, err := s.API.Workers(ctx, pool)
	if err != nil {
		return seen{}, err
	}
	start := fmt.Sprintf("mage env:worker -env=%s (in dev, mage env:up starts one)", s.Env)
	if kind != "" && kind != "process" {
		start = fmt.Sprintf("start one where its runs shall work: prefect worker start --pool %s --type %s", pool, kind)
	}
	newest, at := liveliest(workers)
	age := clock(s.API).Sub(at).Round(time.Second)
	switch {
	case newest.Name == "":
		return wrong("no worker has ever polled "+pool+", so runs stay scheduled", "", start)
	case newest.Status != "ONLINE":
		return wrong("no worker of "+pool+" is online, so runs stay scheduled", fmt.Sprintf("the last one, %s, gave its last sign of life %s ago", newest.Name, age), start)
	case newest.Interval > 0 && age.Seconds() > late*newest.Interval:
		return seen{
			detail: newest.Name + " counts as online", reservation: fmt.Sprintf("its last sign of life is %s old; it may be dead", age), next: start,
		}, nil
	default:
		return seen{detail: newest.Name + " is online"}, nil
	}
}

// liveliest gives the worker with the best claim to be alive, and its last sign of life; the zero value when there is none.
func liveliest(workers []prefect.Worker) (best prefect.Worker, at time.Time) {
	for _, w := range workers {
		online := w.Status == "ONLINE"
		if w.LastHeartbeat == nil || best.Name != "" && !online && best.Status == "ONLINE" {
			continue
		}
		if best.Name == "" || online && best.Status != "ONLINE" || w.LastHeartbeat.After(at) {
			best, at = w, *w.LastHeartbeat
		}
	}
	return best, at
}
