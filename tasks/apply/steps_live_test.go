//go:build e2e

package apply_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/apply"
	"github.com/flowmage/flowmage/tasks/manifest"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/prerequisite"
	"github.com/flowmage/flowmage/tasks/step"
)

// stepped is a manifest with every way in which the outputs of shell steps get into a deployment.
const stepped = `
build:
  - prefect.deployments.steps.run_shell_script:
      id: commit
      script: |
        echo abc $HOME 'd  e' # f

        printf "\$x"
      stream_output: false
  - prefect.deployments.steps.run_shell_script:
      id: upper
      script: echo {{ commit.stdout }} | tr a-z A-Z; echo low >&2
      shell: true
      env: {UNUSED: "{{ commit.stdout }}"}
push:
  prefect.deployments.steps.run_shell_script: {script: "printenv WHO", env: {WHO: "low!"}, directory: flows, expand_env_vars: true}
deployments:
  - name: all
    entrypoint: flows/f.py:f
    version: v-{{ upper.stderr }}
    description: "{{ commit.stdout }}"
    tags: ["t-{{ upper.stderr }}"]
    parameters: {note: "{{ upper.stdout }}", n: 1:30}
    schedules:
      - {cron: "0 6 * * *", parameters: {note: "{{ stdout }}"}, slug: one}
    pull:
      - prefect.deployments.steps.set_working_directory: {id: where, directory: "/srv/{{ upper.stderr }}"}
      - prefect.deployments.steps.run_shell_script: {script: "echo {{ where.directory }} {{ stdout }}"}
    work_pool: {name: "%POOL%", job_variables: {env: {A: "{{ stdout }}", B: "x{{ stderr }}y", D: 1e3}, stream_output: no}}
  - name: own
    entrypoint: flows/f.py:f
    version: given
    build: null
    push: [{prefect.deployments.steps.run_shell_script: {script: "pwd\n", directory: flows, stream_output: false, id: here}}]
    pull: []
    parameters: {note: "{{ here.stderr }}"}
    work_pool: {name: "%POOL%"}
  - name: none
    entrypoint: flows/f.py:f
    version: given
    build: []
    push: null
    pull: []
    work_pool: {name: "%POOL%", job_variables: {env: {A: "{{ stdout }}"}}}
`

// planSteps gives the plan for the manifest, and how steps are run in a folder.
func (b *bench) planSteps(t *testing.T, text string) (plan.Plan, apply.Options) {
	t.Helper()
	root := t.TempDir()
	if err := os.Mkdir(root+"/flows", 0o755); err != nil {
		t.Fatal(err)
	}
	m, findings := manifest.Parse("prefect.yaml", []byte(strings.ReplaceAll(text, "%POOL%", b.pool)))
	m, more := m.Resolve(os.LookupEnv)
	if findings = append(findings, more...); len(findings) > 0 {
		t.Fatal(findings)
	}
	p, _ := b.against(t, m)
	return p, apply.Options{Steps: func(ctx context.Context, _ string, steps []manifest.Step) (manifest.Outputs, error) {
		out := manifest.Outputs{}
		for _, s := range steps {
			printed, problems, err := step.Run(ctx, out.Step(s), step.Place{Root: root, Environ: os.Environ()})
			if err != nil {
				return nil, err
			}
			out.Add(s, manifest.Printed(printed, problems))
		}
		return out, nil
	}}
}

// besidePrefect deploys a manifest of so many deployments by Prefect's own command and then anew by ours, and compares what is stored.
func (b *bench) besidePrefect(t *testing.T, python, text string, count int) {
	t.Helper()
	b.apply(t, `deployments: [{name: first, entrypoint: "flows/f.py:f", work_pool: {name: "%POOL%"}}]`) // makes the pool
	theirs := b.byPrefect(t, python, text)
	for _, d := range theirs {
		if err := b.api.DeleteDeployment(t.Context(), d["id"].(string)); err != nil { //nolint:forcetypeassert // the server's ids are texts
			t.Fatal(err)
		}
	}
	p, options := b.planSteps(t, text)
	r, err := apply.Apply(t.Context(), b.api, p, options)
	if err != nil || len(r.Failed()) > 0 {
		t.Fatal(err, r)
	}
	if confirmed, err := apply.Confirm(t.Context(), b.api, p, r); err != nil || len(confirmed.Differences) > 0 {
		t.Errorf("reading back: %v %v", err, confirmed.Differences)
	}
	ours := b.stored(t)
	if len(ours) != len(theirs) || len(ours) != count {
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

// Steps give the same deployments as with Prefect's own command line.
func TestStepsAsPrefectDeploys(t *testing.T) {
	t.Parallel()
	python := prerequisite.Python(t)
	b := open(t)
	b.flow = scanned(t, b.pool)
	b.besidePrefect(t, python, stepped, 3)
	// Steps run again, and where they print the same nothing is written.
	b.writes = nil
	p, options := b.planSteps(t, stepped)
	if p.Count(plan.Update) != 3 {
		t.Error(p.Summary())
	}
	r, err := apply.Apply(t.Context(), b.api, p, options)
	if err != nil || len(r.Failed()) > 0 || len(b.writes) > 0 {
		t.Error(err, r, b.writes)
	}
	// What was left as it was stands in the receipt with the rest.
	confirmed, err := apply.Confirm(t.Context(), b.api, p, r)
	if err != nil {
		t.Fatal(err)
	}
	if err := note(t.Context(), b.api, p, r, confirmed); err != nil {
		t.Fatal(err)
	}
	for _, x := range b.drift(t) {
		if x.Name != "first" {
			t.Errorf("drift: %+v", x)
		}
	}
}

// A plan names what it does not know, runs nothing, and is another one when a script is.
func TestPlanWithSteps(t *testing.T) {
	t.Parallel()
	b := open(t)
	const text = `
deployments:
  - name: one
    entrypoint: flows/f.py:f
    version: v-{{ mark.stdout }}
    build: [{prefect.deployments.steps.run_shell_script: {id: mark, script: touch mark}}]
    work_pool: {name: "%POOL%"}
  - name: two
    entrypoint: flows/f.py:f
    work_pool: {name: "%POOL%"}
`
	p, options := b.planSteps(t, text)
	var out strings.Builder
	for _, a := range p.Actions {
		for _, c := range a.Changes {
			if c.Field == "version" {
				out.WriteString(a.Name + " " + c.To.(string)) //nolint:forcetypeassert // a version is a text
			}
		}
	}
	if got := out.String(); got != "one v-(known after step mark)" {
		t.Error(got)
	}
	before, err := p.Fingerprint()
	if err != nil {
		t.Fatal(err)
	}
	other, _ := b.planSteps(t, strings.Replace(text, "touch mark", "touch other", 1))
	if now, err := other.Fingerprint(); err != nil || now == before {
		t.Error(err, now)
	}
	failing := errors.New("the step failed")
	options.Steps = func(context.Context, string, []manifest.Step) (manifest.Outputs, error) { return nil, failing }
	r, err := apply.Apply(t.Context(), b.api, p, options)
	if err != nil || len(r.Failed()) != 1 || !errors.Is(r.Failed()[0].Err, failing) {
		t.Error(err, r)
	}
	stored := b.stored(t)
	if len(stored) != 1 || stored["two"] == nil {
		t.Errorf("%v", stored)
	}
}
