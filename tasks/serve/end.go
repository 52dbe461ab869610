package serve

import (
	"maps"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/local"
)

// deadly tells whether a program ended while it loaded a flow. That flow is left out from now on.
func (v *Serving) deadly(p *local.Serve) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.loading == "" || p.Err() == nil {
		return false
	}
	v.Fatal[v.loading] = true
	v.S.Console.Warn("%s is not served: loading it has ended the whole program (%v)", v.loading, p.Err())
	return true
}

func (v *Serving) idle() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.nothing
}

// end has all programs finish and waits for them. A second signal, or the end of the grace, hands the runs under way back.
func (v *Serving) end(p *local.Serve) error {
	again := make(chan os.Signal, 1)
	signal.Notify(again, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(again)
	var late <-chan time.Time
	if v.O.Grace > 0 {
		late = time.After(v.O.Grace)
	}
	v.S.Console.Say("ending; runs under way are waited for, a second Ctrl-C hands them back")
	p.Finish()
	all := append(slices.Clone(v.leaving), p)
	if !ended(all, again, late) {
		v.handBack(all)
	}
	v.mention()
	return v.verdict()
}

// mention tells that what was served stays on the server.
func (v *Serving) mention() {
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.Shown) > 0 {
		v.S.Console.Say("still on the server: %s; `mage deploy:clean -env=%s -served` deletes what nobody serves any more",
			finding.Names(slices.Sorted(maps.Keys(v.Shown))), v.Env)
	}
}

// ended waits for programs; it gives false when somebody insists, or it is late.
func ended(all []*local.Serve, insists <-chan os.Signal, late <-chan time.Time) bool {
	for _, p := range all {
		select {
		case <-p.Ended():
		case <-insists:
			return false
		case <-late:
			return false
		}
	}
	return true
}

// patience is how long programs may take to hand runs back.
const patience = time.Minute

func (v *Serving) handBack(all []*local.Serve) {
	late := time.After(patience)
	for _, x := range all {
		x.HandBack()
	}
	for _, x := range all {
		select {
		case <-x.Ended():
		case <-late:
			x.Kill()
		}
	}
}

// verdict is nil when all that should be served was.
func (v *Serving) verdict() error {
	v.mu.Lock()
	defer v.mu.Unlock()
	names := slices.Sorted(maps.Keys(v.Broken))
	if names = append(names, v.blocked...); len(names) == 0 {
		return nil
	}
	return &fault.Error{
		Code: fault.Findings, What: "not served: " + finding.Names(names), Why: "the others were", Next: "correct what is listed above; `mage verify` checks without serving",
	}
}

// told shows what a program tells.
func (v *Serving) told(e local.ServeEvent) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.loading = ""
	switch e.Event {
	case local.Loading:
		v.loading = e.Name
	case local.Broken, local.Declined:
		v.Broken[e.Name] = e.Reason
		v.S.Console.Warn("%s is not served: %s", e.Name, e.Reason)
	case local.Serving:
		if !v.Shown[e.Name] {
			v.Shown[e.Name] = true
			v.S.Console.Printf("%-9s %s  %s\n", "serving", e.Name, v.To.DeploymentLink(e.ID))
		}
	case local.Nothing:
		v.nothing = true
	case local.Ready:
		v.S.Console.Say("ready: %s; Ctrl-C ends it", console.Count(len(v.list)-len(v.Broken), "served flow"))
	case local.Away:
		v.S.Console.Warn("the server does not answer (%s); it is asked on, and runs under way go on", e.Reason)
	case local.Back:
		v.S.Console.Say("the server answers again; flows are served on")
		select {
		case v.Back <- struct{}{}:
		default: // it is being followed already
		}
	case local.Finishing:
		if e.Runs > 0 {
			v.S.Console.Say("waiting for %s", console.Count(e.Runs, "run"))
		}
	case local.HandedBack:
		v.S.Console.Say("run %s is handed back: it starts again when its flow is served", e.ID)
	}
}
