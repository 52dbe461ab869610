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
	"time"

	system "github.com/shirou/gopsutil/v4/process"

	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/prefecttest"
	"github.com/flowmage/flowmage/tasks/prerequisite"
)

// stage is a repository whose flows are served to the shared server. Each run writes a line of its own into the flow's file.
type stage struct {
	lab
	api *prefect.Client
}

const servedFlow = `import os
import time
from prefect import flow

while os.path.exists("%[1]s.hold"):  # a run is pending until its file is loaded
    time.sleep(0.1)

@flow(name="%[1]s")
def work(seconds: float = 0.0):
    with open("%[1]s.begun", "a") as f:
        f.write("run\n")
    time.sleep(seconds)
    while os.path.exists("%[1]s.stay"):
        time.sleep(0.1)
    with open("%[1]s.done", "a") as f:
        f.write("run\n")
`

// newStage makes flows named project-1, project-2, … and those whose text is given by their folder.
func newStage(t *testing.T, project string, flows int, others map[string]string) *stage {
	t.Helper()
	api := prerequisite.Server(t)
	s := emptyStage(t, project, flows, others)
	s.lab = *s.with("PREFECT_API_URL=" + api)
	s.connect(t, api, "")
	return s
}

// newOwnStage is a stage with a server of its own, which a test may kill.
func newOwnStage(t *testing.T, project string, flows int, others map[string]string) *stage {
	t.Helper()
	prerequisite.Server(t) // so that a bare `go test` starts none
	s := emptyStage(t, project, flows, others)
	s.downAtEnd(t)
	s.ownPort(t)
	s.run(t, 0, "env:up")
	server, _ := s.status(t)
	s.connect(t, server.URL, s.auth(t))
	return s
}

func emptyStage(t *testing.T, project string, flows int, others map[string]string) *stage {
	t.Helper()
	s := &stage{lab: lab{root: t.TempDir(), mage: program(t), environ: append(
		clean(), "FLOWMAGE_PYTHON="+prerequisite.Python(t), "FLOWMAGE_PROJECT="+project,
	)}}
	for i := range flows {
		name := fmt.Sprintf("%s-%d", project, i+1)
		s.edit(t, "flows/"+name+"/workflow.py", fmt.Sprintf(servedFlow, name))
	}
	for folder, text := range others {
		s.edit(t, "flows/"+folder+"/workflow.py", text)
	}
	return s
}

func (s *stage) connect(t *testing.T, api, auth string) {
	t.Helper()
	var err error
	if s.api, err = prefect.New(prefect.Options{URL: api, AuthString: auth}); err != nil {
		t.Fatal(err)
	}
}

// again starts a run of a served flow and gives its id.
func (s *stage) again(t *testing.T, flow string, parameters map[string]any) string {
	t.Helper()
	d, err := s.api.DeploymentByName(t.Context(), flow, flow+"-serve-dev")
	if err != nil {
		t.Fatal(err)
	}
	run, err := s.api.CreateFlowRun(t.Context(), d.ID, prefect.FlowRunRequest{Parameters: parameters})
	if err != nil {
		t.Fatal(err)
	}
	return run.ID
}

// hold keeps runs of a flow pending until they are released, however slow the machine is.
func (s *stage) hold(t *testing.T, flow string) (release func()) { return s.mark(t, flow+".hold") }

// stay keeps runs of a flow running until they are released, however slow the machine is.
func (s *stage) stay(t *testing.T, flow string) (release func()) { return s.mark(t, flow+".stay") }

func (s *stage) mark(t *testing.T, file string) (remove func()) {
	t.Helper()
	s.edit(t, file, "")
	return func() {
		if err := os.Remove(filepath.Join(s.root, file)); err != nil {
			t.Fatal(err)
		}
	}
}

// awaitState waits for a run to come to one of these states.
func (s *stage) awaitState(t *testing.T, id string, states ...string) {
	t.Helper()
	tick := time.NewTicker(300 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(hangs)
	for {
		run, err := s.api.FlowRun(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		last := run.State.Type + " " + run.State.Message
		if slices.Contains(states, run.State.Type) {
			return
		}
		if run.State.Terminal() {
			t.Fatalf("the run of %v is %s, not %v", run.Parameters, last, states)
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("the run stays %s", last)
		}
	}
}

// lines counts what the runs of a flow have written.
func (s *stage) lines(t *testing.T, file string) int {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(s.root, file))
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return strings.Count(string(data), "\n")
}

// child gives the process that a command has started, when it has no other any more.
func child(t *testing.T, r *running) int {
	t.Helper()
	p, err := system.NewProcess(int32(r.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	var children []*system.Process
	await(t, "it has one child", hangs, func() bool {
		children, err = p.Children()
		return err == nil && len(children) == 1
	})
	return int(children[0].Pid)
}

// Flows that can't be loaded, the end of the whole program by one of them, and a killed runner hold nobody up; no run is done twice, and
// Ctrl-C lets runs finish.
func TestServe(t *testing.T) {
	t.Parallel()
	const project = "serve-many"
	count := prerequisite.Size(3, 22)
	s := newStage(t, project, count, map[string]string{
		"broken": "from prefect import flow\n\nraise RuntimeError('no licence')\n\n@flow\ndef broken():\n    pass\n",
		"deadly": "import os\nfrom prefect import flow\n\nos._exit(9)\n\n@flow\ndef deadly():\n    pass\n",
	})
	r := s.start(t, "flows:serve", "-limit=2")
	r.stderr.await(t, fmt.Sprintf("ready: %d served flows", count))
	for _, want := range []string{
		"broken-serve-dev is not served: RuntimeError: no licence (flows/broken/workflow.py:3)",
		"deadly-serve-dev is not served: loading it has ended the whole program (exit status 9)",
	} {
		if !strings.Contains(r.stderr.String(), want) {
			t.Errorf("it does not say %q:\n%s", want, r.stderr)
		}
	}
	all := func() {
		var ids []string
		for i := range count {
			ids = append(ids, s.again(t, fmt.Sprintf("%s-%d", project, i+1), nil))
		}
		for _, id := range ids {
			s.awaitState(t, id, prefect.StateCompleted)
		}
	}
	all()
	first := project + "-1"
	release := s.stay(t, first)
	slow := s.again(t, first, nil)
	s.awaitState(t, slow, prefect.StateRunning)
	// What a run writes once its runner is gone ends it: see docs/serve.md. This one writes until its flow has begun.
	await(t, "the flow has begun", hangs, func() bool { return s.lines(t, first+".begun") == 2 })
	kill(t, child(t, r)) // as the system does when memory is short
	r.stderr.awaitTimes(t, "ready: ", 2)
	release()
	all()
	s.awaitState(t, slow, prefect.StateCompleted)
	release = s.stay(t, first)
	last := s.again(t, first, nil)
	s.awaitState(t, last, prefect.StateRunning)
	r.signal(t, syscall.SIGINT)
	r.stderr.await(t, "ending; ")
	release()
	if a := r.wait(t); a.code != 3 || strings.Count(a.stdout, "serving ") != count {
		t.Errorf("exit code %d\n%s\n%s", a.code, a.stdout, a.stderr)
	}
	s.awaitState(t, last, prefect.StateCompleted)
	if !strings.Contains(r.stderr.String(), first+" | ") {
		t.Errorf("no line is prefixed with its flow:\n%s", r.stderr)
	}
	for i := range count {
		name, want := fmt.Sprintf("%s-%d", project, i+1), 2
		if i == 0 {
			want = 4
		}
		if begun, done := s.lines(t, name+".begun"), s.lines(t, name+".done"); begun != want || done != want {
			t.Errorf("%s: %d runs begun and %d done, want %d", name, begun, done, want)
		}
	}
}

// A second signal hands the run under way back: it starts again when its flow is served the next time. With -watch a change is served
// at once, and the run under way is left alone.
func TestServeHandsBack(t *testing.T) {
	t.Parallel()
	const project = "serve-back"
	s := newStage(t, project, 1, nil)
	flow := project + "-1"
	template, err := os.ReadFile("../../templates/prefect.yaml.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	const schedules = "    schedules: {{ yaml .Schedules }}\n"
	s.edit(t, "templates/prefect.yaml.tmpl", strings.Replace(string(template), schedules, "", 1)) // the settings always declare some, were it none
	r := s.start(t, "flows:serve", "-watch", "-pause")
	r.stderr.await(t, "ready: ")
	id := s.again(t, flow, map[string]any{"seconds": 600})
	s.awaitState(t, id, prefect.StateRunning)
	first, err := s.api.DeploymentByName(t.Context(), flow, flow+"-serve-dev")
	if err != nil {
		t.Fatal(err)
	}
	byHand, err := s.api.CreateSchedules(t.Context(), first.ID, []map[string]any{{"schedule": map[string]any{"cron": "0 5 1 1 *"}, "active": false}})
	if err != nil {
		t.Fatal(err)
	}
	s.edit(t, "flows/second/workflow.py", fmt.Sprintf(servedFlow, project+"-2"))
	r.stderr.await(t, "ready: 2 served flows")
	if now, err := s.api.Schedules(t.Context(), first.ID); err != nil || len(now) != 1 || now[0].ID != byHand[0].ID || now[0].Active {
		t.Errorf("the schedule that was made by hand, where none are declared, is not left alone: %+v %v", now, err)
	}
	r.signal(t, syscall.SIGTERM)
	r.stderr.await(t, "ending; ")
	r.signal(t, syscall.SIGTERM)
	if a := r.wait(t); a.code != 0 || !strings.Contains(a.stderr, "run "+id+" is handed back") {
		t.Fatalf("exit code %d\n%s", a.code, a.stderr)
	}
	s.awaitState(t, id, prefect.StateScheduled)
	for _, name := range []string{flow, project + "-2"} {
		if d, err := s.api.DeploymentByName(t.Context(), name, name+"-serve-dev"); err != nil || !d.Paused {
			t.Errorf("%s is not paused: %v\n%s", name, err, r.stderr)
		}
	}
	if _, err := s.api.SetFlowRunState(t.Context(), id, prefect.State{Type: prefect.StateCancelled}, true); err != nil {
		t.Fatal(err)
	}
}

// A name that runs in a work pool is not taken away from there, nor is one of somebody else's.
func TestServeRefused(t *testing.T) {
	t.Parallel()
	const project = "serve-taken"
	s := newStage(t, project, 1, nil)
	name := project + "-1"
	f, err := s.api.EnsureFlow(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	d, err := prefecttest.CreateDeployment(t.Context(), s.api, map[string]any{"flow_id": f.ID, "name": name + "-serve-dev"})
	if err != nil {
		t.Fatal(err)
	}
	a := s.run(t, 7, "flows:serve")
	if !strings.Contains(a.stderr, "lacks the tag flowmage:serve-taken/dev/serve") {
		t.Error(a.stderr)
	}
	pool, err := s.api.CreateWorkPool(t.Context(), prefect.WorkPool{Name: project, Type: "process"})
	if err != nil && !prefect.IsConflict(err) {
		t.Fatal(err)
	}
	change := map[string]any{"work_pool_name": project, "work_queue_name": "default", "tags": []string{"flowmage:serve-taken/dev/serve"}}
	if err := s.api.UpdateDeployment(t.Context(), d.ID, change); err != nil {
		t.Fatal(pool.Name, err)
	}
	a = s.run(t, 7, "flows:serve")
	if !strings.Contains(a.stderr, "runs in the work pool serve-taken") {
		t.Error(a.stderr)
	}
	if err := s.api.DeleteDeployment(t.Context(), d.ID); err != nil {
		t.Fatal(err)
	}
}
