package wait

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		if !For(t.Context(), time.Hour) || time.Since(began) != time.Hour {
			t.Errorf("waited %s", time.Since(began))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		began = time.Now()
		if For(ctx, time.Hour) || time.Since(began) != time.Minute {
			t.Errorf("went on for %s", time.Since(began))
		}
	})
}

// Until asks at once, ends with the answer, and otherwise with patience, the question's error, or the context.
func TestUntil(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	for name, c := range map[string]struct {
		answer func(n int) (bool, error) // to the nth question
		ctx    time.Duration             // when it ends
		done   bool
		err    error
		after  time.Duration
		asked  int
	}{
		"at once":      {func(int) (bool, error) { return true, nil }, time.Hour, true, nil, 0, 1},
		"the third":    {func(n int) (bool, error) { return n == 3, nil }, time.Hour, true, nil, 2 * time.Second, 3},
		"never":        {func(int) (bool, error) { return false, nil }, time.Hour, false, nil, 9500 * time.Millisecond, 10},
		"error at two": {func(n int) (bool, error) { return n == 2, map[int]error{2: broken}[n] }, time.Hour, false, broken, time.Second, 2},
		"told to end":  {func(int) (bool, error) { return false, nil }, 1500 * time.Millisecond, false, context.DeadlineExceeded, 1500 * time.Millisecond, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), c.ctx)
				defer cancel()
				began, asked := time.Now(), 0
				done, err := Until(ctx, 9500*time.Millisecond, time.Second, func() (bool, error) { asked++; return c.answer(asked) })
				if done != c.done || !errors.Is(err, c.err) || time.Since(began) != c.after || asked != c.asked {
					t.Errorf("%t, %v after %s and %d questions", done, err, time.Since(began), asked)
				}
			})
		})
	}
}
