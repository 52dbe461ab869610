package local

import "time"

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
