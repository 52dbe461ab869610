package manifest_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/manifest"
)

func TestParse(t *testing.T) {
	t.Parallel()
	const text = `
prefect-version: 3.8.8
name: shop
definitions: &env {env: {LEVEL: debug}}
pull:
  - prefect.deployments.steps.set_working_directory: {directory: /srv}
deployments:
  - &first
    name: one
    entrypoint: flows/a.py:a
    flow_name: ignored
    version: "1.0"
    description: ""
    tags: [x, y]
    parameters: {n: 1, big: 1.5, when: 2024-01-02, nothing: null, deep: {list: [true, a]}}
    paused: false
    enforce_parameter_schema: true
    concurrency_limit: {limit: 2, collision_strategy: CANCEL_NEW, grace_period_seconds: 60}
    schedules:
      - {cron: 0 6 * * *, timezone: Europe/Berlin, day_or: false, active: true, parameters: {n: 2}}
    work_pool: {name: pool, work_queue_name: fast, job_variables: *env}
  - <<: *first
    name: two
    version:
    description:
    concurrency_limit: 3
    pull: []
    schedules:
      - interval: 3600
        anchor_date: 2024-01-01T00:00:00Z
      - {interval: PT10M, slug: often}
      - {interval: "1:30:00", slug: clock}
      - {rrule: "FREQ=DAILY", slug: daily}
`
	got, findings := manifest.Parse("prefect.yaml", []byte(text))
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	pull := []map[string]any{{"prefect.deployments.steps.set_working_directory": map[string]any{"directory": "/srv"}}}
	one := manifest.Deployment{
		Name: "one", Entrypoint: "flows/a.py:a", Version: new("1.0"), Description: new(""), Tags: []string{"x", "y"},
		Parameters: map[string]any{
			"n": 1, "big": 1.5, "when": "2024-01-02", "nothing": nil, "deep": map[string]any{"list": []any{true, "a"}},
		},
		Paused: new(false), Enforce: new(true),
		Concurrency: &manifest.Concurrency{Limit: 2, Collision: "CANCEL_NEW", Grace: new(60)},
		Schedules: []manifest.Schedule{{
			Cron: "0 6 * * *", Timezone: "Europe/Berlin", DayOr: new(false), Active: new(true), Parameters: map[string]any{"n": 2},
		}},
		HasSchedules: true,
		WorkPool:     manifest.WorkPool{Name: "pool", Queue: "fast", JobVariables: map[string]any{"env": map[string]any{"LEVEL": "debug"}}},
		Pull:         pull, HasPull: true,
	}
	two := one
	two.Name, two.Version, two.Description = "two", nil, nil
	two.Concurrency = &manifest.Concurrency{Limit: 3}
	two.Pull = []map[string]any{}
	two.Schedules = []manifest.Schedule{
		{Interval: 3600, AnchorDate: "2024-01-01T00:00:00Z"},
		{Interval: 600, Slug: "often"},
		{Interval: 5400, Slug: "clock"},
		{RRule: "FREQ=DAILY", Slug: "daily"},
	}
	want := manifest.Manifest{Name: "shop", Listed: true, Deployments: []manifest.Deployment{one, two}}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreTypes(finding.Position{}, map[string]finding.Position{}, []finding.Scope{})); diff != "" {
		t.Error(diff)
	}
	if at := got.Deployments[1].Places["deep"]; at.Line != 15 || at.Column != 67 {
		t.Errorf("the parameter deep is at %v", at)
	}
	if at := got.Deployments[1].Position; at.File != "prefect.yaml" || at.Line != 22 {
		t.Errorf("the second stands at %v", at)
	}
}

// TestFindings reads broken manifests from testdata and compares all that is found with the golden text beside them. UPDATE=1
// writes the golden texts anew.
func TestFindings(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal("no testdata", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			_, findings := manifest.Parse("prefect.yaml", data)
			var got strings.Builder
			for _, f := range findings.Sorted() {
				got.WriteString(f.String() + "\n")
			}
			golden := strings.TrimSuffix(file, ".yaml") + ".golden"
			if os.Getenv("UPDATE") != "" {
				if err := os.WriteFile(golden, []byte(got.String()), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got.String()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Whatever the text, there is a manifest or a finding with a message, and no crash.
func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte("a: &a [*a]\n"))
	f.Add([]byte("deployments: &a\n  - parameters: {x: *a}\n"))
	f.Add([]byte("deployments: &a\n  - <<: *a\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, findings := manifest.Parse("prefect.yaml", data)
		for _, x := range findings {
			if x.Message == "" || x.Code == "" {
				t.Errorf("an empty finding: %+v", x)
			}
		}
		if !findings.HasErrors() {
			for _, d := range m.Deployments {
				if d.Name == "" || d.Entrypoint == "" {
					t.Errorf("without a name or an entrypoint: %+v", d)
				}
			}
		}
	})
}

// What Prefect takes in more than one form ends in one.
func TestForms(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/plain.yaml")
	if err != nil {
		t.Fatal(err)
	}
	got, findings := manifest.Parse("prefect.yaml", data)
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	pull := []map[string]any{{"prefect.deployments.steps.set_working_directory": map[string]any{"directory": "/srv"}}}
	pool := manifest.WorkPool{Name: "p"}
	want := manifest.Manifest{Name: "shop", Listed: true, Deployments: []manifest.Deployment{
		{
			Name: "reports", Entrypoint: "flows/a.py:a", Paused: new(true), Concurrency: &manifest.Concurrency{Limit: 5}, Tags: []string{"{{ $TAGS }}"},
			Schedules:    []manifest.Schedule{{RRule: "FREQ=DAILY", Timezone: "Europe/Berlin"}},
			HasSchedules: true, WorkPool: pool, Pull: pull, HasPull: true,
		},
		{Name: "two", Entrypoint: "flows/a.py:A.b", WorkPool: pool, Pull: pull, HasPull: true},
	}}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreTypes(finding.Position{}, map[string]finding.Position{}, []finding.Scope{})); diff != "" {
		t.Error(diff)
	}
}

func TestResolve(t *testing.T) {
	t.Parallel()
	environ := func(name string) (string, bool) {
		value, ok := map[string]string{"NAME": "x", "EMPTY": "", "HOUR": "6"}[name]
		return value, ok
	}
	m := manifest.Manifest{Deployments: []manifest.Deployment{{
		Name: "d-{{ $NAME }}", Version: new("{{$NAME}}"), Tags: []string{"{{ $NAME }}", "{{ $NONE }}", "a-{{ $EMPTY }}"},
		Parameters: map[string]any{
			"deep": []any{map[string]any{"k": "{{ $NONE }}!"}}, "kept": "{{ prefect.variables.x }} {{ prefect.blocks.secret.y }}", "n": 1, "filter": "{{ x | upper }}",
		},
		WorkPool:  manifest.WorkPool{Name: "{{ $NAME }}", JobVariables: map[string]any{"image": "{{ build.image }}", "name": "{{ ctx.flow.name }}"}},
		Schedules: []manifest.Schedule{{Cron: "0 {{ $HOUR }} * * *"}},
		Pull:      []map[string]any{{"step": map[string]any{"dir": "{{ $NAME }}/{{ $NONE }}/{{ clone.directory }}"}}},
	}}}
	got, findings := m.Resolve(environ)
	want := manifest.Manifest{Deployments: []manifest.Deployment{{
		Name: "d-x", Version: new("x"), Tags: []string{"x", "a-"},
		Parameters: map[string]any{
			"deep": []any{map[string]any{"k": "!"}}, "kept": "{{ prefect.variables.x }} {{ prefect.blocks.secret.y }}", "n": 1, "filter": "{{ x | upper }}",
		},
		WorkPool:  manifest.WorkPool{Name: "x", JobVariables: map[string]any{"image": "{{ build.image }}", "name": "{{ ctx.flow.name }}"}},
		Schedules: []manifest.Schedule{{Cron: "0 6 * * *"}},
		Pull:      []map[string]any{{"step": map[string]any{"dir": "x/{{ $NONE }}/{{ clone.directory }}"}}},
	}}}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreTypes(finding.Position{}, map[string]finding.Position{}, []finding.Scope{})); diff != "" {
		t.Error(diff)
	}
	var told []string
	for _, f := range findings {
		told = append(told, f.Severity.String()+" "+f.Code+" "+f.Position.Key)
	}
	wantTold := []string{"warning variable-unset tags", "warning variable-unset parameters.deep", "error step-output work_pool.job_variables.image", "error step-output pull.step.dir"}
	// The deep key is told with its own name, too.
	for i := range told {
		told[i] = strings.TrimSuffix(told[i], ".k")
	}
	if diff := cmp.Diff(wantTold, told); diff != "" {
		t.Error(diff)
	}
	if m.Deployments[0].Tags[0] != "{{ $NAME }}" {
		t.Error("the manifest itself was changed")
	}
}
