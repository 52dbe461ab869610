package live

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

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
					out = append(out, map[string]any{"id": name, "name": name, "tags": []string{owner.ServeTag()}, "last_polled": polled})
				}
				return out
			}})
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
