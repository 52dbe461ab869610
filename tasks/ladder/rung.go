package ladder

import (
	"fmt"
	"slices"

	"github.com/flowmage/flowmage/tasks/fault"
)

// State is how a rung came out.
type State string

// The states of a rung.
const (
	OK      State = "ok"
	Warned  State = "warning" // it holds, with a reservation that Why tells
	Failed  State = "failed"
	Skipped State = "skipped" // it stands on a failed one
)

// Rung is one check of the world.
type Rung struct {
	Name    string  `json:"name"`
	State   State   `json:"state"`
	Detail  string  `json:"detail"`         // what was seen
	Why     string  `json:"why,omitempty"`  // of a failed or warned one: the cause, as far as it is known
	Next    string  `json:"next,omitempty"` // of a failed or warned one: what to do
	Seconds float64 `json:"seconds"`

	Code fault.Code `json:"-"` // of a failed one: the exit code it stands for
}

// String gives one line, and for what is not well the cause and the next step on lines of their own.
func (r Rung) String() string {
	return fmt.Sprintf("%-9s %s: %s (%.2f s)%s", r.State, r.Name, r.Detail, r.Seconds, r.advice())
}

// Told is the rung without state and time.
func (r Rung) Told() string { return r.Name + ": " + r.Detail + r.advice() }

func (r Rung) advice() string {
	text := ""
	if r.Why != "" {
		text += "\n            why:  " + r.Why
	}
	if r.Next != "" {
		text += "\n            next: " + r.Next
	}
	return text
}

// Rungs is a ladder that was climbed.
type Rungs []Rung

// Failure gives the first failed rung, which explains what comes after it.
func (r Rungs) Failure() (Rung, bool) {
	i := slices.IndexFunc(r, func(x Rung) bool { return x.State == Failed })
	if i < 0 {
		return Rung{}, false
	}
	return r[i], true
}

// Count gives how many rungs came out so.
func (r Rungs) Count(s State) int {
	n := 0
	for _, x := range r {
		if x.State == s {
			n++
		}
	}
	return n
}
