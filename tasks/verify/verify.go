// Package verify compares the world with the plan after a deploy: does the server hold what was planned, can runs start, and does
// the UI show it.
//
// Start with [Deployments] and [UI]; each gives rungs, one for each thing that was looked at, in the order in which failures
// explain each other.
package verify

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/flowmage/flowmage/tasks/deploy"
	"github.com/flowmage/flowmage/tasks/prefect"
)

// Rung is one check of the world.
type Rung struct {
	Name    string  `json:"name"`
	OK      bool    `json:"ok"`
	Detail  string  `json:"detail"`         // what was seen
	Next    string  `json:"next,omitempty"` // of a failed one: what to do
	Seconds float64 `json:"seconds"`
}

// check is one question to the world: what was seen, and what to do if it is not well.
type check func(ctx context.Context) (ok bool, detail, next string)

func climb(ctx context.Context, name string, c check) Rung {
	start := time.Now()
	ok, detail, next := c(ctx)
	r := Rung{Name: name, OK: ok, Detail: detail, Seconds: time.Since(start).Seconds()}
	if !ok {
		r.Next = next
	}
	return r
}

// Deployments checks that the server holds what the plan wants, that the pools are ready with a worker online, and that scheduled
// deployments have runs to come. The plan must be fresh.
func Deployments(ctx context.Context, api *prefect.Client, p deploy.Plan) []Rung {
	rungs := []Rung{climb(ctx, "deployments equal the plan", func(context.Context) (bool, string, string) {
		return p.Empty(), p.Summary(), "mage deploy:all -env=" + p.Env
	})}
	for _, pool := range p.UsedPools() {
		rungs = append(rungs,
			climb(ctx, "work pool "+pool, func(ctx context.Context) (bool, string, string) { return ready(ctx, api, pool) }),
			climb(ctx, "worker of "+pool, func(ctx context.Context) (bool, string, string) { return online(ctx, api, pool, p.Env) }))
	}
	if ids := p.Scheduled(); len(ids) > 0 {
		rungs = append(rungs, climb(ctx, "scheduled runs", func(ctx context.Context) (bool, string, string) { return upcoming(ctx, api, ids) }))
	}
	return rungs
}

func ready(ctx context.Context, api *prefect.Client, name string) (bool, string, string) {
	pool, there, err := api.WorkPool(ctx, name)
	switch {
	case err != nil:
		return false, err.Error(), "is the server well? its log tells"
	case !there:
		return false, "it does not exist", "a deploy creates it: mage deploy:all"
	case pool.Paused:
		return false, "it is paused, so no run starts", "resume it in the UI, or: prefect work-pool resume " + name
	default:
		return true, "type " + pool.Type, ""
	}
}

func online(ctx context.Context, api *prefect.Client, pool, env string) (bool, string, string) {
	workers, err := api.OnlineWorkers(ctx, pool)
	switch {
	case err != nil:
		return false, err.Error(), "is the server well? its log tells"
	case len(workers) == 0:
		return false, "none is online, so runs stay scheduled", "mage env:worker -env=" + env + " (in dev, mage env:up starts one)"
	default:
		return true, workers[0].Name + " is online", ""
	}
}

// upcoming waits a little: the server schedules new deployments every five seconds.
func upcoming(ctx context.Context, api *prefect.Client, ids []string) (bool, string, string) {
	deadline := time.Now().Add(15 * time.Second)
	for {
		runs, err := api.ScheduledRuns(ctx, ids)
		if err != nil {
			return false, err.Error(), "is the server well? its log tells"
		}
		have := map[string]bool{}
		for _, r := range runs {
			have[r.DeploymentID] = true
		}
		if len(have) == len(ids) {
			return true, fmt.Sprintf("%d to come", len(runs)), ""
		}
		if time.Now().After(deadline) {
			return false, fmt.Sprintf("%d of %d scheduled deployments have no run to come", len(ids)-len(have), len(ids)),
				"are deployment and schedule active? else the server's scheduler is not running"
		}
		select {
		case <-ctx.Done():
			return false, ctx.Err().Error(), ""
		case <-time.After(time.Second):
		}
	}
}

// UI checks that the pages are served and that the API's address which they will use is the one we talk to.
func UI(ctx context.Context, api *prefect.Client, root string) []Rung {
	if api.IsCloud() {
		return []Rung{{Name: "UI", OK: true, Detail: "Prefect Cloud's own: " + root}}
	}
	settings, err := api.UISettings(ctx)
	if err != nil {
		return []Rung{{Name: "UI settings", Detail: err.Error(), Next: "is the UI switched off (PREFECT_SERVER_UI_ENABLED)?"}}
	}
	rungs := []Rung{climb(ctx, "UI's API address", func(context.Context) (bool, string, string) {
		return sameServer(settings.APIURL, api.URL()), settings.APIURL,
			"the pages talk to that address, not to " + api.URL() + ": start the server with PREFECT_SERVER_API_PORT or PREFECT_SERVER_UI_API_URL set"
	})}
	for _, ui := range settings.AvailableUIs {
		base := settings.V1BaseURL
		if ui == "v2" {
			base = settings.V2BaseURL
		}
		page := strings.TrimSuffix(root, "/") + strings.TrimSuffix(base, "/") + "/deployments"
		rungs = append(rungs, climb(ctx, "UI "+ui, func(ctx context.Context) (bool, string, string) { return served(ctx, page) }))
	}
	return rungs
}

// sameServer compares host and port; the names of the loopback host count as one.
func sameServer(a, b string) bool {
	x, err1 := url.Parse(a)
	y, err2 := url.Parse(b)
	return err1 == nil && err2 == nil && x.Port() == y.Port() && loopback(x.Hostname()) == loopback(y.Hostname())
}

func loopback(host string) string {
	if slices.Contains([]string{"localhost", "127.0.0.1", "::1"}, host) {
		return "localhost"
	}
	return host
}

// served asks for a page as a browser does.
func served(ctx context.Context, page string) (bool, string, string) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, page, nil)
	if err != nil {
		return false, err.Error(), "check server.ui in envs/"
	}
	req.Header.Set("Accept", "text/html")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return false, err.Error(), "is the UI's address right? see server.ui in envs/"
	}
	defer resp.Body.Close() //nolint:errcheck // nothing was written
	if resp.StatusCode != http.StatusOK {
		return false, fmt.Sprintf("%s answers %s", page, resp.Status), "is the UI switched off, or another service at that address?"
	}
	return true, page, ""
}
