// Package ladder asks the world one question after another, each of which may stand on earlier ones, and tells which one fails first and why:
// what fails above it is only its consequence.
//
// A [Ladder] is made of [Step]s, climbing it gives [Rungs]. It knows nothing of what is asked.
package ladder

import (
	"context"
	"errors"
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
