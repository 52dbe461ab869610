//go:build unix

package targets

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/flowmage/flowmage/tasks/prefect"
)

// BenchmarkProcesses measures what a second API process gives: pages of 199 deployments with a schedule each, read, and deployments
// written, per second, by one, four and sixteen clients at once; behind a proxy, as the files of env:render have it, and together on one
// port (`--workers`). FLOWMAGE_TEST_API, if set, is measured beside it: an empty server on
// SQLite. docs/scaling.md has the figures:
//
//	go test ./magefiles/targets -run - -bench Processes -benchtime 100x
func BenchmarkProcesses(b *testing.B) {
	script, err := filepath.Abs("../../.ci/cluster")
	if err != nil {
		b.Fatal(err)
	}
	if sqlite := os.Getenv("FLOWMAGE_TEST_API"); sqlite != "" {
		measure(b, "sqlite", sqlite, []int{1}) // more writers only get in each other's way
	}
	for _, processes := range []string{"1 behind", "2 behind", "2 together"} {
		dir := b.TempDir()
		stop := func() {
			if out, err := exec.CommandContext(context.Background(), script, "stop", dir).CombinedOutput(); err != nil {
				b.Errorf("%v\n%s", err, out)
			}
		}
		b.Cleanup(stop)
		out, err := exec.CommandContext(b.Context(), script, append([]string{dir}, strings.Fields(processes)...)...).Output()
		if err != nil {
			b.Skipf("no cluster: %v", err)
		}
		measure(b, "processes="+strings.ReplaceAll(processes, " ", "-"), strings.TrimSpace(string(out)), []int{1, 4, 16})
		stop()
	}
}

// measure runs the benchmarks of one server.
func measure(b *testing.B, server, url string, writers []int) {
	b.Helper()
	api, err := prefect.New(prefect.Options{URL: url})
	if err != nil {
		b.Fatal(err)
	}
	flow, err := api.EnsureFlow(b.Context(), "f")
	if err != nil {
		b.Fatal(err)
	}
	var number atomic.Int64
	var page []string
	write := func() error {
		_, err := api.MakeDeployment(b.Context(), flow.Name, map[string]any{
			"name": fmt.Sprintf("d%d", number.Add(1)), "flow_id": flow.ID, "entrypoint": "f.py:f", "tags": []string{"t"},
			"schedules": []map[string]any{{"schedule": map[string]any{"cron": "0 6 * * *"}, "active": false, "slug": "s"}},
		})
		return err
	}
	read := func() error {
		_, err := api.Deployments(b.Context(), prefect.DeploymentFilter{Names: page})
		return err
	}
	for i := range 199 { // one fewer than a page: a full one is followed by a second question
		page = append(page, fmt.Sprintf("d%d", i+1))
		if err := write(); err != nil {
			b.Fatal(err)
		}
	}
	for _, clients := range []int{1, 4, 16} {
		b.Run(fmt.Sprintf("read/%s/clients=%d", server, clients), func(b *testing.B) { together(b, clients, read) })
	}
	for _, clients := range writers {
		b.Run(fmt.Sprintf("write/%s/clients=%d", server, clients), func(b *testing.B) { together(b, clients, write) })
	}
}

// together has clients do b.N pieces of work among them.
func together(b *testing.B, clients int, work func() error) {
	b.Helper()
	var left atomic.Int64
	left.Store(int64(b.N))
	failed := make(chan error, clients)
	for range clients {
		go func() {
			for left.Add(-1) >= 0 {
				if err := work(); err != nil {
					failed <- err
					return
				}
			}
			failed <- nil
		}()
	}
	for range clients {
		if err := <-failed; err != nil {
			b.Error(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "per_s")
}
