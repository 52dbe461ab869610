package command

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/local"
	"github.com/flowmage/flowmage/tasks/watch"
)

// ServeOptions are the choices of flows:serve.
type ServeOptions struct {
	Env   string
	Only  []string
	Watch bool          // serve anew what changes
	Limit *int          // runs at one time; nil: no limit
	Pause bool          // the deployments at the end
	Grace time.Duration // for runs under way at the end; 0: until they have ended
}

// Serve serves flows by Prefect's own runner until it is told to end. Flows that can't be served are told and left out: code Findings
// at the end. A program that dies is started again.
func Serve(ctx context.Context, s *Session, o ServeOptions) error {
	s.flags = map[string]string{"schemas": "source"} // Prefect's runner finds out by itself
	d, err := s.servable(ctx, o)
	s.Console.Findings(d.findings)
	if err != nil {
		return err
	}
	to, err := s.connect(ctx, d.env, access{start: true, flows: d.flows})
	if err != nil {
		return err
	}
	v := &serving{s: s, to: to, o: o, env: d.env.Name, broken: map[string]string{}, fatal: map[string]bool{}, shown: map[string]bool{}, back: make(chan struct{}, 1)}
	if err := v.take(ctx, d); err != nil {
		return err
	}
	if v.local, err = s.python(ctx, to, d.env, d.flows); err != nil {
		return err
	}
	var changed <-chan string
	if o.Watch {
		w, err := watch.New(ctx, s.watchable(d))
		if err != nil {
			return err
		}
		changed = w.Changed()
	}
	return v.run(ctx, changed)
}

// servable reads the repository. What is wrong with it is among the draft's findings, and an error when nothing is left to serve.
func (s *Session) servable(ctx context.Context, o ServeOptions) (draft, error) {
	d, err := s.drafted(ctx, DeployOptions{Env: o.Env, Only: o.Only, unnamed: true})
	if err != nil {
		return draft{}, err
	}
	if err := d.stop(false); err != nil {
		return d, err
	}
	d.part()
	if len(d.desired) == 0 {
		return d, &fault.Error{
			Code: fault.Findings, What: "there is nothing to serve", Why: "no flow is enabled in this environment", Next: "look at `enabled` in envs/, at the top and below flows.<name>",
		}
	}
	return d, nil
}

// serving is a flows:serve under way.
type serving struct {
	s     *Session
	to    server
	o     ServeOptions
	local *local.Local
	env   string

	list    []local.Served
	blocked []string        // deployments that findings keep from being served
	fatal   map[string]bool // deployments whose loading has ended a whole program; they are left out until something changes
	leaving []*local.Serve  // programs that others follow; they only wait for their last runs
	back    chan struct{}   // the server was away: the program that waited for it can't hear any more which runs are cancelled

	mu      sync.Mutex        // what is below is told by the programs
	loading string            // the deployment that is being loaded
	nothing bool              // no deployment was left to serve
	broken  map[string]string // why a deployment is not served
	shown   map[string]bool   // deployments that were shown as served
}

// take makes the draft what is to be served from now on.
func (v *serving) take(ctx context.Context, d draft) error {
	list, wanted := served(d)
	if err := v.s.settleServed(ctx, v.to, d.owner(), list, wanted, v.o.Pause); err != nil {
		return err
	}
	if len(v.o.Only) == 0 {
		go v.removeUnserved(ctx, d, v.list)
	}
	v.list, v.blocked, v.fatal = list, nil, map[string]bool{}
	for _, b := range d.blocked {
		v.blocked = append(v.blocked, b.name)
	}
	left := withoutBlocks(list)
	if len(left) > 0 {
		v.s.Console.Warn("%s: blocks and variables of Prefect are filled in by workers only; served flows don't see these", strings.Join(left, ", "))
	}
	return nil
}

// start starts a program that serves all that does not end it.
func (v *serving) start(ctx context.Context) (*local.Serve, error) {
	v.mu.Lock()
	v.loading, v.nothing, v.broken = "", false, map[string]string{}
	for name := range v.fatal {
		v.broken[name] = "loading it has ended the whole program"
	}
	v.mu.Unlock()
	flows := slices.DeleteFunc(slices.Clone(v.list), func(f local.Served) bool { return v.fatal[f.Name] })
	spec := local.ServeSpec{APIURL: v.to.api.URL(), Env: v.to.credentials, Runner: "flowmage", Limit: v.o.Limit, Pause: v.o.Pause, Flows: flows}
	return v.local.StartServing(ctx, spec, v.s.Console.Err(), v.told)
}

// run keeps a program serving until ctx ends, or nothing is left to serve.
func (v *serving) run(ctx context.Context, changed <-chan string) error {
	var backoff local.Backoff
	for {
		p, err := v.start(ctx)
		if err != nil {
			return err
		}
		again, err := v.attend(ctx, p, changed)
		if err != nil || !again {
			return err
		}
		select {
		case <-p.Ended():
			if v.deadly(p) {
				continue
			}
			wait := backoff.Next(p.Ran())
			v.s.Console.Warn("the program that serves has ended (%v); it is started again in %s. Runs that it left pending, `mage deploy:status` names within 90 s", p.Err(), wait)
			if !sleep(ctx, wait) {
				return v.verdict()
			}
		default:
			v.leaving = append(v.leaving, p)
		}
	}
}

// attend looks after a program. It gives true when another one must follow.
func (v *serving) attend(ctx context.Context, p *local.Serve, changed <-chan string) (bool, error) {
	for {
		select {
		case <-ctx.Done():
			return false, v.end(p)
		case <-p.Ended():
			if !v.idle() {
				return true, nil
			}
			if changed == nil {
				return false, v.verdict()
			}
			v.s.Console.Say("nothing can be served; waiting for a change")
			if !v.awaitChange(ctx, changed) {
				return false, v.verdict()
			}
			return true, nil
		case <-v.back:
			p.Replace()
			return true, nil
		case file := <-changed:
			if v.reload(ctx, file) {
				p.Replace()
				return true, nil
			}
		}
	}
}

// awaitChange waits until there is something else to serve.
func (v *serving) awaitChange(ctx context.Context, changed <-chan string) bool {
	for {
		select {
		case <-ctx.Done():
			return false
		case file := <-changed:
			if v.reload(ctx, file) {
				return true
			}
		}
	}
}

// reload reads the repository again and tells whether something else is to be served. What can't be read leaves all as it is.
func (v *serving) reload(ctx context.Context, file string) bool {
	before, err := json.Marshal(v.list)
	if err != nil {
		return false
	}
	d, err := v.s.servable(ctx, v.o)
	if err == nil {
		err = v.take(ctx, d)
	}
	if ctx.Err() != nil {
		return false
	}
	after, _ := json.Marshal(v.list)
	if err == nil && string(before) == string(after) {
		return false // runs load their code anew; nothing else has changed
	}
	v.s.Console.Say("%s has changed", v.s.relative(file))
	v.s.Console.Findings(d.findings)
	if err != nil {
		v.s.Console.Fault(err)
		v.s.Console.Say("what was served before is served on")
	}
	return err == nil
}
