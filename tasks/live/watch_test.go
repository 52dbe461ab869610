package live

import (
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/ownership"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/prefecttest"
)

// What is served stays, however far this machine's clock or that of a proxy is off, and what has been silent for long need not be watched.
func TestSilentByOtherClocks(t *testing.T) {
	t.Parallel()
	owner := ownership.Owner{Project: "shop", Env: "dev"}
	began := time.Now().UTC()
	for name, c := range map[string]struct{ ahead, told time.Duration }{
		"all agree":                 {},
		"this machine's is ahead":   {ahead: -3 * time.Hour},
		"this machine's is behind":  {ahead: 3 * time.Hour},
		"the proxy's is ahead":      {told: 10 * time.Minute},
		"the proxy's is behind":     {told: -10 * time.Minute},
		"both are off, by a little": {ahead: -20 * time.Minute, told: 10 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := prefecttest.StandIn(t, c.ahead, c.told, map[string]func(time.Time) any{"/deployments/filter": func(now time.Time) any {
				var out []any
				for name, polled := range map[string]any{"alive": now, "ended": began.Add(c.ahead), "long": began.Add(c.ahead - 2*time.Hour), "never": nil} {
					out = append(out, map[string]any{"id": name, "name": name, "flow_id": "f", "tags": []string{owner.ServeTag()}, "last_polled": polled})
				}
				return out
			}, "/flows/filter": theFlow, "/flows/": func(time.Time) any { return work }})
			silent := func(names ...string) map[string]bool {
				got := map[string]bool{}
				list, err := Served(t.Context(), api, owner)
				if err != nil {
					t.Fatal(err)
				}
				list = slices.DeleteFunc(list, func(x plan.Action) bool { return !slices.Contains(names, x.Name) })
				w := Watch{
					API: api, Owner: owner, Gap: time.Second, // time for one look
					Begin: func() { got["watched"] = true },
					Stays: func(x plan.Action) { got[x.Name+" stays"] = true },
				}
				out, err := w.Silent(t.Context(), list)
				if err != nil {
					t.Fatal(err)
				}
				for _, x := range out {
					got[x.Name] = true
				}
				return got
			}
			want := map[string]bool{"watched": true, "alive stays": true, "ended": true, "long": true, "never": true}
			if diff := cmp.Diff(want, silent("alive", "ended", "long", "never")); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(map[string]bool{"long": true, "never": true}, silent("long", "never")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

var work = map[string]any{"id": "f", "name": "work"}

func theFlow(time.Time) any { return []any{work} }

// A server that can't write notes no questions for runs. What it has not noted is no sign that nobody asks.
func TestSilentOnABusyServer(t *testing.T) {
	t.Parallel()
	owner := ownership.Owner{Project: "shop", Env: "dev"}
	for name, c := range map[string]struct {
		busy   int // so many answers are 503
		always bool
		gap    time.Duration
		want   []string
		code   fault.Code
	}{
		"it writes":              {gap: 1500 * time.Millisecond, want: []string{"alive stays"}},
		"it writes after a time": {busy: 3, gap: time.Second, want: []string{"alive stays"}},
		"it never gets to it":    {always: true, gap: 300 * time.Millisecond, code: fault.Server},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var asked, answered atomic.Int64
			began := time.Now().UTC()
			api := prefecttest.StandIn(t, 0, 0, map[string]func(time.Time) any{
				"/deployments/filter": func(now time.Time) any {
					polled := began
					if !c.always && (c.busy == 0 || answered.Load() > 1) {
						polled = now // who serves asks some time after the server writes again
					}
					return []any{map[string]any{"id": "alive", "name": "alive", "flow_id": "f", "tags": []string{owner.ServeTag()}, "last_polled": polled}}
				},
				"/flows/filter": theFlow,
				"/flows/": func(time.Time) any {
					if n := int(asked.Add(1)); n <= c.busy || c.always && n%2 == 1 {
						return prefecttest.Busy
					}
					answered.Add(1)
					return work
				},
			})
			list, err := Served(t.Context(), api, owner)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			w := Watch{API: api, Owner: owner, Gap: c.gap, Begin: func() {}, Stays: func(x plan.Action) { got = append(got, x.Name+" stays") }}
			out, err := w.Silent(t.Context(), list)
			if diff := cmp.Diff(c.want, got); diff != "" || len(out) > 0 || err == nil && c.code != 0 || err != nil && fault.CodeOf(err) != c.code {
				t.Errorf("%s %v %v", diff, out, err)
			}
		})
	}
}
