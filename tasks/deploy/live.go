package deploy

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/prefect"
)

// Live is what the server holds, as far as a plan needs it: the owner's deployments, those with a wanted name, and the wanted
// work pools.
type Live struct {
	API         string
	Version     string
	Deployments []prefect.Deployment
	release     prefect.Release
	flows       map[string]string // id to name
	pools       map[string]prefect.WorkPool
	wanted      map[string]string // pool name to type
	anyPool     bool              // every pool will do
}

// NewLive gives an empty server of the newest release on which those work pools, types by name, are wanted.
func NewLive(pools map[string]string) Live {
	return Live{flows: map[string]string{}, pools: map[string]prefect.WorkPool{}, wanted: pools, release: prefect.Release{Cloud: true}}
}

// Read fetches the live state with a handful of requests, side by side. pools gives the wanted work pools' types by name.
func Read(ctx context.Context, api *prefect.Client, owner Owner, desired []Desired, pools map[string]string) (Live, error) {
	live := NewLive(pools)
	live.API = api.URL()
	names, flowNames := make([]string, 0, len(desired)), make([]string, 0, len(desired))
	for _, d := range desired {
		names = append(names, d.Name)
		flowNames = append(flowNames, d.Flow.Name)
	}
	var flows []prefect.Flow
	found := make([]prefect.WorkPool, len(pools))
	reads := make([]func() error, 0, 3+len(pools))
	reads = append(reads,
		func() (err error) {
			live.Version, live.release, err = supported(ctx, api)
			return err
		},
		func() (err error) {
			live.Deployments, err = api.Deployments(ctx, prefect.DeploymentFilter{Tags: []string{owner.Tag()}, Names: distinct(names), Or: true})
			return err
		},
		func() (err error) {
			flows, err = api.FlowsByName(ctx, distinct(flowNames))
			return err
		},
	)
	for i, name := range sortedKeys(pools) {
		reads = append(reads, func() error {
			pool, ok, err := api.WorkPool(ctx, name)
			if ok {
				found[i] = pool
			}
			return err
		})
	}
	if err := atOnce(reads); err != nil {
		return Live{}, fmt.Errorf("reading the server's state: %w", err)
	}
	for _, f := range flows {
		live.flows[f.ID] = f.Name
	}
	if err := live.readLeftovers(ctx, api, owner, &found); err != nil {
		return Live{}, fmt.Errorf("reading the server's state: %w", err)
	}
	for _, p := range found {
		if p.Name != "" {
			live.pools[p.Name] = p
		}
	}
	return live, nil
}

// readLeftovers fetches the flows and pools of our deployments that nothing asks for any more. Usually there are none.
func (l *Live) readLeftovers(ctx context.Context, api *prefect.Client, owner Owner, pools *[]prefect.WorkPool) error {
	if ids := l.strangers(owner); len(ids) > 0 {
		flows, err := api.FlowsByID(ctx, ids)
		if err != nil {
			return err
		}
		for _, f := range flows {
			l.flows[f.ID] = f.Name
		}
	}
	for _, name := range l.leftPools(owner) {
		pool, there, err := api.WorkPool(ctx, name)
		if err != nil {
			return err
		}
		if there {
			*pools = append(*pools, pool)
		}
	}
	return nil
}

// atOnce runs the functions side by side and gives the error of the first one in the list that failed, so that the same trouble is
// told in the same words each time.
func atOnce(reads []func() error) error {
	errs := make([]error, len(reads))
	var group sync.WaitGroup
	for i, read := range reads {
		group.Go(func() { errs[i] = read() })
	}
	group.Wait()
	return cmp.Or(errs...)
}

// supported gives the server's version, or the error for one that is too old.
func supported(ctx context.Context, api *prefect.Client) (string, prefect.Release, error) {
	version, err := api.Version(ctx)
	if err != nil {
		return "", prefect.Release{}, err
	}
	release, err := prefect.ParseRelease(version)
	if err != nil {
		return "", prefect.Release{}, err
	}
	return version, release, release.Supported()
}

// find gives the deployment of that flow and name.
func (l Live) find(flow, name string) (prefect.Deployment, bool) {
	for _, d := range l.Deployments {
		if d.Name == name && l.flows[d.FlowID] == flow {
			return d, true
		}
	}
	return prefect.Deployment{}, false
}

// missingPools gives the wanted pools that the server lacks and a deployment needs.
func (l Live) missingPools(desired []Desired) []Pool {
	var out []Pool
	for _, name := range sortedKeys(l.wanted) {
		needed := slices.ContainsFunc(desired, func(d Desired) bool { return d.Fields[fieldPool] == name })
		if _, there := l.pools[name]; !there && needed && l.wanted[name] != "" {
			out = append(out, Pool{Name: name, Type: l.wanted[name]})
		}
	}
	return out
}

// poolProblem tells what is wrong with the pool of a deployment: of another type than its kind needs, or not known at all.
func (l Live) poolProblem(d Desired) (finding.Finding, bool) {
	name, _ := d.Fields[fieldPool].(string)
	want, declared := l.wanted[name]
	if l.anyPool {
		return finding.Finding{}, false
	}
	if !declared {
		return finding.Finding{
			Code: "pool-unknown", Severity: finding.Error, Position: d.Position, Subject: d.Name,
			Message: fmt.Sprintf("the work pool %q is not among the environment's pools", name),
			Fix:     "name it under `pools` in envs/",
		}, true
	}
	have, there := l.pools[name]
	switch {
	case name == "":
		return finding.Finding{
			Code: "pool-missing", Severity: finding.Error, Position: d.Position, Subject: d.Name, Message: "the deployment names no work pool",
			Why: "nothing would start its runs", Fix: "add `work_pool: {name: …}`, or set PREFECT_DEPLOYMENTS_DEFAULT_WORK_POOL_NAME",
		}, true
	case want == "" && !there:
		return finding.Finding{
			Code: "pool-missing", Severity: finding.Error, Position: d.Position, Subject: d.Name,
			Message: fmt.Sprintf("there is no work pool %q on %s", name, l.API), Why: "which type it should have is not known",
			Fix: "make it: prefect work-pool create " + name + " --type process",
		}, true
	case want == "":
		return finding.Finding{}, false
	}
	if there && have.Type != want {
		return finding.Finding{
			Code: "pool-type", Severity: finding.Error, Position: finding.Position{Key: "pools"}, Subject: d.Name,
			Message: fmt.Sprintf("the work pool %q on %s has the type %s, these deployments need %s", name, l.API, have.Type, want),
			Why:     "its workers could not start the runs",
			Fix:     "name another pool under `pools` in envs/: a missing one is created; or delete this one in the Prefect UI",
		}, true
	}
	return finding.Finding{}, false
}

func distinct(words []string) []string {
	words = slices.Clone(words)
	slices.Sort(words)
	return slices.Compact(words)
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
