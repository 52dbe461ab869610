package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/flowmage/flowmage/tasks/prefect"
)

// floorWord is the first argument with which this program is the floor.
const floorWord = "floor"

// floor sends what a plan must read, side by side: floor URL TAG POOL.
func floor(ctx context.Context, args []string) error {
	if len(args) != 3 {
		return fmt.Errorf("floor takes 3 arguments, not %d", len(args))
	}
	api, err := prefect.New(prefect.Options{URL: args[0]})
	if err != nil {
		return err
	}
	var errs [4]error
	var group sync.WaitGroup
	group.Go(func() { _, errs[0] = api.Version(ctx) })
	group.Go(func() {
		_, errs[1] = api.Deployments(ctx, prefect.DeploymentFilter{Tags: []string{args[1]}})
	})
	group.Go(func() { _, errs[2] = api.FlowsOfDeployments(ctx, args[1]) })
	group.Go(func() { _, _, errs[3] = api.WorkPool(ctx, args[2]) })
	group.Wait()
	return errors.Join(errs[:]...)
}

// unchangedThree deploys the three samples again and again, when nothing has changed.
func unchangedThree(ctx context.Context, l *lab, rounds int) ([]row, error) {
	const project = "flowmage-samples"
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	if err := foreignManifest(filepath.Join(l.root, "prefect.dev.yaml"), filepath.Join(l.root, "prefect.cli.yaml"), "flowmage:"+project+"/dev"); err != nil {
		return nil, err
	}
	if err := l.agree(ctx, l.url, 3); err != nil {
		return nil, err
	}
	contenders := append(l.both("`mage deploy:all`", func(l *lab, api string) (turn, error) { return l.tool(ctx, api, "deploy:all") }), []contender{
		{"floor: the same reads and nothing else", func(api string) (turn, error) {
			return l.exec(ctx, nil, self, floorWord, api, "flowmage:"+project+"/dev", project+"-dev")
		}},
		{"`prefect deploy --all`", func(api string) (turn, error) {
			return l.prefect(ctx, api, "deploy", "--all", "--prefect-file", "prefect.cli.yaml")
		}},
	}...)
	return l.measured("3 deployments, unchanged", l.url, rounds, contenders)
}

// measured lets the contenders compete, then counts their requests.
func (l *lab) measured(job, api string, rounds int, contenders []contender) ([]row, error) {
	rows, err := compete(job, api, rounds, contenders)
	if err != nil {
		return nil, err
	}
	for i := range rows {
		if err := rows[i].count(api, contenders[i]); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// count keeps the fewest requests of three rounds, as a server that stalls makes a client ask again; of one round, where that takes long.
func (r *row) count(api string, c contender) error {
	rounds := 3
	if r.median() > 5*time.Second {
		rounds = 1
	}
	for i := range rounds {
		all, writes, err := count(api, c)
		if err != nil {
			return err
		}
		if i == 0 || all < r.requests {
			r.requests, r.writes = all, writes
		}
	}
	return nil
}

// foreignManifest writes the manifest with other names and without our tag, so that Prefect's own command line and we don't
// undo each other's work.
func foreignManifest(from, to, tag string) error {
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	text := strings.ReplaceAll(string(data), "-python-dev\"", "-cli\"")
	return os.WriteFile(to, []byte(strings.ReplaceAll(text, tag, "cli")), 0o600) //nolint:gosec // both lie in our own folder
}

// count runs a contender once through a proxy that counts.
func count(api string, c contender) (all, writes int, err error) {
	target, err := url.Parse(strings.TrimSuffix(api, "/api"))
	if err != nil {
		return 0, 0, err
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	var seen, wrote atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen.Add(1)
		if prefect.IsWrite(r.Method, r.URL.Path) {
			wrote.Add(1)
		}
		proxy.ServeHTTP(w, r)
	}))
	defer server.Close()
	_, err = c.run(server.URL + "/api")
	return int(seen.Load()), int(wrote.Load()), err
}
