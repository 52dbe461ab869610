package draft

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/git"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/policy"
	"github.com/flowmage/flowmage/tasks/session"
	"github.com/flowmage/flowmage/tasks/tree"
)

// drafted gives the draft of files.
func drafted(t *testing.T, files map[string]string, o Options) Rendered {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		file := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	s := &session.Session{
		Root: root, Environ: []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir()}, Console: console.New(&out, &out), Git: git.Open(root), Rules: policy.Catalogue,
	}
	r, err := From(t.Context(), s, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func shop(policies string) map[string]string {
	return map[string]string{
		"envs/base.yaml": "project: shop\ncode: {directory: /srv/shop}\ncontainers: off\n",
		"envs/dev.yaml":  "schedules: [{cron: \"0 6 * * *\"}]\nconcurrency: 2\nenv: {DB_PASSWORD: hunter2hunter2}\n",
		"flows/a.py":     "from prefect import flow\n\n@flow(name=\"a\")\ndef a(n: int = 3): pass\n",
		"flows/b.py":     "from prefect import flow\n\n@flow(name=\"b\")\ndef b(): pass\n", "policies/shop.yaml": policies,
	}
}

// What policies see of a repository has exactly the keys that they may name, and no secret.
func TestPoliciesSeeWhatThereIs(t *testing.T) {
	t.Parallel()
	r := drafted(t, shop(""), Options{})
	seen, err := policy.Plain(r.Seen())
	if err != nil {
		t.Fatal(err)
	}
	all, _ := seen.(map[string]any)
	flows, _ := all["flows"].([]any)
	deployments, _ := all["deployments"].([]any)
	planned, err := policy.Plain(plan.Plan{Pools: []plan.Pool{{}}})
	if err != nil || len(flows) != 2 || len(deployments) != 2 {
		t.Fatal(err, seen)
	}
	for word, v := range map[string]any{"environment": all["environment"], "flow": flows[0], "deployment": deployments[0], "plan": planned} {
		have, _ := v.(map[string]any)
		known, _ := policy.Empty()[word].(map[string]any)
		for key := range have {
			if _, there := known[key]; !there {
				t.Errorf("a policy may not name %s of %s", key, word)
			}
		}
		if word != "flow" && word != "deployment" && len(have) != len(known) {
			t.Errorf("%s has %v, and policies see %v", word, slices.Sorted(maps.Keys(have)), slices.Sorted(maps.Keys(known)))
		}
	}
	deployment, _ := deployments[0].(map[string]any)
	for _, f := range plan.Managed() {
		if _, there := policy.Empty()["deployment"].(map[string]any)[f.Name]; !there && f.Name != plan.FieldSchema {
			t.Errorf("policies can't see the field %s", f.Name)
		}
	}
	variables, _ := deployment["job_variables"].(map[string]any)
	environ, _ := variables["env"].(map[string]any)
	if deployment["concurrency_limit"] != int64(2) || environ["DB_PASSWORD"] != "********" || deployment["kind"] != "python" {
		t.Error(deployment)
	}
}

// An error blocks what it is about and nothing else, however often is rendered, and what settings say of a policy holds.
func TestPoliciesBlock(t *testing.T) {
	t.Parallel()
	const one = "policies: [{code: trial, over: deployment, message: is not so, expression: 'flow.name != \"a\"'}]"
	for name, test := range map[string]struct {
		policies, settings string
		blocked            []string
	}{
		"one":         {one, "", []string{"a-python-dev"}},
		"a warning":   {one, "rules: {trial: warning}\n", nil},
		"off":         {one, "rules: {trial: off}\n", nil},
		"by a flow":   {"policies: [{code: trial, over: flow, message: is not so, expression: 'flow.name != \"a\"'}]", "", []string{"a-python-dev"}},
		"environment": {"policies: [{code: trial, over: environment, message: is not so, expression: 'environment.name == \"x\"'}]", "", []string{"a-python-dev", "b-python-dev"}},
		"none":        {"policies: [{code: trial, over: deployment, message: is not so, expression: 'deployment.schedules[0].schedule.cron == \"0 6 * * *\"'}]", "", nil},
		"broken":      {"policies: [{code: trial, over: deployment, message: is not so, expression: 'flow.nam'}]", "", []string{"a-python-dev", "b-python-dev"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files := shop(test.policies)
			files["envs/dev.yaml"] += test.settings
			r := drafted(t, files, Options{})
			for range 2 {
				if got := blockedNames(r.Blocked); !slices.Equal(got, test.blocked) && len(got)+len(test.blocked) > 0 {
					t.Fatalf("blocked: %v, %v", got, r.Findings)
				}
				if len(r.Desired)+len(r.Blocked) != 2 {
					t.Errorf("%d are left", len(r.Desired))
				}
				told := r.Findings.Where(func(f finding.Finding) bool { return f.Code == "trial" })
				if len(told) > 1 {
					t.Error(told)
				}
				var err error
				if r, err = Render(tree.Open(t.TempDir()), r.Pinned); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}
