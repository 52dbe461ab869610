//go:build unix

package targets

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/prefecttest"
)

const telling = `import os
from prefect import flow

WHO = os.environ["WHO"]

@flow(name="%[1]s")
def work(text: str = "a"):
    with open("%[1]s.done", "a") as f:
        f.write(f"{WHO} {os.environ['WHO']} {text}\n")
`

// TestServeSettings serves two flows with settings of their own. What is gone the next time is removed from the server, and nothing else:
// neither what another environment serves, nor what somebody serves from another checkout.
func TestServeSettings(t *testing.T) {
	t.Parallel()
	const project = "serve-gone"
	one, two, three := project+"-one", project+"-two", project+"-three"
	s := newStage(t, project, 0, map[string]string{one: fmt.Sprintf(telling, one), two: fmt.Sprintf(telling, two)})
	s.edit(t, "envs/dev.yaml", "env: {WHO: everybody}\nflows:\n  "+one+": {env: {WHO: one}, parameters: {text: b}, tags: [nightly], concurrency: 2,\n"+
		"    schedules: [{cron: 0 6 * * 1-5, timezone: Europe/Berlin}]}\n")
	r := s.start(t, "flows:serve")
	r.stderr.await(t, "ready: 2 served flows")
	for flow, want := range map[string]string{one: "one one b\n", two: "everybody everybody a\n"} {
		s.awaitState(t, s.again(t, flow, nil), prefect.StateCompleted)
		if got, err := os.ReadFile(filepath.Join(s.root, flow+".done")); string(got) != want {
			t.Errorf("%s: %q %v, want %q", flow, got, err, want)
		}
	}
	d, err := s.api.DeploymentByName(t.Context(), one, one+"-serve-dev")
	if err != nil || !slices.Contains(d.Tags, "nightly") || d.ConcurrencyLimit == nil || *d.ConcurrencyLimit != 2 || len(d.Schedules) != 1 ||
		d.Schedules[0].Rule.Cron != "0 6 * * 1-5" || d.Schedules[0].Rule.Timezone != "Europe/Berlin" {
		t.Errorf("%+v %v", d, err)
	}
	if err := s.api.UpdateSchedule(t.Context(), d.ID, d.Schedules[0].ID, map[string]any{"active": false}); err != nil {
		t.Fatal(err)
	}
	r.signal(t, syscall.SIGINT)
	if a := r.wait(t); !strings.Contains(a.stderr, "still on the server: ["+one+"-serve-dev "+two+"-serve-dev]; `mage deploy:clean -env=dev -served` deletes") {
		t.Error(a.stderr)
	}

	other := newStage(t, project, 0, map[string]string{three: fmt.Sprintf(servedFlow, three)})
	elsewhere := other.start(t, "flows:serve", "-only="+three)
	elsewhere.stderr.await(t, "ready: 1 served flow")
	f, err := s.api.EnsureFlow(t.Context(), two)
	if err != nil {
		t.Fatal(err)
	}
	foreign, err := prefecttest.CreateDeployment(t.Context(), s.api, map[string]any{"flow_id": f.ID, "name": two + "-serve-staging", "tags": []string{"flowmage:" + project + "/staging/serve"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(s.root, "flows", two)); err != nil {
		t.Fatal(err)
	}
	s.edit(t, "envs/dev.yaml", "env: {WHO: everybody}\nflows: {"+one+": {schedules: [{cron: 0 7 * * 1-5, timezone: Europe/Berlin}]}}\n")
	r = s.start(t, "flows:serve")
	r.stderr.await(t, "~ update "+one+"-serve-dev\n    schedules.cron: \"0 6 * * 1-5\" -> \"0 7 * * 1-5\"\n")
	r.stdout.await(t, "removed   "+two+"-serve-dev: no flow or setting asks for it any more")
	r.stderr.await(t, three+"-serve-dev stays: nothing here asks for it, but somebody serves it")
	for _, x := range []*running{r, elsewhere} {
		x.signal(t, syscall.SIGINT)
		x.wait(t)
	}
	schedule := d.Schedules[0]
	d, err = s.api.DeploymentByName(t.Context(), one, one+"-serve-dev")
	if err != nil || len(d.Schedules) != 1 || d.Schedules[0].ID != schedule.ID || d.Schedules[0].Active || d.Schedules[0].Rule.Cron != "0 7 * * 1-5" {
		t.Errorf("the schedule %+v is not edited in place, or not paused any more: %+v %v", schedule, d.Schedules, err)
	}
	if _, err := s.api.DeploymentByName(t.Context(), two, two+"-serve-dev"); !prefect.IsNotFound(err) {
		t.Error(err)
	}
	if _, err := s.api.DeploymentByName(t.Context(), three, three+"-serve-dev"); err != nil {
		t.Error(err)
	}
	if err := s.api.DeleteDeployment(t.Context(), foreign.ID); err != nil {
		t.Error(err)
	}
}
