// Package wait waits for a time to pass or for something to come about, and stops when its context does. Start with [Until].
package wait

import (
	"context"
	"time"
)

// For waits; it gives false when ctx ended first.
func For(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// Until asks again and again whether something has come about, the first time at once. It gives false when patience has run out, and the
// error of the question or of ctx, both of which end it.
func Until(ctx context.Context, patience, every time.Duration, ask func() (bool, error)) (bool, error) {
	late := time.NewTimer(patience)
	defer late.Stop()
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		if done, err := ask(); done || err != nil {
			return done && err == nil, err
		}
		select {
		case <-ctx.Done():
			return false, ctx.Err()
		case <-late.C:
			return false, nil
		case <-tick.C:
		}
	}
}

// Backoff spaces out the restarts of something that keeps ending: a second at first, then twice as long each time, at most a minute.
// What ran for a minute counts as well again. The zero value is ready.
type Backoff struct{ last time.Duration }

// Next gives how long to wait before the next start, after a run of that length.
func (b *Backoff) Next(ran time.Duration) time.Duration {
	const first, most = time.Second, time.Minute
	if ran >= most || b.last == 0 {
		b.last = first
	} else {
		b.last = min(2*b.last, most)
	}
	return b.last
}
