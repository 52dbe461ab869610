package console

import (
	"fmt"
	"sync"
	"time"
)

// How long somebody waits before being told for what, and how often after that.
const (
	patience = 5 * time.Second
	reminder = 30 * time.Second
)

// waits keeps many that wait at once from talking over each other.
type waits struct {
	mu   sync.Mutex
	said time.Time
}

// Await tells what is being waited for once that takes longer than 5 s, and every half a minute from then on; what is asked each time. Of many
// waits at once one is told of. What comes back ends it. A step that is under way tells of itself, so there nothing more needs to be said.
func (c *Console) Await(what func() string) (done func()) {
	begin := time.Now()
	var mu sync.Mutex
	var timer *time.Timer
	ended := false
	tell := func() {
		mu.Lock()
		defer mu.Unlock()
		if ended {
			return
		}
		timer.Reset(reminder)
		if c.waits.turn() {
			fmt.Fprintf(above{c}, "waiting for %s, %d s\n", what(), int(time.Since(begin).Seconds()))
		}
	}
	mu.Lock()
	timer = time.AfterFunc(patience, tell)
	mu.Unlock()
	return func() {
		mu.Lock()
		defer mu.Unlock()
		ended = true
		timer.Stop()
	}
}

// turn tells whether nobody has spoken just now.
func (w *waits) turn() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := time.Now()
	if !w.said.IsZero() && now.Sub(w.said) < patience {
		return false
	}
	w.said = now
	return true
}
