package flow_test

import (
	"encoding/json"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/prerequisite"
)

// deliberate are the flows of Prefect's own repository on which we and the oracle differ, with the reason.
var deliberate = map[string]string{
	"tests/test-projects/wrapped_flow_project/flow.py:test_flow":             "a decorator of the project's own makes it; the oracle does not look into functions",
	"tests/test-projects/wrapped_flow_project/missing_imports.py:bloop_flow": "the same",
}

// TestPrefectsOwnFlows compares what we find in sources of Prefect's repository, and in the installed package, which is full of look-alikes,
// with what an oracle finds that uses Python's ast.
func TestPrefectsOwnFlows(t *testing.T) {
	t.Parallel()
	python, sources := prerequisite.Python(t), prerequisite.Sources(t)
	out, err := exec.CommandContext(t.Context(), python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").Output()
	if err != nil {
		t.Fatal(err)
	}
	if found := asOracle(t, python, sources); found == 0 {
		t.Error("the sources hold no flow")
	}
	asOracle(t, python, filepath.Join(strings.TrimSpace(string(out)), "prefect"))
}

// asOracle compares one folder and gives how many flows there are.
func asOracle(t *testing.T, python, folder string) int {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), python, filepath.Join("testdata", "oracle.py"), folder).Output()
	if err != nil {
		t.Fatal(err)
	}
	var rows [][]*string
	if err := json.Unmarshal(out, &rows); err != nil {
		t.Fatal(err)
	}
	want, got := map[string]string{}, map[string]string{}
	for _, row := range rows {
		want[*row[0]+":"+*row[1]] = "computed"
		if row[2] != nil {
			want[*row[0]+":"+*row[1]] = *row[2]
		}
	}
	r, err := flow.Scan(t.Context(), flow.Folder(folder), flow.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range r.Flows {
		if got[f.Entrypoint] = f.Name; f.NameExpr != "" {
			got[f.Entrypoint] = "computed"
		}
	}
	for entrypoint := range deliberate {
		delete(want, entrypoint)
		delete(got, entrypoint)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("from the oracle (-) to ours (+):\n%.6000s", diff)
	}
	t.Logf("%d flows in %d files, %d that can't be loaded", len(r.Flows), r.Checked, len(r.Others))
	for _, f := range r.Others {
		t.Logf("%s: %s", f.Entrypoint, f.Reason)
	}
	return len(r.Flows)
}
