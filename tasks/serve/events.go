package serve

import (
	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/local"
)

// told shows what a program tells.
func (v *Serving) told(e local.ServeEvent) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.loading = ""
	switch e.Event {
	case local.Loading:
		v.loading = e.Name
	case local.Broken, local.Declined:
		v.broken[e.Name] = e.Reason
		v.s.Console.Warn("%s is not served: %s", e.Name, e.Reason)
	case local.Serving:
		if !v.shown[e.Name] {
			v.shown[e.Name] = true
			v.s.Console.Printf("%-9s %s  %s\n", "serving", e.Name, v.to.DeploymentLink(e.ID))
		}
	case local.Nothing:
		v.nothing = true
	case local.Ready:
		v.s.Console.Say("ready: %s; Ctrl-C ends it", console.Count(len(v.list)-len(v.broken), "served flow"))
	case local.Away:
		v.s.Console.Warn("the server does not answer (%s); it is asked on, and runs under way go on", e.Reason)
	case local.Back:
		v.s.Console.Say("the server answers again; flows are served on")
		select {
		case v.back <- struct{}{}:
		default: // it is being followed already
		}
	case local.Finishing:
		if e.Runs > 0 {
			v.s.Console.Say("waiting for %s", console.Count(e.Runs, "run"))
		}
	case local.HandedBack:
		v.s.Console.Say("run %s is handed back: it starts again when its flow is served", e.ID)
	}
}

// deadly tells whether a program ended while it loaded a flow. That flow is left out from now on.
func (v *Serving) deadly(p *local.Serve) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.loading == "" || p.Err() == nil {
		return false
	}
	v.fatal[v.loading] = true
	v.s.Console.Warn("%s is not served: loading it has ended the whole program (%v)", v.loading, p.Err())
	return true
}

func (v *Serving) idle() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.nothing
}
