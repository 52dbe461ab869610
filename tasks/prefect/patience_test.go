package prefect

import (
	"sync"
	"testing"
	"time"
)

// ticking makes a client's clock move by the pauses it makes and by nothing else.
func ticking(c *Client) (passed func() time.Duration) {
	begin := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	var mu sync.Mutex
	now := begin
	c.now = func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		return now
	}
	c.pause = func(d time.Duration) time.Duration {
		mu.Lock()
		defer mu.Unlock()
		now = now.Add(d)
		return 0
	}
	return func() time.Duration {
		mu.Lock()
		defer mu.Unlock()
		return now.Sub(begin)
	}
}

// All waits that a server asks for are bounded together, over all requests.
func TestPatience(t *testing.T) {
	t.Parallel()
	slow := says(429, "{}", "Retry-After", "7")
	for name, test := range map[string]struct {
		limit    time.Duration
		replies  []reply
		calls    int
		failed   int
		waited   time.Duration
		requests int
	}{
		"within":               {30 * time.Second, []reply{slow, slow, says(200, "1"), slow, says(200, "1")}, 2, 0, 21 * time.Second, 5},
		"to the end":           {30 * time.Second, []reply{slow}, 1, 1, 28 * time.Second, 5},
		"over several":         {20 * time.Second, []reply{slow, says(200, "1"), slow, says(200, "1"), slow, says(200, "1")}, 3, 1, 14 * time.Second, 5},
		"longer than all":      {6 * time.Second, []reply{slow}, 1, 1, 0, 1},
		"exactly":              {7 * time.Second, []reply{slow, says(200, "1")}, 1, 0, 7 * time.Second, 2},
		"by default":           {0, []reply{says(429, "{}", "Retry-After", "60")}, 1, 1, 2 * time.Minute, 3},
		"an hour, if chosen":   {time.Hour, []reply{says(503, busy, "Retry-After", "3600"), says(200, "1")}, 1, 0, time.Hour, 2},
		"during a maintenance": {time.Minute, []reply{says(503, busy, "Retry-After", "25", "Prefect-Maintenance", "true")}, 1, 1, 50 * time.Second, 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, s, _ := serveWith(t, Options{Patience: NewPatience(test.limit)}, test.replies...)
			passed := ticking(c)
			failed := 0
			for range test.calls {
				if _, err := c.CountDeployments(t.Context(), DeploymentFilter{}); err != nil {
					failed++
					wantFault(t, err, "as the server asks")
				}
			}
			if failed != test.failed || passed() != test.waited || len(s.requests()) != test.requests {
				t.Errorf("%d failed, waited %s in %d requests", failed, passed(), len(s.requests()))
			}
		})
	}
}

// Requests that wait side by side wait once.
func TestPatienceSideBySide(t *testing.T) {
	t.Parallel()
	p := NewPatience(10 * time.Second)
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for _, step := range []struct {
		after, wait time.Duration
		ok          bool
	}{{0, 5 * time.Second, true}, {time.Second, 4 * time.Second, true}, {time.Second, 5 * time.Second, true}, {6 * time.Second, 4 * time.Second, true}, {10 * time.Second, time.Millisecond, false}} {
		if got := p.wait(now.Add(step.after), step.wait); got != step.ok {
			t.Errorf("after %s for %s: %v", step.after, step.wait, got)
		}
	}
}

// What a request waits for can be told while it does.
func TestAwait(t *testing.T) {
	t.Parallel()
	var told []string
	var begun, ended int
	var what func() string
	c, _, _ := serveWith(t, Options{Await: func(w func() string) func() {
		begun++
		what = w
		return func() { ended++ }
	}}, says(503, busy), says(429, "{}", "Retry-After", "30"), resets, says(200, "1"))
	c.pause = func(time.Duration) time.Duration { told = append(told, what()); return 0 }
	if _, err := c.CountDeployments(t.Context(), DeploymentFilter{}); err != nil {
		t.Fatal(err)
	}
	host := c.base.Host
	want := []string{
		"the Prefect server at " + host + " to answer POST /deployments/count (it said 503 to 1 attempts)",
		"the Prefect server at " + host + " to answer POST /deployments/count (it said 429 and asks to wait 30s)",
		"the Prefect server at " + host + " to answer POST /deployments/count (no answer to 3 attempts)",
	}
	if len(told) != 3 || told[0] != want[0] || told[1] != want[1] || told[2] != want[2] || begun != 1 || ended != 1 {
		t.Errorf("%d begun, %d ended, told %q", begun, ended, told)
	}
}
