// Package ladder asks the world one question after another, each of which may stand on earlier ones, and tells which one fails first and why:
// what fails above it is only its consequence.
//
// Start with [Ladder]: it is made of [Step]s, and climbing it gives [Rungs]. It knows nothing of what is asked.
package ladder

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/flowmage/flowmage/tasks/fault"
)

// Ladder is a list of questions, each of which may stand on earlier ones.
type Ladder []Step

// Step is one question to the world.
type Step struct {
	Name  string
	Needs []string // the rungs without which the question is pointless
	Look  func(context.Context) (Seen, error)
}

// Seen is what a look brought. A reservation makes the rung a warning.
type Seen struct {
	Detail      string
	Reservation string
	Next        string // with a reservation
}

// Wrong is a failed rung in the words of a fault.
func Wrong(what, why, next string) (Seen, error) {
	return Seen{}, &fault.Error{Code: fault.Findings, What: what, Why: why, Next: next}
}

// Climb asks from the bottom to the top. A failure skips what stands on it, directly or not; the rest is asked.
func (l Ladder) Climb(ctx context.Context) Rungs {
	out := make(Rungs, 0, len(l))
	cause := map[string]string{} // of a rung that failed or was skipped: the failed one below
	for _, s := range l {
		if below := under(s, cause); below != "" {
			cause[s.Name] = below
			out = append(out, Rung{Name: s.Name, State: Skipped, Detail: "needs: " + below})
			continue
		}
		r := s.climb(ctx)
		if r.State == Failed {
			cause[s.Name] = s.Name
		}
		out = append(out, r)
	}
	return out
}

func under(s Step, cause map[string]string) string {
	for _, name := range s.Needs {
		if below, bad := cause[name]; bad {
			return below
		}
	}
	return ""
}

func (s Step) climb(ctx context.Context) Rung {
	start := time.Now()
	got, err := s.Look(ctx)
	r := Rung{Name: s.Name, State: OK, Detail: got.Detail, Seconds: time.Since(start).Seconds()}
	switch f, told := errors.AsType[*fault.Error](err); {
	case told:
		r.State, r.Detail, r.Why, r.Next, r.Code = Failed, f.What, f.Cause(), f.Next, f.Code
	case err != nil:
		r.State, r.Detail, r.Next, r.Code = Failed, err.Error(), "run the command again", fault.CodeOf(err)
	case got.Reservation != "":
		r.State, r.Why, r.Next = Warned, got.Reservation, got.Next
	}
	return r
}

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
