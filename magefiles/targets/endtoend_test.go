//go:build unix

package targets

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/prefecttest"
	"github.com/flowmage/flowmage/tasks/prerequisite"
)

var ours = []string{"rpa1-python-dev", "rpa2-python-dev", "rpa3-python-dev"}

// TestEndToEnd takes a fresh repository from nothing to completed runs on a real server, with interruptions on the way.
func TestEndToEnd(t *testing.T) { //nolint:tparallel // the steps build on each other
	t.Parallel()
	prerequisite.Server(t) // so that a bare `go test` does not install an environment
	l := newLab(t)
	l.ownPort(t)
	l.through(t, slices.Concat([]step{
		{"signals during the first start", signalsAtStart},
		{"first deploy", firstDeploy},
		{"unchanged", unchanged},
		{"the manifest as Prefect's own client reads it", asPrefect},
		{"runs", runs},
		{"both UIs in a browser", browsing},
		{"one parameter", oneParameter},
		{"verify", verifying},
	}, anyServer(), []step{
		{"kill the server", killServer},
		{"kill the server during a deploy", killServerAtWork},
		{"kill the worker", killWorker},
		{"kill the tool", killTool},
		{"signals during a deploy", signalsAtDeploy},
		{"signal during a run", signalAtRun},
		{"clean", cleaning},
		{"down", down},
	}))
}

// anyServer is what deploys do on every server, once one parameter was changed.
func anyServer() []step {
	return []step{
		{"status and history", statusAndHistory},
		{"rollback", rollingBack},
		{"a plan on disk", planOnDisk},
		{"adopt and unlock", adopting},
		{"a manifest written by hand", writtenByHand},
		{"a write that fails", failedWrite},
		{"two deploys at once", twoAtOnce},
		{"a broken flow blocks itself", brokenFlow},
		{"a flow that is gone", goneFlow},
		{"pool of the wrong type", wrongPool},
	}
}

const interruptedLine = "Error: exit code 130: interrupted"

func interrupted(t *testing.T, a answer) {
	t.Helper()
	if a.code != 130 || !strings.HasSuffix(strings.TrimSpace(a.stderr), interruptedLine) {
		t.Fatalf("exit code %d\n%s", a.code, a.stderr)
	}
}

func signalsAtStart(t *testing.T, l *lab) {
	for _, phase := range []struct {
		says   string
		signal syscall.Signal
	}{
		{"installing Prefect", syscall.SIGTERM},
		{"starting the Prefect server", syscall.SIGINT},
	} {
		r := l.start(t, "deploy:all")
		r.stderr.await(t, phase.says)
		r.signal(t, phase.signal)
		interrupted(t, r.wait(t))
	}
}

func firstDeploy(t *testing.T, l *lab) {
	a := l.run(t, 0, "deploy:all")
	if got := strings.Count(a.stdout, "created "); got != 4 { // the work pool among them
		t.Errorf("%d created:\n%s", got, a.stdout)
	}
	if diff := cmp.Diff(ours, l.names(t)); diff != "" {
		t.Error(diff)
	}
	told := regexp.MustCompile(`visible in the UI: 3 of 3 deployments, (\d+\.\d) s after the server's answer`).FindStringSubmatch(a.stderr)
	switch {
	case told != nil:
		t.Logf("visible %s s after the server's answer, by the ladder", told[1])
	case l.api == "":
		t.Errorf("it is not told when all were visible:\n%s", a.stderr)
	}
	l.run(t, 0, "deploy:plan", "-exitcode")
}

// scheduled gives the ids of the runs that the server has scheduled, once there are some.
func (l *lab) scheduled(t *testing.T) []string {
	t.Helper()
	api, ids := l.client(t), []string{}
	for _, d := range l.deployments(t) {
		ids = append(ids, d.ID)
	}
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(hangs)
	for {
		list, err := api.ScheduledRuns(t.Context(), ids)
		if err != nil {
			t.Fatal(err)
		}
		if len(list) >= 3 {
			out := []string{}
			for _, r := range list {
				out = append(out, r.ID)
			}
			slices.Sort(out)
			return out
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatal("the server schedules nothing")
		}
	}
}

func unchanged(t *testing.T, l *lab) {
	before := l.scheduled(t)
	c := &counter{}
	server := c.serve(t, l.address(t))
	a := l.with(l.asking(t, server)...).run(t, 0, "deploy:all")
	if strings.Count(a.stdout, "unchanged ") != 3 {
		t.Errorf("not unchanged:\n%s\n%s", a.stdout, a.stderr)
	}
	if len(c.writes) > 0 || c.all == 0 {
		t.Errorf("%d requests, writes: %v", c.all, c.writes)
	}
	t.Logf("%d requests", c.all)
	if diff := cmp.Diff(before, l.scheduled(t)); diff != "" {
		t.Errorf("scheduled runs changed:\n%s", diff)
	}
}

// asPrefect deploys the rendered manifest with Prefect's own command line: what it stores is what we planned, so that nothing is
// left to do for us.
func asPrefect(t *testing.T, l *lab) {
	server, _ := l.status(t)
	python := filepath.Join(l.root, ".flowmage", "python", "bin", "python")
	cmd := exec.CommandContext(t.Context(), python, "-m", "prefect", "--no-prompt", "deploy", "--all", "--prefect-file", "prefect.dev.yaml")
	cmd.Dir, cmd.Env = l.root, slices.Concat(l.environ, l.asking(t, server.URL), []string{"PREFECT_HOME=" + t.TempDir()})
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if a := l.start(t, "deploy:plan", "-exitcode").wait(t); a.code != 0 {
		t.Errorf("exit code %d\n%s", a.code, a.stdout)
	}
	l.run(t, 0, "deploy:all")
}

func runs(t *testing.T, l *lab) {
	followed := 0 // a run's last lines may arrive when it is over, and on a busy machine too late
	for flow, file := range map[string]string{"rpa1": "sales_report.json", "rpa2": "validation_report.json", "rpa3": "orders_report.json"} {
		a := l.run(t, 0, "flows:run", flow, "-timeout=3m")
		if !strings.HasPrefix(lastLine(a.stdout), "completed ") {
			t.Errorf("%s:\n%s\n%s", flow, a.stdout, a.stderr)
		}
		followed += strings.Count(a.stderr, "Finished in state Completed()")
		data, err := os.ReadFile(filepath.Join(l.root, "flows", flow, "output", file))
		if err != nil || !json.Valid(data) {
			t.Errorf("%s: %v", file, err)
		}
	}
	if followed == 0 {
		t.Error("no run's log was followed to its end")
	}
	a := l.run(t, 8, "flows:run", "rpa2", `-params={"max_invalid": 0}`, "-timeout=3m")
	if !strings.Contains(a.stderr, "4 invalid records, 0 are allowed") {
		t.Errorf("the reason is missing:\n%s", a.stderr)
	}
	l.run(t, 2, "flows:run", "rpa2", `-params={"max_invalid": "many"}`)
	l.run(t, 2, "flows:run", "rpa2", `-params={"maxinvalid": 1}`)
}

func lastLine(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return lines[len(lines)-1]
}

func oneParameter(t *testing.T, l *lab) {
	envs := "flows:\n  rpa1:\n    parameters:\n      batch_size: 10\n  rpa3:\n    schedules:\n      - cron: \"0 6 * * 1-5\"\n        timezone: Europe/Berlin\n"
	l.edit(t, "envs/dev.yaml", envs)
	a := l.run(t, 10, "deploy:plan", "-exitcode")
	want := "~ update rpa1-python-dev\n    parameters.batch_size: (not set) -> 10\n0 to create, 1 to update, 2 unchanged, 0 blocked\n"
	if diff := cmp.Diff(want, a.stdout); diff != "" {
		t.Error(diff)
	}
	c := &counter{}
	l.with(l.asking(t, c.serve(t, l.address(t)))...).run(t, 0, "deploy:all")
	// Lock and receipt are written besides.
	if written := c.done("/deployments/"); len(written) != 1 || !strings.HasPrefix(written[0], "PATCH ") {
		t.Errorf("not exactly one PATCH: %v", c.writes)
	}
	for _, d := range l.deployments(t) {
		if n, ok := d.Parameters["batch_size"].(json.Number); d.Name == ours[0] && (!ok || n != "10") {
			t.Errorf("parameters %v", d.Parameters)
		}
	}
	l.run(t, 0, "deploy:plan", "-exitcode")
}

func verifying(t *testing.T, l *lab) {
	a := l.run(t, 0, "verify:all", "-env=dev")
	for _, want := range []string{"deployments equal the plan", "is online", "UI pages: v1 ", ", v2 ", "to come", "visible in the UI: 3 of 3"} {
		if !strings.Contains(a.stdout, want) {
			t.Errorf("no %q in\n%s", want, a.stdout)
		}
	}
	a = l.run(t, 0, "verify:deployments", "-smoke=rpa1")
	if !strings.Contains(a.stdout, "ok        run of rpa1-python-dev: ") {
		t.Error(a.stdout)
	}
}

func statusAndHistory(t *testing.T, l *lab) {
	a := l.run(t, 0, "deploy:status", "-exitcode")
	if !strings.Contains(a.stdout, "since then    0 changes by other hands") {
		t.Error(a.stdout)
	}
	id := l.deployments(t)[0].ID
	if err := l.client(t).UpdateDeployment(t.Context(), id, map[string]any{"description": "by hand"}); err != nil {
		t.Fatal(err)
	}
	a = l.run(t, 10, "deploy:status", "-exitcode")
	if !strings.Contains(a.stdout, "rpa1-python-dev: it was changed") || !strings.Contains(a.stdout, `description: "by hand" -> `) {
		t.Error(a.stdout)
	}
	l.run(t, 0, "deploy:all")
	l.run(t, 0, "deploy:status", "-exitcode")
	a = l.run(t, 0, "deploy:history")
	if !strings.Contains(lastLine(a.stdout), "0 to create, 1 to update, 2 unchanged, 0 blocked") {
		t.Error(a.stdout)
	}
}

func rollingBack(t *testing.T, l *lab) {
	before := l.run(t, 0, "deploy:plan").stdout
	l.with("FLOWMAGE_PARAMETERS__BATCH_SIZE=33").run(t, 0, "deploy:all") // the flow's own 10 wins
	changed := l.with("FLOWMAGE_FLOWS__RPA1__PARAMETERS__BATCH_SIZE=33")
	changed.run(t, 0, "deploy:all")
	l.run(t, 7, "deploy:rollback")
	a := l.run(t, 0, "deploy:rollback", "-yes")
	if !strings.Contains(a.stderr, "parameters.batch_size: 33 -> 10") {
		t.Error(a.stderr)
	}
	if diff := cmp.Diff(before, l.run(t, 0, "deploy:plan", "-exitcode").stdout); diff != "" {
		t.Error(diff)
	}
	l.run(t, 2, "deploy:rollback", "-to=9999", "-yes")
}

func planOnDisk(t *testing.T, l *lab) {
	changed := l.with("FLOWMAGE_FLOWS__RPA1__PARAMETERS__BATCH_SIZE=34")
	changed.run(t, 0, "deploy:plan", "-out=plan.json")
	if a := l.run(t, 7, "deploy:apply", "plan.json"); !strings.Contains(a.stderr, "the plan does not hold any more") {
		t.Error(a.stderr)
	}
	id := l.deployments(t)[0].ID
	if err := l.client(t).UpdateDeployment(t.Context(), id, map[string]any{"parameters": map[string]any{"batch_size": 5}}); err != nil {
		t.Fatal(err)
	}
	changed.run(t, 7, "deploy:apply", "plan.json")
	changed.run(t, 0, "deploy:plan", "-out=plan.json")
	changed.run(t, 0, "deploy:apply", "plan.json")
	changed.run(t, 0, "deploy:plan", "-exitcode")
	changed.run(t, 7, "deploy:apply", "plan.json") // it is done
	l.run(t, 2, "deploy:apply", "nothing.json")
	l.run(t, 2, "deploy:apply", "envs/dev.yaml")
	settled(t, l)
}

// adopting gives a deployment back and takes it over again.
func adopting(t *testing.T, l *lab) {
	l.run(t, 2, "deploy:release")
	l.run(t, 2, "deploy:release", "-only=rpa1", "-all")
	if a := l.run(t, 2, "deploy:release", "-only=rpa9"); !strings.Contains(a.stderr, "/rpa1-python-dev") {
		t.Error(a.stderr)
	}
	l.run(t, 7, "deploy:release", "-only=rpa1")
	if a := l.run(t, 0, "deploy:release", "-only=rpa1", "-kind=container", "-yes"); !strings.Contains(a.stderr, "nothing to release") {
		t.Error(a.stderr)
	}
	if a := l.run(t, 0, "deploy:release", "-only=rpa1", "-yes"); !strings.HasPrefix(a.stdout, "released  rpa1-python-dev") {
		t.Error(a.stdout)
	}
	if a := l.run(t, 0, "deploy:status"); !strings.Contains(a.stdout, "0 changes by other hands") {
		t.Error(a.stdout)
	}
	if a := l.run(t, 3, "deploy:all"); !strings.Contains(a.stderr, "mage deploy:adopt -env=dev") {
		t.Error(a.stderr)
	}
	l.run(t, 7, "deploy:adopt")
	if a := l.run(t, 0, "deploy:adopt", "-yes"); !strings.Contains(a.stdout, "adopted   rpa1-python-dev") {
		t.Error(a.stdout)
	}
	settled(t, l)
	l.run(t, 7, "deploy:unlock")
	l.run(t, 0, "deploy:unlock", "-yes")
}

func writtenByHand(t *testing.T, l *lab) {
	l.edit(t, "prefect.yaml", `deployments:
  - name: by-hand
    entrypoint: flows/rpa1/workflow.py:rpa1_workflow
    parameters: {batch_size: 7, currency: "{{ $CURRENCY }}"}
    schedule: {cron: "0 5 * * *"}
    work_pool: {name: flowmage-samples-dev, job_variables: {env: {A: b}}}
  - name: broken
    entrypoint: flows/rpa2/workflow.py:rpa2_workflow
    parameters: {maxinvalid: 1}
    work_pool: {name: flowmage-samples-dev}
  - name: poolless
    entrypoint: flows/rpa3/workflow.py:rpa3_workflow
    work_pool: {name: no-such-pool}
`)
	hand := l.with("CURRENCY=CHF")
	a := hand.run(t, 3, "deploy:all", "-file=prefect.yaml", "-project=hand")
	for _, want := range []string{"created   by-hand", "blocked   broken", "blocked   poolless"} {
		if !strings.Contains(a.stdout, want) {
			t.Errorf("no %q in\n%s\n%s", want, a.stdout, a.stderr)
		}
	}
	d, err := l.client(t).DeploymentByName(t.Context(), "rpa1", "by-hand")
	if err != nil {
		t.Fatal(err)
	}
	step, _ := d.PullSteps[0]["prefect.deployments.steps.set_working_directory"].(map[string]any)
	if d.Parameters["currency"] != "CHF" || len(d.Schedules) != 1 || !slices.Contains(d.Tags, "flowmage:hand/dev") || step["directory"] != l.root {
		t.Errorf("got %+v", d)
	}
	if a := hand.run(t, 0, "deploy:all", "-file=prefect.yaml", "-project=hand", "-only=rpa1"); !strings.Contains(a.stdout, "unchanged by-hand") {
		t.Error(a.stdout)
	}
	l.run(t, 0, "deploy:plan", "-exitcode") // the others are not ours
	l.edit(t, "prefect.yaml", "deployments: []\n")
	hand.run(t, 10, "deploy:plan", "-file=prefect.yaml", "-project=hand", "-prune", "-exitcode")
	hand.run(t, 0, "deploy:all", "-file=prefect.yaml", "-project=hand", "-prune")
	if diff := cmp.Diff(ours, l.names(t)); diff != "" {
		t.Error(diff)
	}
	l.run(t, 2, "deploy:plan", "-file=none.yaml")
}

// failedWrite is about exit codes 6 and 1: the server refuses one of two writes, and a file can't be written.
func failedWrite(t *testing.T, l *lab) {
	wrong := l.with(`FLOWMAGE_FLOWS__RPA1__SCHEDULES=[{rrule: "FREQ=DAILY;UNTIL=20309999"}]`, "FLOWMAGE_FLOWS__RPA2__TAGS=other")
	a := wrong.run(t, 6, "deploy:all")
	if !strings.Contains(a.stdout, "failed    rpa1-python-dev") || !strings.Contains(a.stdout, "updated   rpa2-python-dev") ||
		!strings.HasSuffix(strings.TrimSpace(a.stderr), "Error: exit code 6: partly failed") {
		t.Errorf("%s\n%s", a.stdout, a.stderr)
	}
	settled(t, l)
	rendered := filepath.Join(l.root, "prefect.dev.yaml")
	if err := os.Remove(rendered); err != nil {
		t.Fatal(err)
	}
	l.edit(t, "prefect.dev.yaml/x", "")
	if a := l.run(t, 1, "deploy:all"); !strings.Contains(a.stderr, "the rendered manifest can't be written") {
		t.Error(a.stderr)
	}
	if err := os.RemoveAll(rendered); err != nil {
		t.Fatal(err)
	}
	settled(t, l)
}

func twoAtOnce(t *testing.T, l *lab) {
	for round := range prerequisite.Size(4, 50) {
		if round%2 == 0 { // first deploys; the others are updates
			l.run(t, 0, "deploy:clean", "-yes", "-kind=python") // the worker and its pool stay
		}
		one := l.with(fmt.Sprintf("FLOWMAGE_TAGS=one%d", round)).start(t, "deploy:all")
		two := l.with(fmt.Sprintf("FLOWMAGE_TAGS=two%d", round)).start(t, "deploy:all")
		for _, r := range []*running{one, two} {
			if a := r.wait(t); a.code != 0 {
				t.Fatalf("exit code %d\n%s\n%s", a.code, a.stdout, a.stderr)
			}
		}
		tags := map[string]bool{}
		for _, d := range l.deployments(t) {
			tags[strings.Join(d.Tags, " ")] = true
		}
		if diff := cmp.Diff(ours, l.names(t)); diff != "" || len(tags) != 1 {
			t.Fatalf("neither of the two plans: %v %s", tags, diff)
		}
	}
	settled(t, l)
}

func brokenFlow(t *testing.T, l *lab) {
	file := filepath.Join(l.root, "flows", "rpa2", "workflow.py")
	good, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	l.edit(t, "flows/rpa2/workflow.py", string(good)+"\ndef broken(:\n")
	l.edit(t, "flows/rpa1/extra.py", "X = 1\n")
	a := l.run(t, 3, "deploy:all")
	if strings.Count(a.stdout, "unchanged ") != 2 || strings.Count(a.stdout, "blocked ") != 1 || !strings.Contains(a.stderr, "[python-syntax]") {
		t.Errorf("%s\n%s", a.stdout, a.stderr)
	}
	l.run(t, 3, "deploy:all", "-strict")
	if diff := cmp.Diff(ours, l.names(t)); diff != "" {
		t.Error(diff)
	}
	l.edit(t, "flows/rpa2/workflow.py", string(good))
	l.run(t, 0, "deploy:all")
}

func goneFlow(t *testing.T, l *lab) {
	file := filepath.Join(l.root, "flows", "rpa2", "workflow.py")
	if err := os.Rename(file, file+".gone"); err != nil {
		t.Fatal(err)
	}
	a := l.run(t, 0, "deploy:all")
	if !strings.Contains(a.stderr, "? left over rpa2-python-dev (flow rpa2): no flow or setting asks for it") {
		t.Error(a.stderr)
	}
	protected := l.with("FLOWMAGE_PROTECT=true")
	if a := protected.run(t, 0, "deploy:all", "-prune"); !strings.Contains(a.stderr, "it is protected") {
		t.Error(a.stderr)
	}
	protected.run(t, 7, "deploy:clean", "-yes")
	l.run(t, 0, "deploy:all", "-prune", "-only=rpa1")
	if diff := cmp.Diff(ours, l.names(t)); diff != "" {
		t.Error(diff)
	}
	l.with("FLOWMAGE_PRUNE=true").run(t, 0, "deploy:all")
	if diff := cmp.Diff([]string{ours[0], ours[2]}, l.names(t)); diff != "" {
		t.Error(diff)
	}
	if err := os.Rename(file+".gone", file); err != nil {
		t.Fatal(err)
	}
	l.run(t, 0, "deploy:all")
}

func wrongPool(t *testing.T, l *lab) {
	api := l.client(t)
	if _, err := api.CreateWorkPool(t.Context(), prefect.WorkPool{Name: "docker-pool", Type: "docker"}); err != nil {
		t.Fatal(err)
	}
	a := l.with("FLOWMAGE_POOLS__PYTHON__NAME=docker-pool").run(t, 3, "deploy:plan")
	if !strings.Contains(a.stdout, `the work pool "docker-pool" on`) || !strings.Contains(a.stdout, "has the type docker, these deployments need process") {
		t.Error(a.stdout)
	}
	if err := api.DeleteWorkPool(t.Context(), "docker-pool"); err != nil {
		t.Fatal(err)
	}
}

func kill(t *testing.T, pid int) {
	t.Helper()
	if pid <= 1 {
		t.Fatalf("no process to kill: pid %d", pid)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
}

// settled checks that a deploy leads to the planned state, nothing doubled.
func settled(t *testing.T, l *lab) {
	t.Helper()
	l.run(t, 0, "deploy:all")
	if diff := cmp.Diff(ours, l.names(t)); diff != "" {
		t.Error(diff)
	}
	l.run(t, 0, "deploy:plan", "-exitcode")
}

func killServer(t *testing.T, l *lab) {
	server, _ := l.status(t)
	kill(t, server.PID)
	settled(t, l)
	if again, _ := l.status(t); again.PID == server.PID || again.URL != server.URL {
		t.Errorf("before %v, after %v", server, again)
	}
}

func killServerAtWork(t *testing.T, l *lab) {
	r := rand.New(rand.NewPCG(8, 13))
	for range 3 {
		l.run(t, 0, "deploy:clean", "-yes", "-kind=python") // the worker and its pool stay
		server, _ := l.status(t)
		tool := l.start(t, "deploy:all")
		timer := time.AfterFunc(time.Duration(50+r.IntN(250))*time.Millisecond, func() { _ = syscall.Kill(server.PID, syscall.SIGKILL) })
		tool.wait(t)
		timer.Stop()
		settled(t, l)
	}
}

func killWorker(t *testing.T, l *lab) {
	_, workers := l.status(t)
	if len(workers) != 1 {
		t.Fatalf("%d workers", len(workers))
	}
	kill(t, workers[0].PID)
	settled(t, l)
	if _, again := l.status(t); len(again) != 1 || again[0].PID == workers[0].PID {
		t.Errorf("before %v, after %v", workers, again)
	}
	l.run(t, 0, "flows:run", "rpa1", "-timeout=3m")
}

func killTool(t *testing.T, l *lab) {
	rounds := prerequisite.Size(15, 200)
	r := rand.New(rand.NewPCG(3, 5))
	for i := range rounds {
		l.run(t, 0, "deploy:clean", "-yes", "-kind=python") // the worker and its pool stay
		tool := l.start(t, "deploy:all")
		timer := time.AfterFunc(time.Duration(r.IntN(400))*time.Millisecond, func() { _ = tool.cmd.Process.Kill() })
		tool.wait(t)
		timer.Stop()
		if settled(t, l); t.Failed() {
			t.Fatalf("round %d", i)
		}
	}
}

func signalsAtDeploy(t *testing.T, l *lab) {
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		l.run(t, 0, "deploy:clean", "-yes", "-kind=python") // the worker and its pool stay
		r := l.start(t, "deploy:all")
		r.stderr.await(t, "3 to create") // the plan is printed, the writes begin
		r.signal(t, s)
		if a := r.wait(t); a.code != 0 { // it may have been done already
			interrupted(t, a)
		}
		settled(t, l)
	}
}

func signalAtRun(t *testing.T, l *lab) {
	r := l.start(t, "flows:run", "rpa3", `-params={"delay": 3}`)
	r.stderr.await(t, "state ")
	r.signal(t, syscall.SIGINT)
	a := r.wait(t)
	interrupted(t, a)
	if !strings.Contains(a.stderr, "it goes on") {
		t.Error(a.stderr)
	}
}

func cleaning(t *testing.T, l *lab) {
	api := l.client(t)
	flow, err := api.EnsureFlow(t.Context(), "somebody-elses")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := prefecttest.CreateDeployment(t.Context(), api, map[string]any{"name": "foreign", "flow_id": flow.ID, "tags": []string{"flowmage:other/dev"}}); err != nil {
		t.Fatal(err)
	}
	l.run(t, 7, "deploy:clean")
	a := l.run(t, 0, "deploy:clean", "-yes")
	if strings.Count(a.stdout, "deleted   rpa") != 3 || strings.Count(a.stdout, "deleted   work pool") != 1 {
		t.Error(a.stdout)
	}
	if _, workers := l.status(t); len(workers) > 0 {
		t.Error("a worker goes on without its pool", workers)
	}
	if diff := cmp.Diff([]string{"foreign"}, l.names(t)); diff != "" {
		t.Error(diff)
	}
}

func down(t *testing.T, l *lab) {
	server, workers := l.status(t)
	l.run(t, 0, "env:down")
	for _, p := range append(workers, server) {
		// Whoever inherited it may take a moment to collect it.
		for deadline := time.Now().Add(10 * time.Second); syscall.Kill(p.PID, 0) == nil; runtime.Gosched() {
			if time.Now().After(deadline) {
				t.Fatalf("process %d is still there", p.PID)
			}
		}
	}
	if again, _ := l.status(t); again.PID != 0 {
		t.Errorf("status still has %v", again)
	}
	l.run(t, 4, "deploy:plan")
}
