package apply

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// Servers of different kinds, and how many writers each is given in the end.
func TestPace(t *testing.T) {
	t.Parallel()
	const one = 100 * time.Millisecond
	tests := map[string]struct {
		took func(writers int64) time.Duration // one action, with so many at once
		busy bool                              // with more than one writer
		want int
	}{
		"one writer at a time":  {func(w int64) time.Duration { return time.Duration(w) * one }, false, 1},
		"busy with two":         {func(int64) time.Duration { return one }, true, 1},
		"two at a time":         {func(w int64) time.Duration { return time.Duration(max(1, w/2)) * one }, false, 2},
		"any number":            {func(int64) time.Duration { return one }, false, 8},
		"worse with each other": {func(w int64) time.Duration { return time.Duration(w*w) * one }, false, 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var inside, busy, done, most atomic.Int64
				p := newPace(mostWriters)
				p.run(400, busy.Load, func(int) {
					now := inside.Add(1)
					most.Store(max(most.Load(), now))
					if test.busy && now > 1 {
						busy.Add(1)
					}
					time.Sleep(test.took(int64(p.writers)))
					inside.Add(-1)
					done.Add(1)
				})
				if done.Load() != 400 || p.writers != test.want || most.Load() > mostWriters {
					t.Errorf("%d done, %d writers in the end, %d at most", done.Load(), p.writers, most.Load())
				}
			})
		})
	}
}
