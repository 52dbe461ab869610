//go:build e2e

package apply_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/flowmage/flowmage/tasks/apply"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/pool"
	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/prefecttest"
)

// TestAppearsBeforeCreate lets somebody make a deployment of our name at each moment between plan and creation. It is overwritten in one case
// only, in which nobody could know, and that is told.
func TestAppearsBeforeCreate(t *testing.T) {
	t.Parallel()
	// The proxy's functions do this, in the name of somebody else.
	type moment struct {
		name    string
		proxy   func(appear func()) *bent
		tags    []string
		want    string // in the failure
		written bool   // over theirs
	}
	asked := func(when func(*http.Request) bool) func(appear func()) *bent {
		return func(appear func()) *bent {
			once := first()
			return &bent{asks: func(r *http.Request, body []byte) []byte {
				if once(when(r)) {
					appear()
				}
				return body
			}}
		}
	}
	refused := func(status int) func(appear func()) *bent {
		return func(appear func()) *bent {
			once := first()
			return &bent{refuses: func(r *http.Request) int {
				if once(creates(r)) {
					appear()
					return status
				}
				return 0
			}}
		}
	}
	foreign := []string{"theirs"}
	moments := []moment{
		{"before the look", asked(func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/deployments/filter") }), foreign, "take it over: mage deploy:adopt -env=dev -file=a.yaml", false},
		{"before the look, with another project's tag", asked(func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/deployments/filter") }), []string{"flowmage:warehouse/prod"}, "belongs to the project warehouse in its environment prod", false},
		{"before the look, with our tag", asked(func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/deployments/filter") }), nil, "with our tag, and is left as it is; run the same command again", false},
		{"after the look", asked(creates), foreign, "the server has put our values over theirs", true},
		{"while our request is refused for a moment", refused(http.StatusServiceUnavailable), foreign, "is not ours: it lacks the tag", false},
		{"behind a gateway, with our tag", refused(http.StatusBadGateway), nil, "with our tag, and is left as it is; run the same command again", false},
		{"behind a gateway that has lost our request", refused(http.StatusBadGateway), foreign, "is not ours: it lacks the tag", false},
	}
	for _, m := range moments {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			b := open(t)
			b.apply(t, `deployments: [{name: zero, entrypoint: "flows/f.py:f", work_pool: {name: "%POOL%"}}]`)
			text := `deployments: [{name: zero, entrypoint: "flows/f.py:f", work_pool: {name: "%POOL%"}}, {name: one, entrypoint: "flows/f.py:f", work_pool: {name: "%POOL%"}}]`
			p := b.plan(t, text)
			p.TakeOver("mage deploy:adopt -env=dev -file=a.yaml")
			var theirs prefect.Deployment
			straight := b.api
			tags := m.tags
			if tags == nil {
				tags = []string{b.owner.Tag()}
			}
			b.through(t, m.proxy(func() {
				f, err := straight.EnsureFlow(t.Context(), b.flow.Name)
				if err == nil {
					theirs, err = prefecttest.CreateDeployment(t.Context(), straight, map[string]any{"name": "one", "flow_id": f.ID, "tags": tags, "description": "made by hand"})
				}
				if err != nil {
					t.Error(err)
				}
			}))
			r, err := apply.Apply(t.Context(), b.api, p, apply.Options{})
			if err != nil || len(r.Failed()) != 1 || r.Failed()[0].Name != "one" || !strings.Contains(r.Failed()[0].Failure, m.want) {
				t.Fatalf("%v %+v", err, r)
			}
			now, err := straight.Deployment(t.Context(), theirs.ID)
			if err != nil || (now.Description != nil && *now.Description == "made by hand") == m.written {
				t.Errorf("%v %+v", err, now)
			}
			if m.written && (!strings.Contains(r.Failed()[0].Failure, theirs.ID) || b.owner.Owns(now.Tags)) {
				t.Errorf("%s %v", r.Failed()[0].Failure, now.Tags)
			}
			c, err := apply.Confirm(t.Context(), b.api, p, r)
			if err != nil {
				t.Fatal(err)
			}
			if err := note(t.Context(), straight, p, r, c); err != nil { // a receipt must not take it for ours
				t.Fatal(err)
			}
			if again := b.plan(t, text); m.tags != nil && again.Count(plan.Blocked) != 1 {
				t.Errorf("the next plan: %s", again.Summary())
			}
		})
	}
}

// TestCreateWhoseAnswerIsLost repeats a creation only where the server has not carried it out.
func TestCreateWhoseAnswerIsLost(t *testing.T) {
	t.Parallel()
	b := open(t)
	once := first()
	sent := 0
	b.through(t, &bent{loses: func(r *http.Request) bool {
		if creates(r) {
			sent++
		}
		return once(creates(r))
	}})
	b.apply(t, rich)
	if sent != 1 {
		t.Errorf("it was sent %d times", sent)
	}
}

// A first deploy looks for many names at once.
func TestLooksBeforeManyCreates(t *testing.T) {
	t.Parallel()
	b := open(t)
	var text strings.Builder
	text.WriteString("deployments:\n")
	for i := range 20 {
		fmt.Fprintf(&text, "  - {name: d%d, entrypoint: \"flows/f.py:f\", work_pool: {name: \"%%POOL%%\"}}\n", i)
	}
	p := b.plan(t, text.String())
	b.reads = nil
	if r, err := apply.Apply(t.Context(), b.api, p, apply.Options{}); err != nil || len(r.Failed()) > 0 {
		t.Fatal(err, r)
	}
	looks := slices.DeleteFunc(b.reads, func(r string) bool { return !strings.HasSuffix(r, "/deployments/filter") })
	if len(looks) == 0 || len(looks) > 10 { // a slow server is asked again after a second
		t.Errorf("%d looks for 20 creations", len(looks))
	}
}

// Two creations of one name in a plan: the second would overwrite the first.
func TestOneNameTwice(t *testing.T) {
	t.Parallel()
	b := open(t)
	p := b.plan(t, single)
	p.Actions = append(p.Actions, p.Actions[0])
	r, err := apply.Apply(t.Context(), b.api, p, apply.Options{})
	if err != nil || len(r.Failed()) != 1 {
		t.Fatal(err, r)
	}
	if owned := b.owned(t); !slices.Equal(owned, []string{"one"}) {
		t.Error(owned)
	}
}

// TestStoresSomethingElse has the server store something else than was sent, in every kind of write. Each is noticed when it is read back, and no
// other deployment is blamed.
func TestStoresSomethingElse(t *testing.T) {
	t.Parallel()
	const text = `
deployments:
  - {name: other, entrypoint: "flows/f.py:f", work_pool: {name: "%POOL%"}}
  - {name: one, entrypoint: "flows/f.py:f", parameters: {n: 5}, schedules: [{cron: "0 6 * * *", slug: s}], work_pool: {name: "%POOL%"}}
`
	edited := strings.NewReplacer("n: 5", "n: 6", "0 6", "0 7").Replace(text)
	lies := map[string]struct {
		before string // what is there already
		asks   func(r *http.Request, body []byte) []byte
	}{
		"a creation": {"", func(r *http.Request, body []byte) []byte {
			if creates(r) && strings.Contains(string(body), `"name":"one"`) {
				return fields(body, map[string]any{"parameters": map[string]any{"n": 7}})
			}
			return body
		}},
		"a creation's schedules": {"", func(r *http.Request, body []byte) []byte {
			if creates(r) && strings.Contains(string(body), `"name":"one"`) {
				return fields(body, map[string]any{"schedules": []any{}})
			}
			return body
		}},
		"an update": {text, func(r *http.Request, body []byte) []byte {
			if r.Method == http.MethodPatch && strings.Contains(string(body), `"parameters":{"n":6}`) {
				return fields(body, map[string]any{"parameters": map[string]any{"n": 5}})
			}
			return body
		}},
		"a schedule": {text, func(r *http.Request, body []byte) []byte {
			if r.Method == http.MethodPatch && strings.Contains(r.URL.Path, "/schedules/") {
				return fields(body, map[string]any{"schedule": map[string]any{"cron": "0 8 * * *"}})
			}
			return body
		}},
	}
	for name, lie := range lies {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := open(t)
			if lie.before != "" {
				b.apply(t, lie.before)
			}
			b.through(t, &bent{asks: lie.asks})
			p := b.plan(t, edited)
			r, err := apply.Apply(t.Context(), b.api, p, apply.Options{})
			if err != nil || len(r.Failed()) > 0 {
				t.Fatal(err, r)
			}
			c, err := apply.Confirm(t.Context(), b.api, p, r)
			if err != nil {
				t.Fatal(err)
			}
			c.Judge(&r)
			if failed := r.Failed(); len(failed) != 1 || failed[0].Name != "one" || !errors.Is(failed[0].Err, apply.ErrDiffers) {
				t.Errorf("%+v", r.Outcomes)
			}
		})
	}
}

// TestPoolMadeMeanwhile has somebody make the work pool between plan and creation. Only one with our marker gets our queues.
func TestPoolMadeMeanwhile(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		kind, marker string
		queues       int
		fails        bool
	}{
		"by ourselves":    {"process", "ours", 2, false},
		"by others":       {"process", "theirs", 1, false},
		"of another type": {"docker", "theirs", 1, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := open(t)
			b.want.Queues = map[string]pool.Queue{"fast": {}}
			p := b.plan(t, single)
			marker := map[string]string{"ours": b.owner.PoolMarker(), "theirs": "theirs"}[test.marker]
			if _, err := b.api.CreateWorkPool(t.Context(), prefect.WorkPool{Name: b.pool, Type: test.kind, Description: marker}); err != nil {
				t.Fatal(err)
			}
			if _, err := apply.Apply(t.Context(), b.api, p, apply.Options{}); (err != nil) != test.fails {
				t.Error(err)
			}
			if queues, err := b.api.WorkQueues(t.Context(), b.pool); err != nil || len(queues) != test.queues {
				t.Errorf("%v %+v", err, queues)
			}
		})
	}
}
