package deploy

import (
	"time"

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
	anyPool     bool            // every pool will do that is there
	known       map[string]bool // deployments that the receipts know, by id; nil until a wanted one lacks the tag
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

// find gives the deployment of that flow and name, nil when there is none.
func (l Live) find(flow, name string) *prefect.Deployment {
	at, ok := l.index[flowAndName{flow, name}]
	if !ok {
		return nil
	}
	return &l.Deployments[at]
}

// lostTag is the note on a deployment that is updated though it lacks the tag.
const lostTag = "somebody has taken our tag off it, as `prefect deploy` does; our receipts know it, and it gets the tag back"

// MayUpdate tells whether a stored deployment is the owner's to update: it carries the tag, or it did when the last command was done, by which it
// is known, and nobody else's has taken its place. `prefect deploy` takes our tag away, as it replaces all tags.
func MayUpdate(owner Owner, d prefect.Deployment, known bool) bool {
	return owner.Owns(d.Tags) || known && len(owner.others(d.Tags)) == 0
}
