//go:build e2e

package apply_test

import (
	"context"
	"errors"
	"io"
	"log"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/apply"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/live"
	"github.com/flowmage/flowmage/tasks/lock"
	"github.com/flowmage/flowmage/tasks/manifest"
	"github.com/flowmage/flowmage/tasks/ownership"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/pool"
	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/prefecttest"
	"github.com/flowmage/flowmage/tasks/prerequisite"
	"github.com/flowmage/flowmage/tasks/receipt"
)

// chaos is a proxy that does to requests what networks and busy servers do.
type chaos struct {
	server *prerequisite.Launched

	mu      sync.Mutex
	r       *rand.Rand
	often   float64 // the share of requests that something happens to
	restart int     // the server is killed and started anew when this many requests are to come; 0 is never
	calm    bool
	done    map[string]int
}

// seed decides what will happen until the next seed. The server is restarted in one of ten.
func (c *chaos) seed(n uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.r, c.often, c.calm, c.restart = rand.New(rand.NewPCG(n, 7)), []float64{0.05, 0.2, 0.4}[n%3], false, 0
	if n%10 == 5 {
		c.restart = 1 + c.r.IntN(20)
	}
}

// rest lets every request through, once a restart that is under way has ended.
func (c *chaos) rest() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calm = true
}

// draw gives what happens to a request. A restart holds all others up until the server answers again.
func (c *chaos) draw(ctx context.Context) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.calm {
		return ""
	}
	if c.restart > 0 {
		if c.restart--; c.restart == 0 {
			if err := c.server.Restart(ctx); err != nil {
				panic(err)
			}
			c.done["restart"]++
			return "reset before"
		}
	}
	if c.r.Float64() >= c.often {
		return ""
	}
	kinds := []string{"429", "502", "503", "503", "reset before", "reset after", "truncate", "stall"}
	kind := kinds[c.r.IntN(len(kinds))]
	c.done[kind]++
	return kind
}

func (c *chaos) serve(t *testing.T) string {
	t.Helper()
	target, err := url.Parse(strings.TrimSuffix(c.server.API, "/api"))
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.ErrorLog = log.New(io.Discard, "", 0) // what a killed server did not answer becomes a 502
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch kind := c.draw(context.WithoutCancel(r.Context())); kind {
		case "429", "502", "503":
			status, _ := strconv.Atoi(kind)
			if kind == "429" {
				w.Header().Set("Retry-After", "0.05")
			}
			http.Error(w, `{"exception_message":"Service Unavailable"}`, status)
		case "reset before":
			hangUp(w)
		case "reset after":
			proxy.ServeHTTP(httptest.NewRecorder(), r)
			hangUp(w)
		case "truncate":
			answer := httptest.NewRecorder()
			proxy.ServeHTTP(answer, r)
			w.Header().Set("Content-Type", answer.Header().Get("Content-Type"))
			w.Header().Set("Content-Length", strconv.Itoa(answer.Body.Len()+1))
			w.WriteHeader(answer.Code)
			_, _ = io.CopyN(w, answer.Body, int64(answer.Body.Len()/2))
		case "stall":
			select {
			case <-r.Context().Done():
			case <-time.After(50 * time.Millisecond):
			}
			proxy.ServeHTTP(w, r)
		default:
			proxy.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL + "/api"
}

// hangUp ends the connection with a reset.
func hangUp(w http.ResponseWriter) {
	h, ok := w.(http.Hijacker)
	if !ok {
		return
	}
	if conn, _, err := h.Hijack(); err == nil {
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
		_ = conn.Close()
	}
}

// deployAll is a whole deploy: plan, lock, plan again, apply, read back, receipt.
func deployAll(ctx context.Context, b *bench, api *prefect.Client, m manifest.Manifest) error {
	desired, _ := plan.FlowsOf([]flow.Flow{b.flow}).Resolve(nil, m, b.owner)
	for i := range desired {
		desired[i].OwnsTriggers = true
	}
	compare := func() (plan.Plan, error) {
		live, err := live.Read(ctx, api, b.owner, desired, []pool.Pool{b.want})
		if err != nil {
			return plan.Plan{}, err
		}
		p, err := plan.Diff(b.owner, desired, live)
		p.Prune(live, plan.Prune{On: true})
		return p, err
	}
	p, err := compare()
	if err != nil || p.Empty() {
		return err
	}
	lock, held, err := lock.Take(ctx, api, b.owner, lock.Options{Holder: holder("anna", 1)})
	if err != nil {
		return err
	}
	work := func(ctx context.Context) error {
		if p, err = compare(); err != nil {
			return err
		}
		r, err := apply.Apply(ctx, api, p, apply.Options{})
		if err != nil {
			return err
		}
		for _, o := range r.Failed() {
			err = errors.Join(err, o.Err)
		}
		c, confirming := apply.Confirm(ctx, api, p, r)
		if len(c.Differences) > 0 {
			err = errors.Join(err, apply.ErrDiffers)
		}
		return errors.Join(err, confirming, note(ctx, api, p, r, c))
	}
	return errors.Join(work(held), lock.Release(ctx))
}

// Whatever happens on the way, a deploy that reports success has reached the planned state, one that does not reaches it when it is
// run once more, nothing is there twice, and what is foreign stays.
func TestFaults(t *testing.T) {
	t.Parallel()
	seeds := prerequisite.Size(24, 500)
	own, err := prerequisite.Launch(t.Context(), prerequisite.ServerPython(t), t.TempDir(), []string{"PYTHONTZPATH="})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(own.Stop)
	b := openAt(t, own.API).unlocked(t)
	b.apply(t, `deployments: [{name: first, entrypoint: "flows/f.py:f", work_pool: {name: "%POOL%"}}]`)
	flows, err := b.api.FlowsByName(t.Context(), []string{b.flow.Name})
	if err != nil || len(flows) != 1 {
		t.Fatal(err, flows)
	}
	foreign, err := prefecttest.CreateDeployment(t.Context(), b.api, map[string]any{"name": "foreign", "flow_id": flows[0].ID, "tags": []string{"x"}})
	if err != nil {
		t.Fatal(err)
	}
	c := &chaos{server: own, done: map[string]int{}}
	api, err := prefect.New(prefect.Options{URL: c.serve(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(api.Close)
	wrong := 0
	for seed := range uint64(seeds) {
		c.seed(seed)
		text := b.generate(t, rand.New(rand.NewPCG(seed, 8)), 4)
		m, _ := manifest.Parse("prefect.yaml", []byte(strings.ReplaceAll(text, "%POOL%", b.pool)))
		if err := deployAll(t.Context(), b, api, m); err != nil {
			wrong++
			c.rest()
			// A lease whose answer was lost runs out by itself after a minute.
			if err := lock.Break(t.Context(), b.api, b.owner); err != nil {
				t.Fatal(err)
			}
			if err := deployAll(t.Context(), b, api, m); err != nil {
				t.Fatalf("seed %d, once more: %v", seed, err)
			}
		}
		b.settled(t, text)
		if t.Failed() {
			t.Fatalf("seed %d with\n%s", seed, text)
		}
		if seed%8 == 7 {
			c.seed(seed)
			b.cleanedThrough(t, api, c.rest)
		}
	}
	after, err := b.api.Deployment(t.Context(), foreign.ID)
	if err != nil || !after.Updated.Equal(foreign.Updated) {
		t.Errorf("the foreign deployment was touched: %v %v", err, after)
	}
	t.Logf("%d of %d deploys failed at first; faults: %v", wrong, seeds, c.done)
}

// cleanAll is a whole clean: lock, list, delete, receipts, lock.
func cleanAll(ctx context.Context, api *prefect.Client, owner ownership.Owner) error {
	lock, held, err := lock.Take(ctx, api, owner, lock.Options{Holder: holder("anna", 1)})
	if err != nil {
		return err
	}
	p, _, err := live.Cleaning(held, api, owner, live.Narrow{})
	if err != nil {
		return errors.Join(err, lock.Release(ctx))
	}
	r, err := apply.Apply(held, api, p, apply.Options{})
	for _, o := range r.Failed() {
		err = errors.Join(err, o.Err)
	}
	if err != nil {
		return errors.Join(err, lock.Release(ctx))
	}
	return errors.Join(receipt.Forget(held, api, owner), lock.Discard(ctx))
}

// cleanedThrough cleans through the faults, once more without them where that failed, and checks that nothing of ours is left: no deployment
// without its receipts, and no receipt without its deployments.
func (b *bench) cleanedThrough(t *testing.T, api *prefect.Client, rest func()) {
	t.Helper()
	ctx := t.Context()
	if err := cleanAll(ctx, api, b.owner); err != nil {
		rest()
		history, reading := receipt.History(ctx, b.api, b.owner, 0)
		if owned := b.owned(t); reading != nil || len(owned) > 0 && len(history) == 0 {
			t.Errorf("a clean broke off and left %v with %d receipts: %v %v", owned, len(history), err, reading)
		}
		if err := lock.Break(ctx, b.api, b.owner); err != nil {
			t.Fatal(err)
		}
		if err := cleanAll(ctx, api, b.owner); err != nil {
			t.Fatalf("a clean, once more: %v", err)
		}
	}
	history, err := receipt.History(ctx, b.api, b.owner, 0)
	if owned := b.owned(t); err != nil || len(owned)+len(history) > 0 {
		t.Errorf("a clean left %v and %d receipts: %v", owned, len(history), err)
	}
}

// settled checks that the server holds exactly the manifest.
func (b *bench) settled(t *testing.T, text string) {
	t.Helper()
	p, live := b.compare(t, text)
	p.Prune(live, plan.Prune{On: true})
	if !p.Empty() {
		t.Errorf("something is left to do: %+v", p.Actions)
	}
	var want, got []string
	for _, a := range p.Actions {
		want = append(want, a.Name)
	}
	for _, d := range live.Deployments {
		if b.owner.Owns(d.Tags) {
			got = append(got, d.Name)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
