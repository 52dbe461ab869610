//go:build unix

package targets

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/prerequisite"
)

// TestChaos kills an API process and then a worker, each in the middle of many runs. Of the first nobody notices anything; what the second
// had taken is completed, or named within 90 seconds and started again. Nothing does its work twice, but for runs that died after it and before
// they could say so: whoever starts those again is told that they had begun.
func TestChaos(t *testing.T) {
	t.Parallel()
	prerequisite.Python(t) // so that a bare `go test` does not install an environment
	deployments, runs, limit := 40, 10, 4
	if prerequisite.Full() {
		deployments, runs, limit = 500, 150, 6
	}
	c := newCluster(t, deployments)
	start := time.Now()
	c.lab.run(t, 0, "deploy:all", "-env=staging")
	t.Logf("%d deployments written in %.1f s", deployments, time.Since(start).Seconds())
	start = time.Now()
	c.lab.run(t, 0, "deploy:all", "-env=staging")
	t.Logf("%d deployments found unchanged in %.1f s", deployments, time.Since(start).Seconds())
	c.startWorker(t, "one", limit)
	c.startWorker(t, "two", limit)

	start = time.Now()
	c.begin(t, runs, 1)
	c.middle(t, runs/3)
	if err := syscall.Kill(c.pids["api-1"], syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	await(t, "all runs are over though an API process is gone", 30*time.Minute, func() bool { return len(c.open(t)) == 0 })
	for _, r := range c.runs(t) {
		if r.State.Type != prefect.StateCompleted {
			t.Errorf("%s is %s: %s", r.Name, r.State.Name, r.State.Message)
		}
	}
	t.Logf("%d runs in %.0f s, all completed; an API process was killed in the middle", runs, time.Since(start).Seconds())

	c.begin(t, runs, 2)
	c.middle(t, runs+runs/3)
	family(t, c.workers["two"].cmd.Process.Pid)
	killed := time.Now()
	named := c.namedLeft(t, killed)
	all, unsaid := make([]string, 0, len(named)), map[string]int{}
	for id := range named {
		all, unsaid[id] = append(all, id), c.done(id)
	}
	if len(all) > 0 {
		var answer struct{ Rescheduled []struct{ ID string } }
		out := c.lab.run(t, 0, "flows:reschedule", "-env=staging", "-begun", "-yes", "-json", "-runs="+strings.Join(all, ",")).stdout
		if err := json.Unmarshal([]byte(out), &answer); err != nil || len(answer.Rescheduled) != len(all) {
			t.Errorf("%d were to be rescheduled: %v %s", len(all), err, out)
		}
	}
	await(t, "all runs are over", 30*time.Minute, func() bool { return len(c.open(t)) == 0 })
	c.settled(t, 2*runs, unsaid)
	again := c.lab.run(t, 0, "deploy:status", "-env=staging", "-json").stdout
	if left := leftBehind(t, again); len(left) > 0 {
		t.Errorf("still left behind: %v", left)
	}
}

// begin creates runs, spread over the deployments.
func (c *cluster) begin(t *testing.T, runs int, phase int) {
	t.Helper()
	api := c.api(t)
	deployments, err := api.Deployments(t.Context(), prefect.DeploymentFilter{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range runs {
		d := deployments[i*len(deployments)/runs]
		request := prefect.FlowRunRequest{Parameters: map[string]any{"seconds": 1 + i%3}, Tags: []string{"phase-" + string(rune('0'+phase))}}
		if _, err := api.CreateFlowRun(t.Context(), d.ID, request); err != nil {
			t.Fatal(err)
		}
	}
}

func (c *cluster) runs(t *testing.T) []prefect.FlowRun {
	t.Helper()
	list, err := c.api(t).FlowRuns(t.Context(), prefect.FlowRunFilter{Tags: []string{"flowmage:many/staging"}})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// open gives the runs that are not over.
func (c *cluster) open(t *testing.T) []prefect.FlowRun {
	t.Helper()
	var out []prefect.FlowRun
	for _, r := range c.runs(t) {
		if !r.State.Terminal() {
			out = append(out, r)
		}
	}
	return out
}

// middle waits until that many runs are completed.
func (c *cluster) middle(t *testing.T, completed int) {
	t.Helper()
	await(t, "the runs are half done", 30*time.Minute, func() bool { return len(c.runs(t))-len(c.open(t)) >= completed })
}

// namedLeft waits until each run that the dead worker had taken is completed or named, and gives the named ones.
func (c *cluster) namedLeft(t *testing.T, killed time.Time) map[string]bool {
	t.Helper()
	named := map[string]bool{}
	await(t, "each run of the dead worker is completed or named", naming(killed), func() bool {
		named = leftBehind(t, c.lab.run(t, 0, "deploy:status", "-env=staging", "-json").stdout)
		for _, r := range c.open(t) {
			// One that it had taken, and not signed for yet, is told by being pending for so long.
			if (r.Worker() == "two" || r.Worker() == "" && r.State.Type == prefect.StatePending) && !named[r.ID] {
				return false
			}
		}
		return true
	})
	t.Logf("%d runs of the dead worker named after %.0f s", len(named), time.Since(killed).Seconds())
	for _, r := range c.runs(t) {
		if named[r.ID] && r.Worker() != "two" && r.Worker() != "" {
			t.Errorf("%s is named, but %s is alive", r.Name, r.Worker())
		}
	}
	return named
}

// naming is how long it may take to name the runs of what was killed then: 90 seconds, which are measured at full size, on a machine that does nothing
// else.
func naming(killed time.Time) time.Duration {
	if prerequisite.Full() {
		return 90*time.Second - time.Since(killed)
	}
	return 10 * time.Minute
}

// leftBehind gives the ids that deploy:status -json names.
func leftBehind(t *testing.T, status string) map[string]bool {
	t.Helper()
	var answer struct {
		Left []struct {
			ID string `json:"id"`
		} `json:"left_behind"`
	}
	if err := json.Unmarshal([]byte(status), &answer); err != nil {
		t.Fatal(err)
	}
	out := map[string]bool{}
	for _, l := range answer.Left {
		out[l.ID] = true
	}
	return out
}

// done tells how many times a run has done its work.
func (c *cluster) done(id string) int {
	lines, _ := os.ReadFile(filepath.Join(c.lab.root, "done", id))
	return strings.Count(string(lines), "done\n")
}

// settled checks that every run is completed, and has done its work once since it was started for the last time. unsaid is how often it had done it
// before.
func (c *cluster) settled(t *testing.T, want int, unsaid map[string]int) {
	t.Helper()
	runs := c.runs(t)
	if len(runs) != want {
		t.Errorf("%d runs, want %d", len(runs), want)
	}
	for _, r := range runs {
		if r.State.Type != prefect.StateCompleted {
			t.Errorf("%s is %s: %s", r.Name, r.State.Name, r.State.Message)
		}
		if done := c.done(r.ID); done != unsaid[r.ID]+1 || unsaid[r.ID] > 1 {
			t.Errorf("%s has done its work %d times, %d of them before it was started again", r.Name, done, unsaid[r.ID])
		}
	}
}
