//go:build e2e

package apply_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/ownership"
	"github.com/flowmage/flowmage/tasks/prerequisite"
	"github.com/flowmage/flowmage/tasks/schema"
)

const source = `from prefect import flow

@flow(name="%s")
def f(n: int = 1, note: str | None = None):
    """Do it.

    Args:
        n: How often.
    """
`

// TestAsPrefectDeploys deploys the same manifests with Prefect's own command line and with ours, and compares what the server holds
// then, field by field. The differences that are meant stand in [deliberate].
func TestAsPrefectDeploys(t *testing.T) {
	t.Parallel()
	python := prerequisite.Python(t)
	manifests, least := prerequisite.Size(12, 100), prerequisite.Size(12, 80) // some of what is generated is left out
	b := open(t)
	b.flow = scanned(t, b.pool)
	b.apply(t, `deployments: [{name: first, entrypoint: "flows/f.py:f", work_pool: {name: "%POOL%"}}]`) // makes the pool
	text := many(manifests)
	theirs := b.byPrefect(t, python, text)
	for _, d := range theirs {
		if err := b.api.DeleteAutomationsOwnedBy(t.Context(), fmt.Sprint(d["id"])); err != nil {
			t.Fatal(err)
		}
		if err := b.api.DeleteDeployment(t.Context(), fmt.Sprint(d["id"])); err != nil {
			t.Fatal(err)
		}
	}
	b.apply(t, text)
	ours := b.stored(t)
	if len(ours) != len(theirs) || len(ours) < least {
		t.Fatalf("%d of ours, %d of theirs", len(ours), len(theirs))
	}
	for name, want := range theirs {
		got := ours[name]
		deliberate(b.owner, want, got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: from Prefect (-) to ours (+):\n%s", name, diff)
		}
	}
}

// deliberate takes away what is meant to differ: ids and times, who did it, and our tag.
func deliberate(owner ownership.Owner, theirs, ours map[string]any) {
	for _, d := range []map[string]any{theirs, ours} {
		for _, key := range []string{"id", "created", "updated", "created_by", "updated_by", "last_polled", "status", "flow_id"} {
			delete(d, key)
		}
		if limit, ok := d["global_concurrency_limit"].(map[string]any); ok {
			for _, key := range []string{"id", "created", "updated", "name"} {
				delete(limit, key)
			}
		}
		schedules, _ := d["schedules"].([]any)
		for _, s := range schedules {
			if m, ok := s.(map[string]any); ok {
				for _, key := range []string{"id", "created", "updated", "deployment_id"} {
					delete(m, key)
				}
			}
		}
	}
	delete(ours, "tags_of_ours")
	if tags, ok := ours["tags"].([]any); ok {
		var rest []any
		seen := map[any]bool{}
		for _, tag := range tags {
			if tag != owner.Tag() && !seen[tag] {
				seen[tag] = true
				rest = append(rest, tag)
			}
		}
		ours["tags"] = rest
	}
	if tags, ok := theirs["tags"].([]any); ok {
		var rest []any
		seen := map[any]bool{}
		for _, tag := range tags {
			if !seen[tag] {
				seen[tag] = true
				rest = append(rest, tag)
			}
		}
		theirs["tags"] = rest
	}
	mine, _ := ours["schedules"].([]any)
	others, _ := theirs["schedules"].([]any)
	for i := range min(len(mine), len(others)) {
		a, _ := mine[i].(map[string]any)
		z, _ := others[i].(map[string]any)
		// An interval counts from the moment of the deploy when it is not told otherwise.
		x, _ := a["schedule"].(map[string]any)
		y, _ := z["schedule"].(map[string]any)
		if _, interval := x["interval"]; interval && x["anchor_date"] != y["anchor_date"] && x["anchor_date"] != "2024-01-01T00:00:00+02:00" {
			delete(x, "anchor_date")
			delete(y, "anchor_date")
		}
	}
}

// many gives one manifest with the deployments of many generated ones. It leaves out what Prefect resolves, refuses, or makes up.
func many(manifests int) string {
	var b strings.Builder
	b.WriteString("deployments:\n")
	for k := range manifests {
		text := generate(rand.New(rand.NewPCG(uint64(k), 11)), 3)
		for _, one := range strings.Split(text, "  - name: ")[1:] {
			if strings.Contains(one, "{{") || strings.Contains(one, "{limit: 3}") {
				continue
			}
			if !strings.Contains(one, "    version: \"") {
				one = strings.ReplaceAll(one, "    version: null\n", "")
				one = strings.Replace(one, "    work_pool:", "    version: given\n    work_pool:", 1)
			}
			if !strings.Contains(one, "    pull:") {
				one = strings.Replace(one, "    work_pool:", "    pull: []\n    work_pool:", 1)
			}
			fmt.Fprintf(&b, "  - name: m%d-%s", k, one)
		}
	}
	return b.String()
}

// scanned gives the flow as our scan finds it in the source.
func scanned(t *testing.T, name string) flow.Flow {
	t.Helper()
	r, err := flow.Scan(t.Context(), fstest.MapFS{"flows/f.py": {Data: fmt.Appendf(nil, source, name)}}, flow.Options{})
	if err != nil || len(r.Flows) != 1 {
		t.Fatal(err, r)
	}
	flows, _ := schema.Flows(r.Library, r.Flows, nil)
	return flows[0]
}

// byPrefect runs `prefect deploy --all` in a folder with the flow, and gives what is stored.
func (b *bench) byPrefect(t *testing.T, python, text string) map[string]map[string]any {
	t.Helper()
	root := b.folder(t, map[string]string{"flows/f.py": fmt.Sprintf(source, b.pool), "prefect.yaml": strings.ReplaceAll(text, "%POOL%", b.pool)})
	cmd := exec.CommandContext(t.Context(), python, "-m", "prefect", "--no-prompt", "deploy", "--all")
	cmd.Dir = root
	cmd.Env = append(prerequisite.Environ(), "PREFECT_API_URL="+b.api.URL(), "PREFECT_HOME="+t.TempDir(), "PREFECT_CLIENT_MAX_RETRIES=9") // SQLite is busy now and then
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return b.stored(t)
}

// folder makes a folder with files.
func (b *bench) folder(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, content := range files {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// stored gives the flow's deployments as the API has them, by name.
func (b *bench) stored(t *testing.T) map[string]map[string]any {
	t.Helper()
	flows, err := b.api.FlowsByName(t.Context(), []string{b.pool})
	if err != nil || len(flows) != 1 {
		t.Fatal(err, flows)
	}
	list := prerequisite.ListAt(t, b.api.URL(), http.MethodPost, "/deployments/filter", map[string]any{"flows": map[string]any{"id": map[string]any{"any_": []string{flows[0].ID}}}, "limit": 200})
	out := map[string]map[string]any{}
	for _, d := range list {
		if d["name"] == "first" {
			continue
		}
		out[fmt.Sprint(d["name"])] = d
		automations := prerequisite.ListAt(t, b.api.URL(), http.MethodGet, fmt.Sprintf("/automations/related-to/prefect.deployment.%s", d["id"]), nil)
		for _, a := range automations {
			anonymous(a)
		}
		slices.SortFunc(automations, func(x, y map[string]any) int { return strings.Compare(fmt.Sprint(x["name"]), fmt.Sprint(y["name"])) })
		d["automations"] = automations
	}
	return out
}

// anonymous takes ids, times and our tag out of an automation, and puts its sets of words in order.
func anonymous(v any) {
	switch x := v.(type) {
	case map[string]any:
		for _, key := range []string{"id", "created", "updated", "deployment_id", "tags"} {
			delete(x, key)
		}
		for key, e := range x {
			if words, ok := e.([]any); ok && slices.Contains([]string{"expect", "after", "for_each"}, key) {
				slices.SortFunc(words, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
			}
			anonymous(e)
		}
	case []any:
		for _, e := range x {
			anonymous(e)
		}
	}
}
