package serve

import (
	"maps"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/local"
)

// end has all programs finish and waits for them. A second signal, or the end of the grace, hands the runs under way back.
func (v *Serving) end(p *local.Serve) error {
	again := make(chan os.Signal, 1)
	signal.Notify(again, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(again)
	var late <-chan time.Time
	if v.o.Grace > 0 {
		late = time.After(v.o.Grace)
	}
	v.s.Console.Say("ending; runs under way are waited for, a second Ctrl-C hands them back")
	p.Finish()
	all := append(slices.Clone(v.leaving), p)
	if !ended(all, again, late) {
		v.handBack(all)
	}
	v.mention()
	return v.verdict()
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

// mention tells that what was served stays on the server.
func (v *Serving) mention() {
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.shown) > 0 {
		v.s.Console.Say("still on the server: %s; `mage deploy:clean -env=%s -served` deletes what nobody serves any more",
			finding.Names(slices.Sorted(maps.Keys(v.shown))), v.env)
	}
}

// verdict is nil when all that should be served was.
func (v *Serving) verdict() error {
	v.mu.Lock()
	defer v.mu.Unlock()
	names := slices.Sorted(maps.Keys(v.broken))
	if names = append(names, v.blocked...); len(names) == 0 {
		return nil
	}
	return &fault.Error{
		Code: fault.Findings, What: "not served: " + finding.Names(names), Why: "the others were", Next: "correct what is listed above; `mage verify` checks without serving",
	}
}
