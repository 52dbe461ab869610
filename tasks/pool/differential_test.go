package pool_test

import (
	"encoding/json"
	"net/http"
	"os/exec"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/pool"
	"github.com/flowmage/flowmage/tasks/prerequisite"
	"github.com/flowmage/flowmage/templates"
)

// bare gives a template without what is written for people.
func bare(v any) any {
	switch x := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for k, e := range x {
			switch e.(type) {
			case string, []any:
				if k == "description" || k == "examples" || k == "example" {
					continue
				}
			}
			out[k] = bare(e)
		}
		return out
	case []any:
		out := make([]any, 0, len(x))
		for _, e := range x {
			out = append(out, bare(e))
		}
		return out
	case json.Number:
		return x.String()
	case float64:
		text, _ := json.Marshal(x)
		return string(text)
	default:
		return v
	}
}

// TestTemplatesAsPrefectHasThem compares the built-in templates with those of Prefect's own workers, and where those are not at hand with
// what the server offers for new pools. A worker of another kind must not get a variable that it does not know.
func TestTemplatesAsPrefectHasThem(t *testing.T) {
	t.Parallel()
	theirs := map[string]any{}
	program := `import json
from prefect.workers.process import ProcessWorker
from prefect_docker.worker import DockerWorker
print(json.dumps({w.type: w.get_default_base_job_template() for w in (ProcessWorker, DockerWorker)}))`
	out, err := exec.CommandContext(t.Context(), prerequisite.Python(t), "-c", program).Output()
	if err == nil {
		err = json.Unmarshal(out, &theirs)
	}
	if err != nil {
		t.Fatal(err)
	}
	var offered map[string]map[string]map[string]any
	if err := json.Unmarshal(prerequisite.Ask(t, http.MethodGet, "/collections/views/aggregate-worker-metadata", nil), &offered); err != nil {
		t.Fatal(err)
	}
	theirs["kubernetes"] = offered["prefect-kubernetes"]["kubernetes"]["default_base_job_configuration"]
	for kind, want := range theirs {
		ours, err := pool.BuiltIn(templates.FS, kind)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(bare(want), bare(ours)); diff != "" {
			t.Errorf("%s, Prefect's (-) and ours (+):\n%s", kind, diff)
		}
	}
}
