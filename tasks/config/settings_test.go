package config_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/kind"
)

func TestSettings(t *testing.T) {
	t.Parallel()
	e := load(t, trial{
		base: `
tags: [all]
parameters: {batch_size: 1, options: {a: 1}, columns: [x]}
env: {A: "1", B: "1"}
concurrency: 4
schedules: [{interval: 60}]
flows:
  rpa1:
    tags: [base]
`, file: `
flows:
  rpa1:
    +tags: [dev]
    +schedules: [{cron: "0 6 * * *"}]
    parameters: {options: {b: 2}, +columns: [y]}
    env: {B: "2"}
    version: "7"
  Sales Report:
    enabled: false
    concurrency: 1
    +tags: [named]
    schedules: []
`,
	}.source())
	one := 1
	four := 4
	for _, c := range []struct {
		names []string
		want  config.Settings
	}{
		{[]string{"other"}, config.Settings{
			Enabled: true, Deployment: config.Deployment{
				Tags: []string{"all"}, Env: map[string]string{"A": "1", "B": "1"}, Fields: config.Fields{Concurrency: &four},
				Schedules:  []config.Schedule{{Interval: 60, Position: at("envs/base.yaml", 7, 13, "schedules[0]")}},
				Parameters: map[string]any{"batch_size": 1, "options": map[string]any{"a": 1}, "columns": []any{"x"}},
			},
			Shared: []string{"batch_size", "columns", "options"},
		}},
		{[]string{"rpa1"}, config.Settings{
			Enabled: true, Version: "7", Deployment: config.Deployment{
				Tags: []string{"base", "dev"}, Env: map[string]string{"A": "1", "B": "2"}, Fields: config.Fields{Concurrency: &four},
				Schedules: []config.Schedule{
					{Interval: 60, Position: at("envs/base.yaml", 7, 13, "schedules[0]")},
					{Cron: "0 6 * * *", Position: at("envs/dev.yaml", 5, 18, "flows.rpa1.+schedules[0]")},
				},
				Parameters: map[string]any{"batch_size": 1, "options": map[string]any{"a": 1, "b": 2}, "columns": []any{"x", "y"}},
			},
			Shared: []string{"batch_size"},
		}},
		{[]string{"sales-report", "rpa1", "main"}, config.Settings{
			Enabled: false, Version: "7", Deployment: config.Deployment{
				Tags: []string{"base", "dev", "named"}, Env: map[string]string{"A": "1", "B": "2"}, Schedules: []config.Schedule{},
				Fields: config.Fields{Concurrency: &one}, Parameters: map[string]any{"batch_size": 1, "options": map[string]any{"a": 1, "b": 2}, "columns": []any{"x", "y"}},
			},
			Shared: []string{"batch_size"},
		}},
	} {
		c.want.Kinds, c.want.Code.Directory = []kind.Kind{kind.Python}, "/home/me/robots"
		c.want.Paused, c.want.Protect = new(false), new(false)
		c.want.Naming, c.want.Pools = "{flow}-{kind}-dev", map[kind.Kind]config.Pool{kind.Python: {Name: "robots-dev", Type: "process"}}
		if diff := cmp.Diff(c.want, e.Settings(c.names...)); diff != "" {
			t.Errorf("%v (-want +got):\n%s", c.names, diff)
		}
	}
	s := e.Settings("rpa1")
	got := s.ParametersFor(func(name string) bool { return name == "options" })
	if diff := cmp.Diff(map[string]any{"options": map[string]any{"a": 1, "b": 2}, "columns": []any{"x", "y"}}, got); diff != "" {
		t.Errorf("ParametersFor (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"Sales Report", "rpa1"}, e.Overrides()); diff != "" {
		t.Error(diff)
	}
}

func at(file string, line, column int, key string) finding.Position {
	return finding.Position{File: file, Line: line, Column: column, Key: key}
}

// What one caller does to settings must not reach another, nor what one flow's override says.
func TestSettingsShareNothing(t *testing.T) {
	t.Parallel()
	e := load(t, trial{file: "parameters: {m: {x: 1}}\ntags: [a]\nflows: {rpa1: {parameters: {n: {y: 1}}, pools: {python: {name: own}}}}\n"}.source())
	s := e.Settings("rpa1")
	for _, key := range []string{"m", "n"} {
		inner, _ := s.Parameters[key].(map[string]any)
		inner["new"] = 1
	}
	s.Tags[0] = "changed"
	if other := e.Settings("rpa2"); s.Pools["python"].Name != "own" || other.Pools["python"].Name == "own" {
		t.Error(s.Pools, other.Pools)
	}
	again := e.Settings("rpa1")
	want := map[string]any{"m": map[string]any{"x": 1}, "n": map[string]any{"y": 1}}
	if diff := cmp.Diff(want, again.Parameters); diff != "" || again.Tags[0] != "a" {
		t.Error(again.Tags, diff)
	}
}

func TestExplain(t *testing.T) {
	t.Parallel()
	e := load(t, trial{
		base: "tags: [a]\nenv: {DB_PASSWORD: hunter2, AUTHOR: me, TOKEN: \"{{ prefect.blocks.secret.x }}\"}\n",
		file: `+tags: [b]
parameters:
  dsn: {user: me, port: 5432}
  address: https://me:hunter2@example.com/x
  keyboard: true
  api_key: hunter2
schedules:
  - cron: "0 6 * * *"
    parameters: {secret: hunter2}
flows:
  my.flow: {+tags: [c]}
`, environ: []string{"FLOWMAGE_PRUNE=true"}, flags: map[string]string{"server.url": "http://x/api"},
	}.source())
	lines := make([]string, 0, 30)
	for _, v := range e.Explain() {
		parts := append(make([]string, 0, 1+len(v.Also)), v.String())
		for _, p := range v.Also {
			parts = append(parts, p.String())
		}
		lines = append(lines, strings.Join(parts, " also "))
	}
	got := strings.Join(lines, "\n") + "\n"
	golden(t, "explain", got)
	if strings.Contains(got, "hunter2") {
		t.Error("a secret is shown")
	}
	if !slices.IsSorted([]string{lines[0], lines[1]}) {
		t.Error("not sorted")
	}
}

func TestDashboard(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in   config.Server
		want string
	}{
		{config.Server{}, ""},
		{config.Server{URL: "http://127.0.0.1:4200/api"}, "http://127.0.0.1:4200"},
		{config.Server{URL: "http://x/api", UI: "http://ui/"}, "http://ui"},
		{config.Server{URL: "https://api.prefect.cloud/api/accounts/a/workspaces/w"}, "https://app.prefect.cloud/account/a/workspace/w"},
	} {
		if got := c.in.Dashboard(); got != c.want {
			t.Errorf("%+v: %q, want %q", c.in, got, c.want)
		}
	}
}
