//go:build e2e

package apply_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/lock"
	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/prerequisite"
)

// between gives a client whose requests pass through handle, which may answer in the server's place.
func (b *bench) between(t *testing.T, handle func(w http.ResponseWriter, r *http.Request, pass http.Handler)) *prefect.Client {
	t.Helper()
	target, err := url.Parse(strings.TrimSuffix(b.api.URL(), "/api"))
	if err != nil {
		t.Fatal(err)
	}
	pass := httputil.NewSingleHostReverseProxy(target)
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handle(w, r, pass) }))
	t.Cleanup(front.Close)
	api, err := prefect.New(prefect.Options{URL: front.URL + "/api"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(api.Close)
	return api
}

// leased skips a test on servers without leases.
func (b *bench) leased(t *testing.T) *bench {
	t.Helper()
	version, err := b.api.Version(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	release, err := prefect.ParseRelease(version)
	if err != nil {
		t.Fatal(err)
	}
	if !release.AtLeast(prefect.Leases()) {
		t.Skip("this server has no leases")
	}
	return b
}

func (b *bench) take(t *testing.T, h lock.Holder) *lock.Lock {
	t.Helper()
	l, _, err := lock.Take(t.Context(), b.api, b.owner, lock.Options{Holder: h})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func (b *bench) heldBy(t *testing.T, who string) {
	t.Helper()
	h, known, err := lock.Held(t.Context(), b.api, b.owner)
	if err != nil || known != (who != "") || h.Who != who {
		t.Errorf("%q holds the lock, not %q: %v", h.Who, who, err)
	}
}

// Who has lost the lock takes nothing away from the one who has it now: neither the mark nor the slot nor the limit.
func TestReleaseOfALostLock(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(context.Context, *lock.Lock) error{
		"release": func(ctx context.Context, l *lock.Lock) error { return l.Release(ctx) },
		"discard": func(ctx context.Context, l *lock.Lock) error { return l.Discard(ctx) },
	} {
		b := locks(t)
		first := b.take(t, holder("anna", 1))
		if err := lock.Break(t.Context(), b.api, b.owner); err != nil {
			t.Fatal(err)
		}
		second := b.take(t, holder("ben", 2))
		if err := end(t.Context(), first); err != nil && !prefect.IsNotFound(err) {
			t.Errorf("%s: %v", name, err)
		}
		b.heldBy(t, "ben@test")
		if _, _, err := lock.Take(t.Context(), b.api, b.owner, lock.Options{Holder: holder("carl", 3)}); fault.CodeOf(err) != fault.Refused {
			t.Errorf("%s by one who has lost it gave the lock away: %v", name, err)
		}
		if err := second.Release(t.Context()); err != nil {
			t.Error(err)
		}
		b.heldBy(t, "")
	}
}

// An earlier release writes over a mark that it finds, so its mark may have the id of ours.
func TestReleaseOfAMarkWrittenOver(t *testing.T) {
	t.Parallel()
	b := locks(t)
	l := b.take(t, holder("anna", 1))
	_, variable := b.names(t)
	v, _, err := b.api.Variable(t.Context(), variable)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.api.ChangeVariable(t.Context(), v.ID, map[string]any{"who": "old@test", "host": "test", "pid": 9, "born": 1, "command": "mage deploy:all"}); err != nil {
		t.Fatal(err)
	}
	if err := l.Release(t.Context()); err != nil {
		t.Error(err)
	}
	b.heldBy(t, "old@test")
}

// names gives what the lock is called on the server, as found there.
func (b *bench) names(t *testing.T) (limit, variable string) {
	t.Helper()
	var found []map[string]any
	for _, v := range prerequisite.ListAt(t, b.api.URL(), http.MethodPost, "/variables/filter", map[string]any{"limit": 200}) {
		if name, _ := v["name"].(string); strings.HasPrefix(name, "flowmage_lock_"+strings.ReplaceAll(strings.ToLower(b.owner.Project), "-", "_")+"_dev_") {
			found = append(found, v)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d marks: %v", len(found), found)
	}
	name, _ := found[0]["name"].(string)
	return "flowmage:" + b.owner.Project + ":dev", name
}

// Many who find a dead holder at once: one after the other gets the lock, never two.
func TestManyTakeOver(t *testing.T) {
	t.Parallel()
	b := locks(t)
	for range 2 {
		b.take(t, holder("dead", 1)) // and never given back
		var inside, most, taken atomic.Int32
		var all sync.WaitGroup
		for i := range 3 {
			all.Go(func() {
				l, _, err := lock.Take(t.Context(), b.api, b.owner, lock.Options{
					Holder: holder("n", i+2), Wait: 3 * time.Minute, Dead: func(h lock.Holder) bool { return h.Who == "dead@test" },
				})
				if err != nil {
					t.Error(err)
					return
				}
				most.Store(max(most.Load(), inside.Add(1)))
				if _, err := b.api.EnsureFlow(t.Context(), b.flow.Name); err != nil {
					t.Error(err)
				}
				b.heldBy(t, "n@test")
				inside.Add(-1)
				taken.Add(1)
				if err := l.Release(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if most.Load() != 1 || taken.Load() != 3 {
			t.Fatalf("%d held the lock at once, %d in all", most.Load(), taken.Load())
		}
	}
}

// A lost answer to the request for the lock is asked for again; whether the server has acted or not, at most one has the lock.
func TestLockBehindAFlakyProxy(t *testing.T) {
	t.Parallel()
	taking := func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/increment-with-lease") }
	for name, test := range map[string]struct {
		lose  func(w http.ResponseWriter)
		acted bool
	}{
		"502 before the server": {func(w http.ResponseWriter) {
			http.Error(w, "<html>Bad Gateway</html>", http.StatusBadGateway)
		}, false},
		"504 before the server": {func(w http.ResponseWriter) { w.WriteHeader(http.StatusGatewayTimeout) }, false},
		"reset before":          {func(w http.ResponseWriter) { hangUp(w) }, false},
		"502 behind the server": {func(w http.ResponseWriter) { w.WriteHeader(http.StatusBadGateway) }, true},
		"reset after":           {func(w http.ResponseWriter) { hangUp(w) }, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := locks(t).leased(t)
			if err := b.take(t, holder("first", 1)).Release(t.Context()); err != nil { // makes the limit
				t.Fatal(err)
			}
			var lost atomic.Bool
			api := b.between(t, func(w http.ResponseWriter, r *http.Request, pass http.Handler) {
				switch {
				case !taking(r) || lost.Load():
					pass.ServeHTTP(w, r)
				case !test.acted:
					lost.Store(true)
					test.lose(w)
				default: // only an answer that gives the lock is lost: a busy server may refuse before it acts
					answer := httptest.NewRecorder()
					pass.ServeHTTP(answer, r)
					if answer.Code < http.StatusMultipleChoices {
						lost.Store(true)
						test.lose(w)
						return
					}
					t.Logf("the server answers %d: %s", answer.Code, answer.Body)
					w.WriteHeader(answer.Code)
					_, _ = w.Write(answer.Body.Bytes()) // a client that has gone is the test's subject
				}
			})
			l, _, err := lock.Take(t.Context(), api, b.owner, lock.Options{Holder: holder("anna", 2)})
			if !test.acted {
				if err != nil {
					t.Fatalf("it is not asked for again: %v", err)
				}
				b.heldBy(t, "anna@test")
			} else if fault.CodeOf(err) != fault.Refused || !strings.Contains(err.Error(), "an answer of the server was lost") {
				t.Errorf("the answer was lost with the lock in it: %v", err)
			}
			if _, _, err := lock.Take(t.Context(), b.api, b.owner, lock.Options{Holder: holder("ben", 3)}); fault.CodeOf(err) != fault.Refused {
				t.Errorf("two have the lock: %v", err)
			}
			if l != nil {
				if err := l.Release(t.Context()); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// A mark whose answer was lost is ours, and is not taken for somebody else's.
func TestMarkWhoseAnswerWasLost(t *testing.T) {
	t.Parallel()
	b := locks(t)
	var lost atomic.Bool
	api := b.between(t, func(w http.ResponseWriter, r *http.Request, pass http.Handler) {
		if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/variables/") && !lost.Swap(true) {
			pass.ServeHTTP(httptest.NewRecorder(), r)
			hangUp(w)
			return
		}
		pass.ServeHTTP(w, r)
	})
	l, _, err := lock.Take(t.Context(), api, b.owner, lock.Options{Holder: holder("anna", 1)})
	if err != nil {
		t.Fatal(err)
	}
	b.heldBy(t, "anna@test")
	if err := l.Release(t.Context()); err != nil {
		t.Error(err)
	}
	b.heldBy(t, "")
}

// Breaking a lock breaks the one that was shown.
func TestUnlockOf(t *testing.T) {
	t.Parallel()
	b := locks(t)
	first := b.take(t, holder("anna", 1))
	shown, _, err := lock.Held(t.Context(), b.api, b.owner)
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Release(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := lock.BreakOf(t.Context(), b.api, b.owner, shown); fault.CodeOf(err) != fault.Refused {
		t.Errorf("nobody holds it: %v", err)
	}
	second := b.take(t, holder("ben", 2))
	if err := lock.BreakOf(t.Context(), b.api, b.owner, shown); fault.CodeOf(err) != fault.Refused || !strings.Contains(err.Error(), "changed hands") {
		t.Errorf("somebody else holds it: %v", err)
	}
	b.heldBy(t, "ben@test")
	if shown, _, err = lock.Held(t.Context(), b.api, b.owner); err != nil {
		t.Fatal(err)
	}
	if err := lock.BreakOf(t.Context(), b.api, b.owner, shown); err != nil {
		t.Fatal(err)
	}
	third := b.take(t, holder("carl", 3))
	for _, l := range []*lock.Lock{second, third} {
		if err := l.Release(t.Context()); err != nil {
			t.Error(err)
		}
	}
}
