package serve

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/flowmage/flowmage/tasks/draft"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/local"
	"github.com/flowmage/flowmage/tasks/session"
	"github.com/flowmage/flowmage/tasks/wait"
)

// Options are the choices of flows:serve.
type Options struct {
	Env   string
	Only  []string
	Watch bool          // serve anew what changes
	Limit *int          // runs at one time; nil: no limit
	Pause bool          // the deployments at the end
	Grace time.Duration // for runs under way at the end; 0: until they have ended
}

// Servable reads the repository. What is wrong with it is among the draft's findings, and an error when nothing is left to serve.
func Servable(ctx context.Context, s *session.Session, o Options) (draft.Rendered, error) {
	d, err := draft.From(ctx, s, draft.Options{
		Env: o.Env, Only: o.Only, Unnamed: true, Flags: map[string]string{"schemas": "source"}, // Prefect's runner finds out by itself
	})
	if err != nil {
		return draft.Rendered{}, err
	}
	if err := d.Stop(false); err != nil {
		return d, err
	}
	d = d.ToServe()
	if len(d.Desired) == 0 {
		return d, &fault.Error{
			Code: fault.Findings, What: "there is nothing to serve", Why: "no flow is enabled in this environment", Next: "look at `enabled` in envs/, at the top and below flows.<name>",
		}
	}
	return d, nil
}

// Serving is a flows:serve under way.
type Serving struct {
	S     *session.Session
	To    session.Server
	O     Options
	Local *local.Local
	Env   string

	list    []local.Served
	blocked []string        // deployments that findings keep from being served
	Fatal   map[string]bool // deployments whose loading has ended a whole program; they are left out until something changes
	leaving []*local.Serve  // programs that others follow; they only wait for their last runs
	Back    chan struct{}   // the server was away: the program that waited for it can't hear any more which runs are cancelled

	mu      sync.Mutex        // what is below is told by the programs
	loading string            // the deployment that is being loaded
	nothing bool              // no deployment was left to serve
	Broken  map[string]string // why a deployment is not served
	Shown   map[string]bool   // deployments that were shown as served
}

// Take makes the draft what is to be served from now on.
func (v *Serving) Take(ctx context.Context, d draft.Rendered) error {
	list, wanted := served(d)
	if err := settleServed(ctx, v.S, v.To, d.Owner(), list, wanted, v.O.Pause); err != nil {
		return err
	}
	if len(v.O.Only) == 0 {
		go v.removeUnserved(ctx, d, v.list)
	}
	v.list, v.blocked, v.Fatal = list, nil, map[string]bool{}
	for _, b := range d.Blocked {
		v.blocked = append(v.blocked, b.Name)
	}
	left := withoutBlocks(list)
	if len(left) > 0 {
		v.S.Console.Warn("%s: blocks and variables of Prefect are filled in by workers only; served flows don't see these", strings.Join(left, ", "))
	}
	return nil
}

// start starts a program that serves all that does not end it.
func (v *Serving) start(ctx context.Context) (*local.Serve, error) {
	v.mu.Lock()
	v.loading, v.nothing, v.Broken = "", false, map[string]string{}
	for name := range v.Fatal {
		v.Broken[name] = "loading it has ended the whole program"
	}
	v.mu.Unlock()
	flows := slices.DeleteFunc(slices.Clone(v.list), func(f local.Served) bool { return v.Fatal[f.Name] })
	spec := local.ServeSpec{APIURL: v.To.API.URL(), Env: v.To.Environ, Runner: "flowmage", Limit: v.O.Limit, Pause: v.O.Pause, Flows: flows}
	return v.Local.StartServing(ctx, spec, v.S.Console.Err(), v.told)
}

// Run keeps a program serving until ctx ends, or nothing is left to serve.
func (v *Serving) Run(ctx context.Context, changed <-chan string) error {
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
			pause := backoff.Next(p.Ran())
			v.S.Console.Warn("the program that serves has ended (%v); it is started again in %s. Runs that it left pending, `mage deploy:status` names within 90 s", p.Err(), pause)
			if !wait.For(ctx, pause) {
				return v.verdict()
			}
		default:
			v.leaving = append(v.leaving, p)
		}
	}
}

// attend looks after a program. It gives true when another one must follow.
func (v *Serving) attend(ctx context.Context, p *local.Serve, changed <-chan string) (bool, error) {
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
			v.S.Console.Say("nothing can be served; waiting for a change")
			if !v.awaitChange(ctx, changed) {
				return false, v.verdict()
			}
			return true, nil
		case <-v.Back:
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
func (v *Serving) awaitChange(ctx context.Context, changed <-chan string) bool {
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
func (v *Serving) reload(ctx context.Context, file string) bool {
	before, err := json.Marshal(v.list)
	if err != nil {
		return false
	}
	d, err := Servable(ctx, v.S, v.O)
	if err == nil {
		err = v.Take(ctx, d)
	}
	if ctx.Err() != nil {
		return false
	}
	after, _ := json.Marshal(v.list)
	if err == nil && string(before) == string(after) {
		return false // runs load their code anew; nothing else has changed
	}
	v.S.Console.Say("%s has changed", v.S.Relative(file))
	v.S.Console.Findings(d.Findings)
	if err != nil {
		v.S.Console.Fault(err)
		v.S.Console.Say("what was served before is served on")
	}
	return err == nil
}
