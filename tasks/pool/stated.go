package pool

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/setting"
)

// Stated gives the work pools of all kinds and of single flows, sorted by name. What contradicts itself is a finding: a pool has one
// type and one upkeep, however many flows name it.
func Stated(e config.Env) ([]config.Pool, finding.List) {
	g, kinds := gathering{env: e, pools: map[string]*gathered{}}, e.AllKinds()
	for _, k := range kinds {
		base := e.Pools[k]
		g.add(0, setting.Show([]string{"pools", string(k)}), base, base.Type)
	}
	for rank, set := range e.Overriding() {
		for _, name := range slices.Sorted(maps.Keys(set)) {
			for _, k := range kinds {
				own := set[name].Pools[k]
				at := setting.Show([]string{setting.Flows, name, "pools", string(k)})
				switch {
				case own.Name != "":
					g.add(rank, at, own, e.Pools[k].Type)
				case !reflect.DeepEqual(own.Upkeep, config.Upkeep{}):
					g.shared(at, own.Upkeep, e.Pools[k].Name)
				}
				g.queue(cmp.Or(own.Name, e.Pools[k].Name), own.Queue, at)
			}
		}
	}
	for _, k := range kinds {
		g.queue(e.Pools[k].Name, e.Pools[k].Queue, setting.Show([]string{"pools", string(k)}))
	}
	return g.result()
}

// Types gives the types of those work pools by their names.
func Types(env config.Env) map[string]string {
	pools, _ := Stated(env)
	out := make(map[string]string, len(pools))
	for _, p := range pools {
		out[p.Name] = p.Type
	}
	return out
}

// gathering collects what is said of work pools.
type gathering struct {
	env      config.Env
	pools    map[string]*gathered
	queues   []used
	findings finding.List
}

// gathered is one pool with the rank of each of its settings: a higher one holds over a lower one.
type gathered struct {
	config.Pool
	ranks map[string]int
	from  map[string]string // the key of the mapping that each setting is from
}

func (g *gathering) add(rank int, at string, p config.Pool, inherited string) {
	if p.Name == "" { // its kind has none by default, and an error elsewhere
		return
	}
	have, there := g.pools[p.Name]
	if !there {
		have = &gathered{config.Pool{Name: p.Name, Places: map[string]string{"name": at + ".name"}}, map[string]int{}, map[string]string{}}
		g.pools[p.Name] = have
	}
	poolType, of := p.Type, rank
	if poolType == "" {
		poolType, of = inherited, -1
	}
	settle(g, have, of, at, "type", &have.Type, poolType, poolType != "")
	u := p.Upkeep
	settle(g, have, rank, at, "concurrency", &have.Concurrency, u.Concurrency, u.Concurrency != nil)
	settle(g, have, rank, at, "template", &have.Template, u.Template, u.Template != "")
	settle(g, have, rank, at, "defaults", &have.Defaults, config.Settled(u.Defaults), u.Defaults != nil)
	settle(g, have, rank, at, "queues", &have.Queues, u.Queues, u.Queues != nil)
}

// settle takes a setting over if nothing of its rank or above says another thing.
func settle[T any](g *gathering, p *gathered, rank int, at, name string, have *T, want T, set bool) {
	if !set {
		return
	}
	before, there := p.ranks[name]
	if there && before == rank && !reflect.DeepEqual(*have, want) {
		g.findings = append(g.findings, catalogue.New("pool-conflict", g.env.Scoped(at), finding.Finding{
			Position: g.written(at, name),
			Message:  fmt.Sprintf("%s of the work pool %s is said twice, and differently: here and at %s", name, p.Name, g.written(p.from[name], name)),
			Fix:      "say it once, or give one of the two pools another name",
		}))
		return
	}
	if there && before > rank {
		return
	}
	*have, p.ranks[name], p.from[name], p.Places[name] = want, rank, at, at+"."+name
}

// written gives the place of a pool's setting, or that of the pool's name where the setting is a default.
func (g *gathering) written(at, name string) finding.Position {
	if p := g.env.Origin(at + "." + name); !p.IsDefault() {
		return p.Position
	}
	return g.env.Origin(at + ".name").Position
}

// shared tells of a flow's settings for a pool that is not its own.
func (g *gathering) shared(at string, u config.Upkeep, pool string) {
	for _, set := range []struct {
		name string
		is   bool
	}{{"concurrency", u.Concurrency != nil}, {"template", u.Template != ""}, {"defaults", u.Defaults != nil}, {"queues", u.Queues != nil}} {
		if !set.is {
			continue
		}
		key := at + "." + set.name
		g.findings = append(g.findings, catalogue.New("pool-shared", g.env.Scoped(key), finding.Finding{
			Position: g.env.Origin(key).Position,
			Message:  fmt.Sprintf("%s would change the work pool %s, in which other flows run too", set.name, pool),
			Fix:      "name a pool of the flow's own beside it; or write it under pools, for all; runs at once of one flow are its own `concurrency`",
		}))
	}
}

// used is a queue that deployments go to.
type used struct{ pool, queue, key string }

// queue notes one; whether the pool's settings know it is seen when all are there.
func (g *gathering) queue(pool, queue, at string) {
	if queue != "" && queue != "default" {
		g.queues = append(g.queues, used{pool, queue, at + ".queue"})
	}
}

func (g *gathering) result() ([]config.Pool, finding.List) {
	out := make([]config.Pool, 0, len(g.pools))
	for _, name := range slices.Sorted(maps.Keys(g.pools)) {
		p := g.pools[name].Pool
		out = append(out, p)
		g.priorities(p)
	}
	for _, u := range g.queues {
		pool, there := g.pools[u.pool]
		if !there {
			continue
		}
		names := slices.Sorted(maps.Keys(pool.Queues))
		if len(names) == 0 || slices.Contains(names, u.queue) {
			continue
		}
		g.findings = append(g.findings, catalogue.New("queue-unknown", g.env.Scoped(u.key), finding.Finding{
			Position: g.env.Origin(u.key).Position,
			Message:  fmt.Sprintf("the queue %q is not among those that the settings give the work pool %s", u.queue, u.pool),
			Fix:      setting.Meant(u.queue, names, "add it to the pool's queues"),
		}))
	}
	return out, g.findings
}

// priorities wants each of them once: the server would move one of two that are equal.
func (g *gathering) priorities(p config.Pool) {
	taken := map[int]string{}
	for _, name := range slices.Sorted(maps.Keys(p.Queues)) {
		priority := p.Queues[name].Priority
		if priority == nil {
			continue
		}
		if other, twice := taken[*priority]; twice {
			key := p.Key("queues") + "." + setting.Show([]string{name, "priority"})
			g.findings = append(g.findings, catalogue.New("queue-priority", g.env.Scoped(key), finding.Finding{
				Position: g.env.Origin(key).Position,
				Message:  fmt.Sprintf("the queues %s and %s of the work pool %s have the same priority, %d", other, name, p.Name, *priority),
				Fix:      "give each another number; 1 is served first",
			}))
		}
		taken[*priority] = name
	}
}
