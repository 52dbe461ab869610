//go:build e2e

package deploying

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/live"
	"github.com/flowmage/flowmage/tasks/ownership"
	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/prefecttest"
	"github.com/flowmage/flowmage/tasks/prerequisite"
	"github.com/flowmage/flowmage/tasks/session"
)

// TestSilent has a runner ask for the runs of one served deployment on and on, of another once, and of a third never. Only the first one is still
// served.
func TestSilent(t *testing.T) {
	t.Parallel()
	const word = "command-silent"
	api, err := prefect.New(prefect.Options{URL: prerequisite.Server(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(api.Close)
	f, err := api.EnsureFlow(t.Context(), word)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = prefecttest.DeleteFlow(context.WithoutCancel(t.Context()), api, f.ID) })
	owner := ownership.Owner{Project: word, Env: "dev"}
	ids := map[string]string{}
	for _, name := range []string{"alive", "ended", "never"} {
		d, err := prefecttest.CreateDeployment(t.Context(), api, map[string]any{"name": name, "flow_id": f.ID, "tags": []string{owner.ServeTag()}})
		if err != nil {
			t.Fatal(err)
		}
		ids[name] = d.ID
	}
	ask := func(ctx context.Context, id string) {
		body := strings.NewReader(`{"deployment_ids": ["` + id + `"]}`)
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, api.URL()+"/deployments/get_scheduled_flow_runs", body)
		if err != nil {
			return
		}
		r.Header.Set("Content-Type", "application/json")
		if resp, err := http.DefaultClient.Do(r); err == nil {
			_, _ = io.Copy(io.Discard, resp.Body)
			_ = resp.Body.Close()
		}
	}
	polled := func(name string) time.Time { // the server notes it in the background
		for {
			d, err := api.Deployment(t.Context(), ids[name])
			if err != nil {
				t.Fatal(err)
			}
			if d.LastPolled != nil {
				return *d.LastPolled
			}
		}
	}
	for _, name := range []string{"alive", "ended"} {
		ask(t.Context(), ids[name])
		polled(name)
	}
	served, err := live.Served(t.Context(), api, owner)
	if err != nil || len(served) != 3 {
		t.Fatal(err, served)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		for ctx.Err() == nil {
			ask(ctx, ids["alive"])
		}
	}()
	var told bytes.Buffer
	c := &cleaning{s: &session.Session{Console: console.New(&bytes.Buffer{}, &told)}, to: session.Server{API: api}, owner: owner}
	w := c.watching()
	w.Gap = 5 * time.Second
	silent, err := w.Silent(t.Context(), served)
	got := map[string]bool{}
	for _, a := range silent {
		got[a.Name] = true
	}
	if err != nil || len(got) != 2 || !got["ended"] || !got["never"] || !strings.Contains(told.String(), "alive stays: somebody serves it") {
		t.Errorf("%v %v\n%s", err, got, told.String())
	}
}
