//go:build e2e

package render_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/check"
	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/prefecttest"

	"github.com/flowmage/flowmage/tasks/apply"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/live"
	"github.com/flowmage/flowmage/tasks/manifest"
	"github.com/flowmage/flowmage/tasks/ownership"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/pool"
	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/prerequisite"
	"github.com/flowmage/flowmage/tasks/render"
	"github.com/flowmage/flowmage/tasks/schema"
	"github.com/flowmage/flowmage/templates"
)

// site is a repository with three flows and three environments that have little in common.
type site struct {
	root, api, interpreter, word string
	client                       *prefect.Client
}

func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{root: t.TempDir(), api: prerequisite.Server(t), interpreter: prerequisite.Python(t), word: "render-test-" + strings.ToLower(rand.Text()[:8])}
	for name, text := range map[string]string{
		"envs/base.yaml": "project: " + s.word + `
kinds: [python, container]
tags: [team-a, "1"]
parameters: {limit: 10}
env: {LEVEL: debug, REGION: "{{ $RENDER_REGION }}", NIL: "null"}
networks: [rpa-network]
memory: 512m
`,
		"envs/dev.yaml": `
pause_schedules: true
flows:
  one:
    schedules: [{cron: "0 6 * * 1-5", timezone: Europe/Berlin}]
    volumes: [./data:/data:ro]
`,
		"envs/staging.yaml": `
server: {url: https://staging.example.com/api}
code: {git: {repository: https://github.com/acme/x.git, credentials: secret/%BLOCK%}}
concurrency: 2
flows:
  two: {schedules: [{interval: PT1H, anchor_date: "2026-01-01T00:00:00Z"}, {rrule: "FREQ=WEEKLY;BYDAY=MO", slug: weekly, active: false}], enforce_parameter_schema: false, code: {directory: /srv/two}}
`,
		"envs/prod.yaml": `
server: {url: https://prod.example.com/api}
code: {remote: {url: "s3://bucket/x", settings: {key: "{{ prefect.blocks.secret.%BLOCK% }}"}}}
image: {pull: Always}
+tags: [important]
pools: {python: {queue: fast, concurrency: 5, defaults: {env: {TZ: UTC}}, queues: {fast: {priority: 1, concurrency: 2}}}}
flows:
  three: {parameters: {limit: 1, note: "no", ratio: 1e6}, job_variables: {stream_output: true}, description: "Three: \"3\"\n\nmore # text", code: {git: {repository: https://github.com/acme/three.git, branch: next, pin: branch}}}
`,
		"flows/one/flow.yaml": "+tags: [beside]\n",
	} {
		s.write(t, name, strings.ReplaceAll(text, "%BLOCK%", s.word))
	}
	for _, name := range []string{"one", "two", "three"} {
		s.write(t, "flows/"+name+"/workflow.py", fmt.Sprintf(`from prefect import flow

@flow(name="%s-%s")
def %s(limit: int = 5, note: str | None = None, ratio: float = 0.5):
    """Does %s.

    Args:
        limit: How many.
    """
`, s.word, name, name, name))
	}
	client, err := prefect.New(prefect.Options{URL: s.api})
	if err != nil {
		t.Fatal(err)
	}
	s.client = client
	t.Cleanup(func() { s.clean(t) })
	s.python(t, "-c", "import sys; from prefect.blocks.system import Secret; Secret(value='c4n4ry').save(sys.argv[1])", s.word)
	return s
}

func (s *site) write(t *testing.T, name, text string) {
	t.Helper()
	file := filepath.Join(s.root, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// clean takes away what the test made on the server.
func (s *site) clean(t *testing.T) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	flows, err := s.client.FlowsByName(ctx, []string{s.word + "-one", s.word + "-two", s.word + "-three"})
	if err != nil {
		t.Error(err)
	}
	for _, f := range flows {
		if err := prefecttest.DeleteFlow(ctx, s.client, f.ID); err != nil {
			t.Error(err)
		}
	}
	s.python(t, "-c", "import sys; from prefect.blocks.system import Secret; Secret.delete(sys.argv[1])", s.word)
	for _, env := range []string{"dev", "staging", "prod"} {
		for _, end := range []string{"", "-containers"} {
			if err := s.client.DeleteWorkPool(ctx, s.word+"-"+env+end); err != nil && !prefect.IsNotFound(err) {
				t.Error(err)
			}
		}
	}
	s.client.Close()
}

const region = "eu-central-1"

// desired renders an environment as a deploy does, with images whose tags look as if they were computed.
func (s *site) desired(t *testing.T, name string) (pools []pool.Pool, want []plan.Desired, owner ownership.Owner) {
	t.Helper()
	root := os.DirFS(s.root)
	env, findings, err := config.Load(config.Source{Root: root, Env: name, Folder: s.root})
	if err != nil || findings.HasErrors() {
		t.Fatal(err, findings)
	}
	scanned, err := flow.Scan(t.Context(), root, flow.Options{Paths: env.Paths})
	if err != nil || len(scanned.Flows) != 3 {
		t.Fatal(err, scanned)
	}
	scanned.Flows, _ = schema.Flows(scanned.Library, scanned.Flows, nil)
	env, findings = env.Beside(root, scanned.Settings)
	owner = ownership.Owner{Project: env.Project, Env: env.Scope()}
	o := render.Options{Owner: owner.Tag(), Declares: check.Declares, Images: map[string]string{}, Commits: map[string]string{}}
	for _, f := range scanned.Flows {
		o.Images[f.Entrypoint] = "registry.example.com/" + f.Slug() + ":" + f.Version
		o.Commits[f.Entrypoint] = "0123456789abcdef0123456789abcdef01234567"
	}
	text, err := render.Prefect(root, templates.FS, env, render.Deployments(env, scanned.Flows, o))
	if err != nil {
		t.Fatal(err)
	}
	s.write(t, "prefect."+name+".yaml", string(text))
	m, more := manifest.Parse("prefect."+name+".yaml", text)
	m, unset := m.Resolve(func(name string) (string, bool) { return region, name == "RENDER_REGION" })
	want, missing := plan.FlowsOf(scanned.Flows).Resolve(nil, m, owner)
	pools, wrong := pool.Wanted(root, templates.FS, env)
	if all := slices.Concat(findings, more, unset, missing, wrong); len(all) > 0 {
		t.Fatal(all)
	}
	return pools, want, owner
}

// TestThreeEnvironmentsAsPrefectDeploysThem deploys three flows in two kinds to each of three environments, with our own deploy and with
// `prefect deploy --all --prefect-file` on what was rendered, and compares all that the server stores.
func TestThreeEnvironmentsAsPrefectDeploysThem(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, name := range []string{"dev", "staging", "prod"} {
		pools, want, owner := s.desired(t, name)
		state, err := live.Read(t.Context(), s.client, owner, want, pools)
		if err != nil {
			t.Fatal(err)
		}
		planned, err := plan.Diff(owner, want, state)
		if err != nil {
			t.Fatal(err)
		}
		result, err := apply.Apply(t.Context(), s.client, planned, apply.Options{})
		if err != nil || len(result.Failed()) > 0 {
			t.Fatal(err, result.Failed())
		}
		ours := s.stored(t, owner)
		for _, d := range ours {
			if err := s.client.DeleteDeployment(t.Context(), fmt.Sprint(d["id"])); err != nil {
				t.Fatal(err)
			}
		}
		s.python(t, "-m", "prefect", "--no-prompt", "deploy", "--all", "--prefect-file", "prefect."+name+".yaml")
		theirs := s.stored(t, owner)
		if len(ours) != 6 || len(theirs) != 6 {
			t.Fatalf("%s: %d of ours, %d of theirs", name, len(ours), len(theirs))
		}
		if text := fmt.Sprint(ours, theirs); strings.Contains(text, "c4n4ry") || name != "dev" && !strings.Contains(text, "{{ prefect.blocks.secret."+s.word+" }}") {
			t.Errorf("%s: a secret is stored, or its placeholder is not: %s", name, text)
		}
		for deployment, d := range theirs {
			if diff := cmp.Diff(settle(d), settle(ours[deployment])); diff != "" {
				t.Errorf("%s: from Prefect (-) to ours (+):\n%s", deployment, diff)
			}
		}
		// What Prefect stored is what we planned: nothing is left to do.
		state, err = live.Read(t.Context(), s.client, owner, want, pools)
		if err != nil {
			t.Fatal(err)
		}
		if planned, err = plan.Diff(owner, want, state); err != nil || !planned.Empty() {
			t.Errorf("%s: %v %s", name, err, planned.Summary())
		}
	}
}

// settle takes away ids, times and who did it.
func settle(v any) any {
	switch x := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for key, child := range x {
			switch key {
			case "id", "created", "updated", "created_by", "updated_by", "last_polled", "status", "flow_id", "deployment_id", "work_queue_id":
			case "global_concurrency_limit":
				if limit, ok := child.(map[string]any); ok {
					out[key] = limit["limit"]
				}
			default:
				out[key] = settle(child)
			}
		}
		return out
	case []any:
		out := make([]any, 0, len(x))
		for _, child := range x {
			out = append(out, settle(child))
		}
		return out
	default:
		return v
	}
}

// python runs Prefect's Python in the repository.
func (s *site) python(t *testing.T, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), s.interpreter, args...)
	cmd.Dir = s.root
	for _, pair := range os.Environ() {
		if !strings.HasPrefix(pair, "PREFECT_") {
			cmd.Env = append(cmd.Env, pair)
		}
	}
	cmd.Env = append(cmd.Env, "PREFECT_API_URL="+s.api, "PREFECT_HOME="+t.TempDir(), "RENDER_REGION="+region)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v: %v\n%s", args, err, out)
	}
}

// stored gives the owner's deployments as the API has them, by name.
func (s *site) stored(t *testing.T, owner ownership.Owner) map[string]map[string]any {
	t.Helper()
	list := prerequisite.List(t, http.MethodPost, "/deployments/filter", map[string]any{
		"deployments": map[string]any{"tags": map[string]any{"all_": []string{owner.Tag()}}}, "limit": 200,
	})
	out := map[string]map[string]any{}
	for _, d := range list {
		out[fmt.Sprint(d["name"])] = d
	}
	return out
}
