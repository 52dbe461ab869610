package wait

import (
	"context"
	"time"
)

// Until asks again and again whether something has come about, first at once. It gives false when patience has run out, and the error of
// the question or of ctx, which both end it.
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
