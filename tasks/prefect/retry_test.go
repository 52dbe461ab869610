package prefect

import (
	"context"
	"errors"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/fault"
)

func TestRetries(t *testing.T) {
	t.Parallel()
	ms := func(list ...int) []time.Duration {
		out := make([]time.Duration, 0, len(list))
		for _, n := range list {
			out = append(out, time.Duration(n)*time.Millisecond)
		}
		return out
	}
	created := says(201, `{"id":"1"}`)
	hour := says(429, "{}", "Retry-After", "3600")
	for name, c := range map[string]struct {
		replies  []reply
		requests int
		waits    []time.Duration
		status   int // of the error, 0 for success
	}{
		"at once":             {[]reply{created}, 1, nil, 0},
		"busy":                {[]reply{says(503, busy), says(503, busy), created}, 3, ms(50, 100), 0},
		"gateway":             {[]reply{says(502, "<html>"), says(408, "{}"), created}, 3, ms(50, 100), 0},
		"seconds":             {[]reply{says(429, "{}", "Retry-After", "7"), created}, 2, ms(7000), 0},
		"part of a second":    {[]reply{says(503, busy, "Retry-After", "2.437"), created}, 2, ms(2437), 0},
		"no wait":             {[]reply{says(503, busy, "Retry-After", "0"), created}, 2, ms(50), 0},
		"negative":            {[]reply{says(503, busy, "Retry-After", "-1"), created}, 2, ms(50), 0},
		"nonsense":            {[]reply{says(503, busy, "Retry-After", "soon"), created}, 2, ms(50), 0},
		"date":                {[]reply{says(429, "{}", "Retry-After", "Sun, 01 Mar 2026 12:00:05 GMT"), created}, 2, ms(5000), 0},
		"past date":           {[]reply{says(429, "{}", "Retry-After", "Sun, 01 Mar 2026 11:00:00 GMT"), created}, 2, ms(50), 0},
		"too long":            {[]reply{hour}, 1, nil, 429},
		"reset":               {[]reply{says(503, busy), resets, resets, created}, 4, ms(50, 100, 200), 0},
		"broken off":          {[]reply{breaksOff, created}, 2, ms(50), 0},
		"eleven times busy":   {append(repeat(11, says(503, busy)), created), 12, ms(50, 100, 200, 400, 800, 1600, 2000, 2000, 2000, 2000, 2000), 0},
		"too busy":            {repeat(1, says(503, busy)), 50, append(ms(50, 100, 200, 400, 800, 1600), repeatWait(43, 2*time.Second)...), 503},
		"maintenance":         {append(repeat(20, says(503, busy, "Prefect-Maintenance", "true")), created), 21, repeatWait(20, 2*time.Second), 0},
		"not after 500":       {[]reply{says(500, `{"exception_message":"Internal Server Error"}`)}, 1, nil, 500},
		"not after a refusal": {[]reply{says(422, `{"detail":"no"}`)}, 1, nil, 422},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, s, w := serve(t, c.replies...)
			client.now = func() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }
			_, err := client.EnsureFlow(t.Context(), "f")
			if c.status == 0 && err != nil {
				t.Fatal(err)
			}
			if c.status != 0 && !hasStatus(err, c.status) {
				t.Errorf("got %v, want status %d", err, c.status)
			}
			if n := len(s.requests()); n != c.requests {
				t.Errorf("%d requests, want %d", n, c.requests)
			}
			if diff := cmp.Diff(c.waits, w.list); diff != "" {
				t.Error(diff)
			}
			bodies := s.requests()
			if slices.ContainsFunc(bodies, func(a asked) bool { return a.Body != bodies[0].Body || a.Body == "" }) {
				t.Error("a repeated request has another body")
			}
		})
	}
}

func repeatWait(n int, d time.Duration) []time.Duration { return slices.Repeat([]time.Duration{d}, n) }

func TestJitter(t *testing.T) {
	t.Parallel()
	c, _ := client(t, Options{URL: "http://host/api"})
	c.random = func() float64 { return 0.5 }
	c.pause = nil
	a := &attempts{client: c}
	if got := a.wait(0, 0, 1, nil); got != 75*time.Millisecond {
		t.Errorf("got %s, want three quarters of 100 ms", got)
	}
	if got := a.wait(0, 0, 9999, nil); got != 1500*time.Millisecond {
		t.Errorf("got %s, want three quarters of 2 s", got)
	}
}

func TestLongPauseEnds(t *testing.T) {
	t.Parallel()
	c, s, _ := serve(t, says(503, busy, "Prefect-Maintenance", "true", "Retry-After", "60"))
	wantFault(t, c.Health(t.Context()), "503")
	if n := len(s.requests()); n != 11 {
		t.Errorf("%d requests, want 11: ten minutes", n)
	}
}

// A request that found its own work done by an earlier attempt has succeeded.
func TestLostAnswers(t *testing.T) {
	t.Parallel()
	gone := says(404, `{"detail":"Deployment not found"}`)
	taken := says(409, `{"detail":"Data integrity conflict."}`)
	withSlug := []map[string]any{{"slug": "a", "schedule": map[string]any{"cron": "0 1 * * *"}}}
	t.Run("delete", func(t *testing.T) {
		t.Parallel()
		c, _, _ := serve(t, resets, gone)
		if err := c.DeleteDeployment(t.Context(), "1"); err != nil {
			t.Error(err)
		}
	})
	t.Run("delete of nothing", func(t *testing.T) {
		t.Parallel()
		c, _, _ := serve(t, gone)
		err := c.DeleteDeployment(t.Context(), "1")
		wantFault(t, err, "404", "Deployment not found")
		if !IsNotFound(err) || IsConflict(err) {
			t.Error("not told as not found")
		}
	})
	t.Run("schedules", func(t *testing.T) {
		t.Parallel()
		c, _, _ := serve(t, resets, taken, says(200, `[{"id":"s0","slug":"z"},{"id":"s1","slug":"a"}]`))
		got, err := c.CreateSchedules(t.Context(), "1", withSlug)
		if err != nil || len(got) != 1 || got[0].ID != "s1" {
			t.Errorf("got %v, %v", got, err)
		}
	})
	t.Run("schedules of somebody else", func(t *testing.T) {
		t.Parallel()
		c, _, _ := serve(t, resets, taken, says(200, `[{"id":"s0","slug":"z"}]`))
		if _, err := c.CreateSchedules(t.Context(), "1", withSlug); !IsConflict(err) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("schedule exists", func(t *testing.T) {
		t.Parallel()
		c, s, _ := serve(t, taken)
		if _, err := c.CreateSchedules(t.Context(), "1", withSlug); !IsConflict(err) || len(s.requests()) != 1 {
			t.Errorf("got %v", err)
		}
	})
	t.Run("schedule without a slug", func(t *testing.T) {
		t.Parallel()
		c, s, _ := serve(t, says(503, busy), resets)
		_, err := c.CreateSchedules(t.Context(), "1", []map[string]any{{"schedule": map[string]any{"cron": "0 1 * * *"}}})
		wantFault(t, err, "broke during POST /deployments/1/schedules")
		if n := len(s.requests()); n != 2 {
			t.Errorf("%d requests: a lost one must not be repeated", n)
		}
	})
	t.Run("pool", func(t *testing.T) {
		t.Parallel()
		c, _, _ := serve(t, resets, says(409, `{"detail":"A work pool with this name already exists."}`), says(200, `{"id":"p1","name":"p","type":"process"}`))
		got, err := c.CreateWorkPool(t.Context(), WorkPool{Name: "p", Type: "process"})
		if err != nil || got.ID != "p1" {
			t.Errorf("got %v, %v", got, err)
		}
	})
	t.Run("run keeps its key", func(t *testing.T) {
		t.Parallel()
		c, s, _ := serve(t, resets, says(200, `{"id":"r1"}`))
		if _, err := c.CreateFlowRun(t.Context(), "1", FlowRunRequest{}); err != nil {
			t.Fatal(err)
		}
		first, second := object(t, s.requests()[0].Body), object(t, s.requests()[1].Body)
		if key, ok := first["idempotency_key"].(string); !ok || len(key) < 20 || key != second["idempotency_key"] {
			t.Errorf("keys %v and %v", first, second)
		}
	})
}

// What would be done twice is not repeated once the server, or somebody between, may have passed it on; what was refused for certain is.
func TestOnceOnly(t *testing.T) {
	t.Parallel()
	requests := map[string]func(context.Context, *Client) error{
		"an artifact": func(ctx context.Context, c *Client) error {
			_, err := c.CreateArtifact(ctx, Artifact{Key: "k"})
			return err
		},
		"an automation": func(ctx context.Context, c *Client) error {
			_, err := c.CreateAutomation(ctx, "1", map[string]any{})
			return err
		},
		"a lease": func(ctx context.Context, c *Client) error {
			_, _, err := c.increment(ctx, "l", "h", time.Minute)
			return err
		},
		"a schedule without a slug": func(ctx context.Context, c *Client) error {
			_, err := c.CreateSchedules(ctx, "1", []map[string]any{{"schedule": map[string]any{"cron": "0 1 * * *"}}})
			return err
		},
	}
	for name, request := range requests {
		for trouble, c := range map[string]struct {
			first    reply
			requests int
		}{
			"a gateway's answer": {says(502, "<html>"), 1}, "a broken connection": {resets, 1}, "an answer that breaks off": {breaksOff, 1},
			"a busy server": {says(503, busy), 2}, "too many requests": {says(429, "{}"), 2},
		} {
			t.Run(name+", "+trouble, func(t *testing.T) {
				t.Parallel()
				client, s, _ := serve(t, c.first, says(201, `{"id":"1"}`), says(201, `{"id":"2"}`))
				err := request(t.Context(), client)
				if n := len(s.requests()); n != c.requests || c.requests == 1 && err == nil {
					t.Errorf("%d requests, want %d: %v", n, c.requests, err)
				}
			})
		}
	}
}

// What a filter did not ask for is left out of its answer, and what stands twice is there once.
func TestAnswersAreSifted(t *testing.T) {
	t.Parallel()
	list := says(200, `[{"id":"1","name":"a","key":"a","tags":["a"]},{"id":"2","name":"b","key":"b","tags":["b"]},{"id":"1","name":"a","key":"a","tags":["a"]}]`)
	for name, read := range map[string]func(context.Context, *Client) (int, string, error){
		"automations by tag": func(ctx context.Context, c *Client) (int, string, error) {
			got, err := c.AutomationsTagged(ctx, "a")
			return len(got), got[0].ID, err
		},
		"automations by name": func(ctx context.Context, c *Client) (int, string, error) {
			got, err := c.Automations(ctx)
			got = slices.DeleteFunc(got, func(a Automation) bool { return a.Name != "a" })
			return len(got), got[0].ID, err
		},
		"artifacts": func(ctx context.Context, c *Client) (int, string, error) {
			got, err := c.Artifacts(ctx, "a", 0)
			return len(got), got[0].ID, err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _, _ := serve(t, list)
			if n, id, err := read(t.Context(), c); n != 1 || id != "1" || err != nil {
				t.Errorf("%d rows, the first is %s: %v", n, id, err)
			}
		})
	}
}

// A creation is not repeated without another look, and an answer that says "changed" is none that says "created".
func TestMakeDeployment(t *testing.T) {
	t.Parallel()
	made, changed := says(201, `{"id":"d1","tags":["mine"]}`), says(200, `{"id":"d1","tags":["mine"]}`)
	free, there := says(404, `{"detail":"Deployment not found"}`), says(200, `{"id":"d2","tags":["theirs"]}`)
	post, get := "POST /api/deployments/", "GET /api/deployments/name/f/d"
	for name, c := range map[string]struct {
		replies []reply
		want    []string
		id      string
		err     error
	}{
		"created":                               {[]reply{made}, []string{post}, "d1", nil},
		"there, and overwritten":                {[]reply{changed}, []string{post}, "d1", ErrOverwritten},
		"lost on its way":                       {[]reply{resets, free, made}, []string{post, get, post}, "d1", nil},
		"its answer lost":                       {[]reply{resets, there}, []string{post, get}, "d2", ErrThere},
		"a busy server, and somebody meanwhile": {[]reply{says(503, busy), there}, []string{post, get}, "d2", ErrThere},
		"a gateway":                             {[]reply{says(502, "<html>"), free, made}, []string{post, get, post}, "d1", nil},
		"an attempt that was only slow":         {[]reply{resets, free, changed}, []string{post, get, post}, "d1", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, s, _ := serve(t, c.replies...)
			d, err := client.MakeDeployment(t.Context(), "f", map[string]any{"name": "d"})
			if d.ID != c.id || !errors.Is(err, c.err) {
				t.Errorf("%v %v", d.ID, err)
			}
			var got []string
			for _, r := range s.requests() {
				got = append(got, r.Method+" "+r.Path)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	t.Run("the look is refused", func(t *testing.T) {
		t.Parallel()
		client, s, _ := serve(t, resets, says(500, "{}"))
		if _, err := client.MakeDeployment(t.Context(), "f", map[string]any{"name": "d"}); !hasStatus(err, 500) || len(s.requests()) != 2 {
			t.Error(err, len(s.requests()))
		}
	})
}

func TestUnreachableFailsFast(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	c, w := client(t, Options{URL: "http://" + address + "/api"})
	wantFault(t, c.Health(t.Context()), "nothing listens at "+address, "prefect server start", "after 2 attempts")
	if diff := cmp.Diff([]time.Duration{50 * time.Millisecond}, w.list); diff != "" {
		t.Error(diff)
	}
	// A server that was there before is waited for, as it may be restarting.
	c.reached.Store(true)
	w.list = nil
	wantFault(t, c.Health(t.Context()), "nothing listens")
	total := time.Duration(0)
	for _, d := range w.list {
		total += d
	}
	if total < 25*time.Second || total > 40*time.Second {
		t.Errorf("waits %s for a restart", total)
	}
	// Nor for long when its process is gone.
	ended := false
	c.reached.Store(true)
	c.ended, c.start = func(context.Context) bool { return ended }, "start it so"
	c.pause = func(time.Duration) time.Duration { ended = true; return 0 }
	wantFault(t, c.Health(t.Context()), "nothing listens", "start it so", "after 8 attempts")
	c.pause = w.pause
	// That was long enough for all other requests, too.
	w.list = nil
	wantFault(t, c.Health(t.Context()), "nothing listens", "after 2 attempts")
	if diff := cmp.Diff([]time.Duration{50 * time.Millisecond}, w.list); diff != "" {
		t.Error(diff)
	}
}

// A server that breaks off one request again and again is not away: an answer in between brings back all patience.
func TestPatienceComesBack(t *testing.T) {
	t.Parallel()
	created := []reply{says(201, `{"id":"1"}`)}
	c, s, _ := serve(t, slices.Concat(created, repeat(maxLost, resets), created, repeat(maxLost-1, resets), created)...)
	for _, want := range []string{"", "the connection to the Prefect server broke", "", ""} {
		_, err := c.EnsureFlow(t.Context(), "f")
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	if n := len(s.requests()); n != 2*maxLost+2 {
		t.Errorf("%d requests", n)
	}
}

func TestContext(t *testing.T) {
	t.Parallel()
	t.Run("while waiting", func(t *testing.T) {
		t.Parallel()
		c, _, _ := serve(t, says(503, busy))
		ctx, cancel := context.WithCancel(t.Context())
		c.pause = func(time.Duration) time.Duration { cancel(); return time.Hour }
		_, err := c.EnsureFlow(ctx, "f")
		if !errors.Is(err, context.Canceled) || fault.CodeOf(err) != fault.Interrupted {
			t.Errorf("got %v", err)
		}
	})
	t.Run("during a request", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		c, _, _ := serve(t, func(_ http.ResponseWriter, r *http.Request) { cancel(); <-r.Context().Done() })
		if err := c.Health(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
}
