package deploy

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/pool"
	"github.com/flowmage/flowmage/tasks/prefect"
)

// Live is what the server holds, as far as a plan needs it: the owner's deployments, those with a wanted name, and the wanted
// work pools.
type Live struct {
	API         string
	Version     string
	Deployments []prefect.Deployment
	release     prefect.Release
	flows       map[string]string               // id to name
	pools       map[string]prefect.WorkPool     // all that there are
	queues      map[string][]prefect.WorkQueue  // of pools whose queues are wanted
	automations map[string][]prefect.Automation // by deployment id
	wanted      map[string]pool.Pool
	anyPool     bool  // every pool will do that is there
	known       Known // by the receipts; read only where a wanted deployment lacks the tag
	index       map[flowAndName]int
	same        map[flowAndName]Action // of an earlier plan: what it left unchanged, and what was not read again since
	began       time.Time              // when it was asked for, by this machine's clock
}

// flowAndName is what Prefect knows a deployment by.
type flowAndName struct{ flow, name string }

// reindex must follow every change of deployments or flows.
func (l *Live) reindex() {
	l.index = make(map[flowAndName]int, len(l.Deployments))
	for i, d := range l.Deployments {
		l.index[flowAndName{l.flows[d.FlowID], d.Name}] = i
	}
}

// NewLive gives an empty server of the newest release on which those work pools are wanted.
func NewLive(pools []pool.Pool) Live {
	wanted := make(map[string]pool.Pool, len(pools))
	for _, p := range pools {
		wanted[p.Name] = p
	}
	return Live{
		flows: map[string]string{}, pools: map[string]prefect.WorkPool{}, queues: map[string][]prefect.WorkQueue{}, wanted: wanted,
		release: prefect.Release{Cloud: true},
	}
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

// find gives the deployment of that flow and name, nil when there is none.
func (l Live) find(flow, name string) *prefect.Deployment {
	at, ok := l.index[flowAndName{flow, name}]
	if !ok {
		return nil
	}
	return &l.Deployments[at]
}

// poolProblem tells what is wrong with the pool of a deployment: of another type than its kind needs, or not known at all.
func (l Live) poolProblem(d Desired) (finding.Finding, bool) {
	name := d.Pool()
	wanted, declared := l.wanted[name]
	want := wanted.Type
	if !declared && !l.anyPool {
		return finding.Finding{
			Code: "pool-unknown", Severity: finding.Error, Position: d.Position, Subject: d.Name,
			Message: fmt.Sprintf("the work pool %q is not among the environment's pools", name),
			Fix:     "name it under `pools` in envs/",
		}, true
	}
	have, there := l.pools[name]
	switch {
	case l.anyPool && (there || name == ""):
		return finding.Finding{}, false
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
		f := l.otherType(wanted, have)
		f.Subject = d.Name
		return f, true
	}
	return finding.Finding{}, false
}

// otherType is the finding for a work pool of the wrong type. No request changes the type of one.
func (l Live) otherType(want pool.Pool, have prefect.WorkPool) finding.Finding {
	return finding.Finding{
		Code: "pool-type", Severity: finding.Error, Position: finding.Position{Key: "pools"},
		Message: fmt.Sprintf("the work pool %q on %s has the type %s, these deployments need %s", want.Name, l.API, have.Type, want.Type),
		Why:     "its workers could not start the runs, and a pool's type can't be changed",
		Fix:     "name another pool under `pools` in envs/: a missing one is created; or delete this one in the Prefect UI",
	}
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
