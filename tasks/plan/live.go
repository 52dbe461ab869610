package plan

import (
	"time"

	"github.com/flowmage/flowmage/tasks/ownership"
	"github.com/flowmage/flowmage/tasks/pool"
	"github.com/flowmage/flowmage/tasks/prefect"
)

// Live is what the server holds, as far as a plan needs it: the owner's deployments, those with a wanted name, and the wanted
// work pools.
type Live struct {
	API         string
	Version     string
	Deployments []prefect.Deployment
	Release     prefect.Release
	Flows       map[string]string               // id to name
	Pools       map[string]prefect.WorkPool     // all that there are
	Queues      map[string][]prefect.WorkQueue  // of pools whose queues are wanted
	Automations map[string][]prefect.Automation // by deployment id
	Wanted      map[string]pool.Pool
	AnyPool     bool            // every pool will do that is there
	Known       map[string]bool // deployments that the receipts know, by id; nil until a wanted one lacks the tag
	index       map[Key]int
	Same        map[Key]Action // of an earlier plan: what it left unchanged, and what was not read again since
	Began       time.Time      // when it was asked for, by this machine's clock
}

// Key is what Prefect knows a deployment by.
type Key struct{ Flow, Name string }

// Index must follow every change of deployments or flows.
func (l *Live) Index() {
	l.index = make(map[Key]int, len(l.Deployments))
	for i, d := range l.Deployments {
		l.index[Key{l.Flows[d.FlowID], d.Name}] = i
	}
}

// NewLive gives an empty server of the newest release on which those work pools are wanted.
func NewLive(pools []pool.Pool) Live {
	wanted := make(map[string]pool.Pool, len(pools))
	for _, p := range pools {
		wanted[p.Name] = p
	}
	return Live{
		Flows: map[string]string{}, Pools: map[string]prefect.WorkPool{}, Queues: map[string][]prefect.WorkQueue{}, Wanted: wanted,
		Release: prefect.Release{Cloud: true},
	}
}

// Find gives the deployment of that flow and name, nil when there is none.
func (l Live) Find(flow, name string) *prefect.Deployment {
	at, ok := l.index[Key{flow, name}]
	if !ok {
		return nil
	}
	return &l.Deployments[at]
}

// lostTag is the note on a deployment that is updated though it lacks the tag.
const lostTag = "somebody has taken our tag off it, as `prefect deploy` does; our receipts know it, and it gets the tag back"

// MayUpdate tells whether a stored deployment is the owner's to update: it carries the tag, or it did when the last command was done, by which it
// is known, and nobody else's has taken its place. `prefect deploy` takes our tag away, as it replaces all tags.
func MayUpdate(owner ownership.Owner, d prefect.Deployment, known bool) bool {
	return owner.Owns(d.Tags) || known && len(owner.Others(d.Tags)) == 0
}
