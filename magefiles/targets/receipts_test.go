//go:build unix

package targets

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/ownership"
	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/prefecttest"
	"github.com/flowmage/flowmage/tasks/prerequisite"
	"github.com/flowmage/flowmage/tasks/receipt"
)

// receipts gives the stage's receipts, oldest first.
func (s *stage) receipts(t *testing.T, project string) []receipt.Receipt {
	t.Helper()
	list, err := receipt.History(t.Context(), s.api, ownership.Owner{Project: project, Env: "dev"}, 0)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// states gives version, tags and parameters of the project's flows' deployments, by name.
func (s *stage) states(t *testing.T, flows ...string) map[string]string {
	t.Helper()
	list, err := s.api.Deployments(t.Context(), prefect.DeploymentFilter{Flows: flows})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, d := range list {
		out[d.Name] = fmt.Sprint(d.ID, d.Tags, d.Parameters, d.Updated)
	}
	return out
}

// After a newer flowmage has deployed, this one refuses whatever would write after its receipt or needs to know what that says.
func TestNewerFlowmage(t *testing.T) {
	t.Parallel()
	const project = "receipt-newer"
	one, two := project+"-1", project+"-2"
	s := newStage(t, project, 2, nil)
	s.run(t, 0, "deploy:all")
	newer, err := receipt.Load(t.Context(), s.api, s.receipts(t, project)[0])
	if err != nil {
		t.Fatal(err)
	}
	newer.Format, newer.ID = receipt.Format+1, "20300102t030405-abcdef"
	if _, err := newer.Store(t.Context(), s.api); err != nil {
		t.Fatal(err)
	}
	before := s.states(t, one, two)
	changed := s.with("FLOWMAGE_FLOWS__RECEIPT_NEWER_1__DESCRIPTION=new")
	s.run(t, 0, "deploy:all") // there is nothing to write
	s.run(t, 0, "deploy:history")
	for _, command := range [][]string{
		{"deploy:all"}, {"deploy:python", "-only=" + one}, {"flows:run", one}, {"deploy:rollback", "-yes", "-to=0"}, {"deploy:clean", "-yes"},
		{"deploy:release", "-all", "-yes"}, {"deploy:status"},
	} {
		if a := changed.run(t, 7, command...); !strings.Contains(a.stderr, "update flowmage: go get ") {
			t.Errorf("%v: %s", command, a.stderr)
		}
	}
	if diff := cmp.Diff(before, s.states(t, one, two)); diff != "" {
		t.Error(diff)
	}
	d, err := s.api.DeploymentByName(t.Context(), one, one+"-python-dev")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.api.UpdateDeployment(t.Context(), d.ID, map[string]any{"tags": []string{"theirs"}}); err != nil {
		t.Fatal(err)
	}
	for _, command := range [][]string{{"deploy:all"}, {"deploy:adopt", "-yes"}} {
		s.run(t, 7, command...)
	}
	if list := s.receipts(t, project); len(list) != 2 {
		t.Errorf("%d receipts", len(list))
	}
	if err := receipt.Forget(t.Context(), s.api, ownership.Owner{Project: project, Env: "dev"}); err != nil {
		t.Fatal(err)
	}
	if err := prefecttest.DeleteFlow(t.Context(), s.api, d.FlowID); err != nil { // a clean leaves what lacks our tag
		t.Fatal(err)
	}
	s.run(t, 0, "deploy:clean", "-yes")
}

// Without its receipt nothing is released: the next deploy would think that others took the tag away, and put it back.
func TestReleaseWithoutReceipt(t *testing.T) {
	t.Parallel()
	const project = "receipt-release"
	one := project + "-1"
	s := newStage(t, project, 1, nil)
	s.run(t, 0, "deploy:all")
	before := s.states(t, one)
	target, err := url.Parse(prerequisite.Server(t))
	if err != nil {
		t.Fatal(err)
	}
	target.Path = ""
	pass := httputil.NewSingleHostReverseProxy(target)
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && r.URL.Path == "/api/artifacts/" {
			http.Error(w, `{"detail": "not today"}`, http.StatusUnprocessableEntity)
			return
		}
		pass.ServeHTTP(w, r)
	}))
	defer front.Close()
	if a := s.with("PREFECT_API_URL="+front.URL+"/api").run(t, 4, "deploy:release", "-all", "-yes"); !strings.Contains(a.stderr, "nothing was released") {
		t.Error(a.stderr)
	}
	if diff := cmp.Diff(before, s.states(t, one)); diff != "" {
		t.Error(diff)
	}
	a := s.run(t, 0, "deploy:release", "-only="+project+"-*", "-yes", "-json")
	var result struct {
		Deployments []struct{ Op, Name, Error string }
	}
	if err := json.Unmarshal([]byte(a.stdout), &result); err != nil || len(result.Deployments) != 1 || result.Deployments[0].Op != "release" || result.Deployments[0].Error != "" {
		t.Errorf("%v %s", err, a.stdout)
	}
	s.run(t, 3, "deploy:all")
	s.run(t, 0, "deploy:adopt", "-yes")
	s.run(t, 0, "deploy:clean", "-yes")
}

// A deploy of some of the flows leaves the rest known, on the server and in the rendered file.
func TestPartialDeploy(t *testing.T) {
	t.Parallel()
	const project = "receipt-partial"
	one, two := project+"-1", project+"-2"
	s := newStage(t, project, 2, nil)
	rendered := filepath.Join(s.root, "prefect.dev.yaml")
	s.run(t, 0, "deploy:python")
	s.run(t, 0, "deploy:build", "-only="+one)
	if _, err := os.Stat(rendered); err == nil {
		t.Error("a part was rendered to the file that is taken for the whole")
	}
	s.run(t, 0, "deploy:all")
	whole, err := os.ReadFile(rendered)
	if err != nil || strings.Count(string(whole), "- name: ") != 2 {
		t.Fatalf("%v\n%s", err, whole)
	}
	unchanged := func(when string) {
		t.Helper()
		if a := s.run(t, 0, "deploy:status"); !strings.Contains(a.stdout, "since then    0 changes by other hands") {
			t.Errorf("%s: %s", when, a.stdout)
		}
		if now, err := os.ReadFile(rendered); err != nil || string(now) != string(whole) {
			t.Errorf("%s: the rendered file has changed: %v\n%s", when, err, now)
		}
	}
	for i, command := range [][]string{
		{"deploy:all", "-only=" + one}, {"deploy:python"}, {"flows:run", two, "-wait=false"}, {"deploy:apply", "plan.json"}, {"deploy:rollback", "-yes"},
		{"deploy:release", "-only=" + two, "-yes"}, {"deploy:adopt", "-yes"},
	} {
		l := s.with(fmt.Sprintf("FLOWMAGE_ENV__TRY=%d", i))
		if command[0] == "deploy:apply" {
			l.run(t, 0, "deploy:plan", "-only="+one, "-out=plan.json")
			asFormatOne(t, filepath.Join(s.root, "plan.json"), one)
		}
		l.run(t, 0, command...)
		unchanged(strings.Join(command, " "))
	}
	d, err := s.api.DeploymentByName(t.Context(), two, two+"-python-dev")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.api.UpdateDeployment(t.Context(), d.ID, map[string]any{"description": "by hand"}); err != nil {
		t.Fatal(err)
	}
	s.run(t, 0, "deploy:clean", "-only="+one, "-yes")
	if a := s.run(t, 0, "deploy:status"); !strings.Contains(a.stdout, "since then    1 change by other hands\n  "+d.Name+": it was changed\n") {
		t.Errorf("after a clean of the other one: %s", a.stdout)
	}
	s.run(t, 0, "deploy:clean", "-yes")
}

// asFormatOne writes a saved plan as the release did that introduced its format: with these keys, and no others.
func asFormatOne(t *testing.T, file, only string) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var saved struct {
		Fingerprint string
		Plan        json.RawMessage
	}
	if err := json.Unmarshal(data, &saved); err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprintf(`{"format": 1, "fingerprint": %q, "environment": "dev", "only": [%q], "plan": %s}`, saved.Fingerprint, only, saved.Plan)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// Workers are started for work pools that are there: no pool appears that a plan did not make.
func TestWorkersMakeNoPools(t *testing.T) {
	t.Parallel()
	const project = "receipt-pools"
	s := newOwnStage(t, project, 1, nil)
	pools := func() string {
		list, err := s.api.WorkPools(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, p := range list {
			names = append(names, p.Name)
		}
		return strings.Join(names, " ")
	}
	workers := func() int { _, list := s.status(t); return len(list) }
	if _, err := s.api.CreateWorkPool(t.Context(), prefect.WorkPool{Name: "theirs", Type: "process"}); err != nil {
		t.Fatal(err)
	}
	s.edit(t, "prefect.yaml", fmt.Sprintf("deployments:\n  - {name: by-hand, entrypoint: flows/%[1]s/workflow.py:work, work_pool: {name: theirs}}\n", project+"-1"))
	s.run(t, 0, "deploy:all", "-file=prefect.yaml")
	s.run(t, 0, "env:up")
	if got := pools(); got != "theirs" || workers() != 0 {
		t.Errorf("pools: %s; %d workers", got, workers())
	}
	s.run(t, 0, "deploy:all")
	if got := pools(); got != project+"-dev theirs" || workers() != 1 {
		t.Errorf("after a deploy: pools: %s; %d workers", got, workers())
	}
	s.run(t, 0, "env:down")
}
