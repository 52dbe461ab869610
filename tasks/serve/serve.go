// Package serve has flows served by Prefect's own runner, as deployments of their own that need no work pool and no worker (flows:serve).
//
// Start with [Servable], which reads what there is to serve, then [Begin] and [Serving.Run]. served.go says what of a flow is served, settle.go
// what becomes of what the server holds already, events.go what the programs that serve tell, end.go how it all ends.
package serve

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/flowmage/flowmage/tasks/draft"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/local"
	"github.com/flowmage/flowmage/tasks/session"
	"github.com/flowmage/flowmage/tasks/wait"
	"github.com/flowmage/flowmage/tasks/watch"
)

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

// Begin prepares the server and the embedded Python for what the draft wants served, and starts to watch the repository if that is asked for.
func Begin(ctx context.Context, s *session.Session, to session.Server, d draft.Rendered, o Options) (*Serving, error) {
	v := &Serving{s: s, to: to, o: o, env: d.Env.Name, broken: map[string]string{}, fatal: map[string]bool{}, shown: map[string]bool{}, back: make(chan struct{}, 1)}
	if err := v.take(ctx, d); err != nil {
		return nil, err
	}
	var err error
	if v.local, err = session.EnsurePython(ctx, s, to, d.Env, d.Flows); err != nil {
		return nil, err
	}
	if o.Watch {
		w, err := watch.New(ctx, folders(s, d), watch.Options{Counts: watch.Flows, Calm: 300 * time.Millisecond})
		if err != nil {
			return nil, err
		}
		v.changes = w.Changed()
	}
	return v, nil
}

// take makes the draft what is to be served from now on.
func (v *Serving) take(ctx context.Context, d draft.Rendered) error {
	list, wanted := served(d)
	if err := settle(ctx, v.s, v.to, d.Owner(), list, wanted, v.o.Pause); err != nil {
		return err
	}
	if len(v.o.Only) == 0 {
		go v.removeUnwanted(ctx, d, v.list)
	}
	v.list, v.blocked, v.fatal = list, nil, map[string]bool{}
	for _, b := range d.Blocked {
		v.blocked = append(v.blocked, b.Name)
	}
	left := withoutBlocks(list)
	if len(left) > 0 {
		v.s.Console.Warn("%s: blocks and variables of Prefect are filled in by workers only; served flows don't see these", strings.Join(left, ", "))
	}
	return nil
}

// start starts a program that serves all that does not end it.
func (v *Serving) start(ctx context.Context) (*local.Serve, error) {
	v.mu.Lock()
	v.loading, v.nothing, v.broken = "", false, map[string]string{}
	for name := range v.fatal {
		v.broken[name] = "loading it has ended the whole program"
	}
	v.mu.Unlock()
	flows := slices.DeleteFunc(slices.Clone(v.list), func(f local.Served) bool { return v.fatal[f.Name] })
	spec := local.ServeSpec{APIURL: v.to.API.URL(), Env: v.to.Environ, Runner: "flowmage", Limit: v.o.Limit, Pause: v.o.Pause, Flows: flows}
	return v.local.StartServing(ctx, spec, v.s.Console.Err(), v.told)
}

// Run keeps a program serving until ctx ends, or nothing is left to serve.
func (v *Serving) Run(ctx context.Context) error {
	var backoff wait.Backoff
	for {
		p, err := v.start(ctx)
		if err != nil {
			return err
		}
		again, err := v.attend(ctx, p)
		if err != nil || !again {
			return err
		}
		select {
		case <-p.Ended():
			if v.deadly(p) {
				continue
			}
			pause := backoff.Next(p.Ran())
			v.s.Console.Warn("the program that serves has ended (%v); it is started again in %s. Runs that it left pending, `mage deploy:status` names within 90 s", p.Err(), pause)
			if !wait.For(ctx, pause) {
				return v.verdict()
			}
		default:
			v.leaving = append(v.leaving, p)
		}
	}
}

// attend looks after a program. It gives true when another one must follow.
func (v *Serving) attend(ctx context.Context, p *local.Serve) (bool, error) {
	for {
		select {
		case <-ctx.Done():
			return false, v.end(p)
		case <-p.Ended():
			if !v.idle() {
				return true, nil
			}
			if v.changes == nil {
				return false, v.verdict()
			}
			v.s.Console.Say("nothing can be served; waiting for a change")
			if !v.awaitChange(ctx) {
				return false, v.verdict()
			}
			return true, nil
		case <-v.back:
			p.Replace()
			return true, nil
		case file := <-v.changes:
			if v.reload(ctx, file) {
				p.Replace()
				return true, nil
			}
		}
	}
}

// awaitChange waits until there is something else to serve.
func (v *Serving) awaitChange(ctx context.Context) bool {
	for {
		select {
		case <-ctx.Done():
			return false
		case file := <-v.changes:
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
	d, err := Servable(ctx, v.s, v.o)
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
	v.s.Console.Say("%s has changed", v.s.Relative(file))
	v.s.Console.Findings(d.Findings)
	if err != nil {
		v.s.Console.Fault(err)
		v.s.Console.Say("what was served before is served on")
	}
	return err == nil
}

// folders gives the folders in which a change may mean another flow: where flows and what they import lie, and the settings.
func folders(s *session.Session, d draft.Rendered) []string {
	all := append([]string{"envs"}, d.Env.Paths...)
	for _, f := range d.Flows {
		for _, file := range f.Files {
			all = append(all, filepath.ToSlash(filepath.Dir(file)))
		}
	}
	slices.Sort(all)
	var out []string
	for _, folder := range slices.Compact(all) {
		path := filepath.Join(s.Root, filepath.FromSlash(folder))
		below := slices.ContainsFunc(out, func(o string) bool { return strings.HasPrefix(path, o+string(filepath.Separator)) })
		if _, err := os.Stat(path); err == nil && !below {
			out = append(out, path)
		}
	}
	return out
}
