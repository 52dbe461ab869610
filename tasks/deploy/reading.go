package deploy

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/flowmage/flowmage/tasks/prefect"
)

// Reading is a read of the live state that is under way. [Begin] starts it when only owner and pools are known, so that the
// server works while flows are still being read here; [Reading.Finish] adds what the wanted deployments need beyond that.
type Reading struct {
	api    *prefect.Client
	owner  Owner
	cancel context.CancelFunc
	done   chan struct{}
	err    error
	live   Live
	owned  []prefect.Flow
	pools  []prefect.WorkPool // those of asked that exist
	asked  []string           // pools

	answered atomic.Bool // the server has told its version
}

// Begin asks the server, in the background, for its version, the owner's deployments with their flows, and the pools. Whoever
// does not go on to [Reading.Finish] calls [Reading.Stop].
func Begin(ctx context.Context, api *prefect.Client, owner Owner, pools []string) *Reading {
	ctx, cancel := context.WithCancel(ctx)
	r := &Reading{api: api, owner: owner, cancel: cancel, done: make(chan struct{}), asked: distinct(pools)}
	r.live.began = time.Now()
	go func() {
		defer close(r.done)
		r.err = r.begin(ctx)
	}()
	return r
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
			r.live.Version, r.live.release, err = supported(ctx, r.api)
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
			r.pools, err = poolsNamed(ctx, r.api, r.asked)
			return err
		},
	})
}

// Finish waits, and reads what else there is of the desired deployments' names. pools gives the wanted work pools' types by name.
func (r *Reading) Finish(ctx context.Context, desired []Desired, pools map[string]string) (Live, error) {
	defer r.cancel()
	<-r.done
	if r.err != nil {
		return Live{}, fmt.Errorf("reading the server's state: %w", r.err)
	}
	live := NewLive(pools)
	live.API, live.Version, live.release, live.Deployments = r.api.URL(), r.live.Version, r.live.release, r.live.Deployments
	live.began = r.live.began
	live.know(r.owned)
	err := live.readWanted(ctx, r.api, r.owner, desired)
	if err != nil {
		return Live{}, fmt.Errorf("reading the server's state: %w", err)
	}
	if live.automations, err = readAutomations(ctx, r.api, r.owner, live.release, desired); err != nil {
		return Live{}, fmt.Errorf("reading the server's automations: %w", err)
	}
	found, err := poolsNamed(ctx, r.api, r.unasked(live))
	if err != nil {
		return Live{}, fmt.Errorf("reading the server's state: %w", err)
	}
	for _, p := range slices.Concat(r.pools, found) {
		live.pools[p.Name] = p
	}
	return live, nil
}

// Read is Begin and Finish at once.
func Read(ctx context.Context, api *prefect.Client, owner Owner, desired []Desired, pools map[string]string) (Live, error) {
	return Begin(ctx, api, owner, sortedKeys(pools)).Finish(ctx, desired, pools)
}

// unasked names the pools that are wanted, or that our deployments use, and have not been read yet.
func (r *Reading) unasked(live Live) []string {
	return slices.DeleteFunc(distinct(append(live.leftPools(r.owner), sortedKeys(live.wanted)...)), func(name string) bool {
		return slices.Contains(r.asked, name)
	})
}

// readWanted reads what has a wanted name and is not the owner's, and flows that came meanwhile. In a project that has been
// deployed before there is nothing to ask for.
func (l *Live) readWanted(ctx context.Context, api *prefect.Client, owner Owner, desired []Desired) error {
	l.reindex()
	var missing []Desired
	var flows []string
	for _, d := range desired {
		if _, there := l.find(d.Flow.Name, d.Name); !there {
			missing, flows = append(missing, d), append(flows, d.Flow.Name)
		}
	}
	var named []prefect.Flow
	err := atOnce([]func() error{
		func() error {
			for part := range slices.Chunk(missing, namesAtOnce) {
				var names, flows []string
				for _, d := range part {
					names, flows = append(names, d.Name), append(flows, d.Flow.Name)
				}
				more, err := api.Deployments(ctx, prefect.DeploymentFilter{Names: distinct(names), Flows: distinct(flows)})
				if err != nil {
					return err
				}
				l.add(more)
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
	l.know(named)
	strangers, err := api.FlowsByID(ctx, l.strangers(owner))
	if err != nil {
		return err
	}
	l.know(strangers)
	l.reindex()
	return nil
}

// namesAtOnce keeps the list of names below what databases take as variables of one statement.
const namesAtOnce = 500

// add puts deployments that are not there yet among the others, in their order.
func (l *Live) add(more []prefect.Deployment) {
	known := make(map[string]bool, len(l.Deployments))
	for _, d := range l.Deployments {
		known[d.ID] = true
	}
	for _, d := range more {
		if !known[d.ID] {
			l.Deployments = append(l.Deployments, d)
		}
	}
	slices.SortFunc(l.Deployments, func(a, b prefect.Deployment) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.ID, b.ID))
	})
}

func (l *Live) know(flows []prefect.Flow) {
	for _, f := range flows {
		l.flows[f.ID] = f.Name
	}
}

// poolsNamed gives those of the work pools that exist.
func poolsNamed(ctx context.Context, api *prefect.Client, names []string) ([]prefect.WorkPool, error) {
	found, there := make([]prefect.WorkPool, len(names)), make([]bool, len(names))
	reads := make([]func() error, 0, len(names))
	for i, name := range names {
		if name == "" {
			continue
		}
		reads = append(reads, func() (err error) {
			found[i], there[i], err = api.WorkPool(ctx, name)
			return err
		})
	}
	if err := atOnce(reads); err != nil {
		return nil, err
	}
	var out []prefect.WorkPool
	for i, p := range found {
		if there[i] {
			out = append(out, p)
		}
	}
	return out, nil
}
