package verify

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/flowmage/flowmage/tasks/kind"
	"github.com/flowmage/flowmage/tasks/ladder"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/wait"
)

// Deployments checks that work pools, queues and workers are ready, that the server holds what the plan wants, and that scheduled
// deployments have runs to come. The plan must be fresh, or be what [plan.Plan.Applied] gives; types are the wanted types of work
// pools by name. The rungs stand on those of [Reach] if those are there.
func Deployments(v View, p plan.Plan, types map[string]string) ladder.Ladder {
	steps := ladder.Ladder{}
	queues := p.UsedQueues()
	for _, pool := range p.UsedPools() {
		rung := "work pool " + pool
		steps = append(steps, ladder.Step{Name: rung, Needs: []string{rungVersion}, Look: func(ctx context.Context) (ladder.Seen, error) {
			return v.pool(ctx, pool, types[pool])
		}})
		needs := []string{rung}
		if len(queues[pool]) > 0 {
			queue := "queues of " + pool
			steps = append(steps, ladder.Step{Name: queue, Needs: needs, Look: func(ctx context.Context) (ladder.Seen, error) { return v.queues(ctx, pool, queues[pool]) }})
		}
		steps = append(steps, ladder.Step{Name: workerOf(pool), Needs: needs, Look: func(ctx context.Context) (ladder.Seen, error) { return v.worker(ctx, pool, types[pool]) }})
	}
	const equal = "deployments equal the plan"
	steps = append(steps, ladder.Step{Name: equal, Needs: []string{rungVersion}, Look: func(context.Context) (ladder.Seen, error) { return equals(p) }})
	if ids := p.Scheduled(); len(ids) > 0 {
		steps = append(steps, ladder.Step{Name: "scheduled runs", Needs: []string{rungVersion}, Look: func(ctx context.Context) (ladder.Seen, error) {
			return v.upcoming(ctx, ids)
		}})
	}
	return steps
}

func workerOf(pool string) string { return "worker of " + pool }

// ForRuns names the rungs that runs of a work pool stand on; of no pool, those that any run stands on.
func ForRuns(pool string) []string {
	if pool == "" {
		return []string{rungVersion}
	}
	return []string{rungVersion, workerOf(pool)}
}

// equals tells what differs, by name.
func equals(p plan.Plan) (ladder.Seen, error) {
	var blocked, differ []string
	for _, a := range p.Actions {
		if a.Op == plan.Blocked {
			blocked = append(blocked, a.Name)
		} else if a.Op.Writes() {
			differ = append(differ, string(a.Op)+" "+a.Name)
		}
	}
	for _, pool := range p.Pools {
		if pool.Op.Writes() {
			differ = append(differ, string(pool.Op)+" work pool "+pool.Name)
		}
	}
	switch {
	case len(differ) > 0:
		return ladder.Wrong("the server differs from the repository: "+strings.Join(differ, ", "), p.Summary(),
			fmt.Sprintf("see what differs: mage deploy:plan -env=%s; bring it back: mage deploy:all -env=%s", p.Env, p.Env))
	case len(blocked) > 0:
		return ladder.Wrong("blocked by errors: "+strings.Join(blocked, ", "), p.Summary(), "mage verify:flows -env="+p.Env+" shows the errors and their fixes")
	default:
		return ladder.Seen{Detail: p.Summary()}, nil
	}
}

func (v View) pool(ctx context.Context, name, wanted string) (ladder.Seen, error) {
	pool, there, err := v.API.WorkPool(ctx, name)
	switch {
	case err != nil:
		return ladder.Seen{}, err
	case !there:
		return ladder.Wrong("there is no work pool "+name, "", "a deploy creates it: mage deploy:all -env="+v.Env)
	case wanted != "" && pool.Type != wanted:
		return ladder.Wrong(fmt.Sprintf("the work pool %s has the type %s, these deployments need %s", name, pool.Type, wanted), "",
			"name another pool under `pools` in envs/"+v.Env+".yaml, or delete this one")
	case pool.Paused:
		return ladder.Wrong("the work pool "+name+" is paused, so no run starts", "", "resume it in the UI, or: prefect work-pool resume "+name)
	case pool.ConcurrencyLimit != nil && *pool.ConcurrencyLimit == 0:
		return ladder.Wrong("the work pool "+name+" lets 0 runs work at a time", "", "prefect work-pool clear-concurrency-limit "+name)
	default:
		return ladder.Seen{Detail: "type " + pool.Type}, nil
	}
}

func (v View) queues(ctx context.Context, pool string, wanted []string) (ladder.Seen, error) {
	have, err := v.API.WorkQueues(ctx, pool)
	if err != nil {
		return ladder.Seen{}, err
	}
	for _, name := range wanted {
		i := slices.IndexFunc(have, func(q prefect.WorkQueue) bool { return q.Name == name })
		switch {
		case i < 0:
			return ladder.Wrong(fmt.Sprintf("the work pool %s has no queue %s", pool, name), "it was deleted after the deploy",
				fmt.Sprintf("prefect work-queue create %s --pool %s, then mage deploy:all -env=%s", name, pool, v.Env))
		case have[i].Paused:
			return ladder.Wrong(fmt.Sprintf("the queue %s of the work pool %s is paused, so no run starts", name, pool), "",
				fmt.Sprintf("resume it in the UI, or: prefect work-queue resume %s --pool %s", name, pool))
		case have[i].ConcurrencyLimit != nil && *have[i].ConcurrencyLimit == 0:
			return ladder.Wrong(fmt.Sprintf("the queue %s of the work pool %s lets 0 runs work at a time", name, pool), "",
				fmt.Sprintf("prefect work-queue clear-concurrency-limit %s --pool %s", name, pool))
		}
	}
	return ladder.Seen{Detail: strings.Join(wanted, ", ")}, nil
}

// late is after how many of its intervals without a heartbeat a worker deserves a word; Prefect itself gives up after three.
const late = 1.5

func (v View) worker(ctx context.Context, pool, poolType string) (ladder.Seen, error) {
	workers, err := v.API.Workers(ctx, pool)
	if err != nil {
		return ladder.Seen{}, err
	}
	start := fmt.Sprintf("mage env:worker -env=%s (in dev, mage env:up starts one)", v.Env)
	if poolType != "" && poolType != kind.ProcessPool {
		start = fmt.Sprintf("start one where its runs shall work: prefect worker start --pool %s --type %s", pool, poolType)
	}
	newest, at := liveliest(workers)
	age := v.API.Now().Sub(at).Round(time.Second)
	switch {
	case newest.Name == "":
		return ladder.Wrong("no worker has ever polled "+pool+", so runs stay scheduled", "", start)
	case newest.Status != "ONLINE":
		return ladder.Wrong("no worker of "+pool+" is online, so runs stay scheduled", fmt.Sprintf("the last one, %s, gave its last sign of life %s ago", newest.Name, age), start)
	case newest.Interval > 0 && age.Seconds() > late*newest.Interval:
		return ladder.Seen{
			Detail: newest.Name + " counts as online", Reservation: fmt.Sprintf("its last sign of life is %s old; it may be dead", age), Next: start,
		}, nil
	default:
		return ladder.Seen{Detail: newest.Name + " is online"}, nil
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

// patience is how long the scheduler is waited for: it looks at new deployments every five seconds.
const patience = 15 * time.Second

// upcoming waits a little for the runs of new deployments, and tells why others have none.
func (v View) upcoming(ctx context.Context, ids []string) (ladder.Seen, error) {
	var runs []prefect.FlowRun
	var missing, resting []string
	asked := false
	all, err := wait.Until(ctx, cmp.Or(v.Patience, patience), 500*time.Millisecond, func() (bool, error) {
		var err error
		if runs, err = v.API.ScheduledRuns(ctx, ids); err != nil {
			return false, err
		}
		if missing = without(ids, runs); len(missing) > 0 && !asked { // paused by hand: nothing to wait for
			var paused []string
			if paused, resting, err = v.paused(ctx, missing); err != nil {
				return false, err
			}
			isPaused := func(id string) bool { return slices.Contains(paused, id) }
			ids, missing, asked = slices.DeleteFunc(slices.Clone(ids), isPaused), slices.DeleteFunc(missing, isPaused), true
		}
		return len(missing) == 0, nil
	})
	switch {
	case err != nil:
		return ladder.Seen{}, err
	case !all:
		return v.unscheduled(ctx, len(missing), len(ids))
	default:
		return coming(runs, resting), nil
	}
}

// without gives the deployments that have none of the runs.
func without(ids []string, runs []prefect.FlowRun) []string {
	have := map[string]bool{}
	for _, r := range runs {
		have[r.DeploymentID] = true
	}
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return have[id] })
}

func coming(runs []prefect.FlowRun, resting []string) ladder.Seen {
	got := ladder.Seen{Detail: fmt.Sprintf("%d to come", len(runs))}
	if len(runs) > 0 && runs[0].ExpectedStart != nil {
		got.Detail += ", the next at " + runs[0].ExpectedStart.Local().Format(time.DateTime)
	}
	if len(resting) > 0 {
		got.Reservation = "paused on the server by hand, so without runs: " + strings.Join(resting, ", ")
		got.Next = "a deploy leaves a pause alone; resume it in the UI if it was not meant"
	}
	return got
}

// paused gives those of the deployments that somebody paused, themselves or all of their schedules: ids and names.
func (v View) paused(ctx context.Context, ids []string) (paused, names []string, err error) {
	for _, id := range ids {
		d, err := v.API.Deployment(ctx, id)
		if prefect.IsNotFound(err) {
			continue // told by another rung
		}
		if err != nil {
			return nil, nil, err
		}
		active := slices.ContainsFunc(d.Schedules, func(x prefect.Schedule) bool { return x.Active })
		switch {
		case d.Paused:
			names = append(names, d.Name)
		case !active && len(d.Schedules) > 0:
			names = append(names, d.Name+" (its schedule)")
		default:
			continue
		}
		paused = append(paused, id)
	}
	return paused, names, nil
}

// unscheduled tells why active schedules lead to no runs.
func (v View) unscheduled(ctx context.Context, missing, all int) (ladder.Seen, error) {
	what := fmt.Sprintf("%d of %d scheduled deployments have no run to come", missing, all)
	if settings, err := v.API.ServerSettings(ctx); err == nil && settings.Off("scheduler") {
		return ladder.Wrong(what, "the server's scheduler is switched off", "start the server with PREFECT_SERVER_SERVICES_SCHEDULER_ENABLED=true")
	}
	return ladder.Wrong(what, "deployments and schedules are active, so the server's scheduler does not run, or the schedules have ended",
		"look at the schedule's end in the UI; a server started with --no-services needs `prefect server services start` beside it")
}
