// Package live reads what a Prefect server holds into a [plan.Live], and changes nothing there.
//
// Start with [Begin] and [Reading.Finish], or [Read], which is both. [Refresh] reads again, under the lock, what a plan would change; [Precheck] blocks
// what the server would refuse. [Cleaning] and [Rollback] make plans that follow from what is there alone.
package live

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/http/httptrace"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/flowmage/flowmage/tasks/ownership"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/pool"
	"github.com/flowmage/flowmage/tasks/prefect"
)

// Reading is a read of the live state that is under way. [Begin] starts it when only owner and pools are known, so that the
// server works while flows are still being read here; [Reading.Finish] adds what the wanted deployments need beyond that.
type Reading struct {
	api    *prefect.Client
	owner  ownership.Owner
	cancel context.CancelFunc
	done   chan struct{}
	err    error
	live   plan.Live
	owned  []prefect.Flow
	pools  []prefect.WorkPool // all of them: which are ours and left over is seen from there
	queues map[string][]prefect.WorkQueue
	asked  []string // pools whose queues are wanted

	sent     chan struct{} // closed when the first requests are written
	answered atomic.Bool   // the server has told its version
}

// Begin asks the server, in the background, for its version, the owner's deployments with their flows, the work pools, and the queues of
// those whose names are given. Whoever does not go on to [Reading.Finish] calls [Reading.Stop].
func Begin(ctx context.Context, api *prefect.Client, owner ownership.Owner, queuesOf []string) *Reading {
	ctx, cancel := context.WithCancel(ctx)
	r := &Reading{api: api, owner: owner, cancel: cancel, done: make(chan struct{}), asked: distinct(queuesOf), sent: make(chan struct{})}
	r.live.Began = time.Now()
	first := int64(firstReads + len(r.asked))
	var written atomic.Int64
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteRequest: func(httptrace.WroteRequestInfo) {
		if written.Add(1) == first {
			close(r.sent)
		}
	}})
	go func() {
		defer close(r.done)
		r.err = r.begin(ctx)
	}()
	return r
}

// firstReads is how many requests go out at once, besides those for queues.
const firstReads = 4

// Sent waits until the first requests are on their way, so that the server has them before this process gets busy; no longer than limit.
func (r *Reading) Sent(limit time.Duration) {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-r.sent:
	case <-r.done:
	case <-timer.C:
	}
}

// Stop gives the read up.
func (r *Reading) Stop() { r.cancel() }

// API is the client that reads.
func (r *Reading) API() *prefect.Client { return r.api }

// Answered gives the API's address when the server has answered by now, else "". A nil Reading has asked nobody.
func (r *Reading) Answered() string {
	if r == nil || !r.answered.Load() {
		return ""
	}
	return r.api.URL()
}

func (r *Reading) begin(ctx context.Context) error {
	return atOnce([]func() error{
		func() (err error) {
			r.live.Version, r.live.Release, err = supported(ctx, r.api)
			r.answered.Store(err == nil)
			return err
		},
		func() (err error) {
			r.live.Deployments, err = r.api.Deployments(ctx, prefect.DeploymentFilter{Tags: []string{r.owner.Tag()}})
			return err
		},
		func() (err error) {
			r.owned, err = r.api.FlowsOfDeployments(ctx, r.owner.Tag())
			return err
		},
		func() (err error) {
			r.pools, err = r.api.WorkPools(ctx)
			return err
		},
		func() (err error) {
			r.queues, err = ReadQueues(ctx, r.api, r.asked)
			return err
		},
	})
}

// Finish waits, and reads what else there is of the desired deployments' names. pools are the wanted work pools.
func (r *Reading) Finish(ctx context.Context, desired []plan.Desired, pools []pool.Pool) (plan.Live, error) {
	defer r.cancel()
	<-r.done
	if r.err != nil {
		return plan.Live{}, fmt.Errorf("reading the server's state: %w", r.err)
	}
	live := plan.NewLive(pools)
	live.API, live.Version, live.Release, live.Deployments = r.api.URL(), r.live.Version, r.live.Release, r.live.Deployments
	live.Began = r.live.Began
	know(&live, r.owned)
	err := readWanted(ctx, r.api, &live, r.owner, desired)
	if err != nil {
		return plan.Live{}, fmt.Errorf("reading the server's state: %w", err)
	}
	if err := recall(ctx, r.api, &live, r.owner, desired); err != nil {
		return plan.Live{}, err
	}
	if live.Automations, err = AutomationsOf(ctx, r.api, desired); err != nil {
		return plan.Live{}, fmt.Errorf("reading the server's automations: %w", err)
	}
	for _, p := range r.pools {
		live.Pools[p.Name] = p
	}
	if live.Queues, err = ReadQueues(ctx, r.api, r.unasked(QueuesOf(pools))); err != nil {
		return plan.Live{}, fmt.Errorf("reading the server's work queues: %w", err)
	}
	maps.Copy(live.Queues, r.queues)
	return live, nil
}

// Read is Begin and Finish at once.
func Read(ctx context.Context, api *prefect.Client, owner ownership.Owner, desired []plan.Desired, pools []pool.Pool) (plan.Live, error) {
	return Begin(ctx, api, owner, QueuesOf(pools)).Finish(ctx, desired, pools)
}

// unasked leaves out the pools whose queues have been read.
func (r *Reading) unasked(pools []string) []string {
	return slices.DeleteFunc(pools, func(name string) bool { return slices.Contains(r.asked, name) })
}

// QueuesOf names the pools whose queues are wanted: of others nobody reads them.
func QueuesOf(pools []pool.Pool) []string {
	var out []string
	for _, p := range pools {
		if p.Queues != nil {
			out = append(out, p.Name)
		}
	}
	return out
}

// readWanted reads what has a wanted name and is not the owner's, and flows that came meanwhile. In a project that has been
// deployed before there is nothing to ask for.
func readWanted(ctx context.Context, api *prefect.Client, l *plan.Live, owner ownership.Owner, desired []plan.Desired) error {
	l.Index()
	var missing []plan.Desired
	var flows []string
	for _, d := range desired {
		if l.Find(d.Flow.Name, d.Name) == nil {
			missing, flows = append(missing, d), append(flows, d.Flow.Name)
		}
	}
	var named []prefect.Flow
	err := atOnce([]func() error{
		func() error {
			for part := range slices.Chunk(missing, prefect.NamesAtOnce) {
				var names, flows []string
				for _, d := range part {
					names, flows = append(names, d.Name), append(flows, d.Flow.Name)
				}
				more, err := api.Deployments(ctx, prefect.DeploymentFilter{Names: distinct(names), Flows: distinct(flows)})
				if err != nil {
					return err
				}
				add(l, more)
			}
			return nil
		},
		func() (err error) {
			named, err = api.FlowsByName(ctx, distinct(flows))
			return err
		},
	})
	if err != nil {
		return err
	}
	know(l, named)
	strangers, err := api.FlowsByID(ctx, nameless(*l, l.Deployments, owner.Owns))
	if err != nil {
		return err
	}
	know(l, strangers)
	l.Index()
	return nil
}

// add puts deployments that are not there yet among the others, in their order.
func add(l *plan.Live, more []prefect.Deployment) {
	known := make(map[string]bool, len(l.Deployments))
	for _, d := range l.Deployments {
		known[d.ID] = true
	}
	for _, d := range more {
		if !known[d.ID] {
			known[d.ID] = true // it may have been found in two ways
			l.Deployments = append(l.Deployments, d)
		}
	}
	slices.SortFunc(l.Deployments, func(a, b prefect.Deployment) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.ID, b.ID))
	})
}

func know(l *plan.Live, flows []prefect.Flow) {
	for _, f := range flows {
		l.Flows[f.ID] = f.Name
	}
}

// ReadQueues reads the queues of work pools; one that is not there has none.
func ReadQueues(ctx context.Context, api *prefect.Client, pools []string) (map[string][]prefect.WorkQueue, error) {
	found := make([][]prefect.WorkQueue, len(pools))
	reads := make([]func() error, 0, len(pools))
	for i, name := range pools {
		reads = append(reads, func() (err error) {
			if found[i], err = api.WorkQueues(ctx, name); prefect.IsNotFound(err) {
				err = nil
			}
			return err
		})
	}
	if err := atOnce(reads); err != nil {
		return nil, err
	}
	out := make(map[string][]prefect.WorkQueue, len(pools))
	for i, name := range pools {
		out[name] = found[i]
	}
	return out, nil
}
