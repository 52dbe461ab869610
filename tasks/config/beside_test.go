package config_test

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/config"
)

// beside loads settings and adds files beside flows.
func beside(t *testing.T, c trial, files map[string]string) (config.Env, []string) {
	t.Helper()
	s := c.source()
	root, _ := s.Root.(fstest.MapFS)
	var names []string
	for name, text := range files {
		root[name] = &fstest.MapFile{Data: []byte(text)}
		names = append(names, name)
	}
	e, findings := load(t, s).Beside(root, names)
	out := make([]string, 0, len(findings))
	for _, f := range findings {
		out = append(out, f.String())
	}
	return e, out
}

func TestBesideLiesBetweenFilesAndVariables(t *testing.T) {
	t.Parallel()
	e, findings := beside(t, trial{
		base:    "tags: [all]\nconcurrency: 1\n",
		file:    "flows:\n  rpa1: {concurrency: 2, description: env, version: env, parameters: {a: env, b: env, c: env}}\n",
		environ: []string{"FLOWMAGE_FLOWS__RPA1__VERSION=variable", "FLOWMAGE_FLOWS__RPA1__PARAMETERS__C=variable"},
		flags:   map[string]string{"flows.rpa1.memory": "1g"},
	}, map[string]string{
		"flows/rpa1/flow.yaml": "concurrency: 3\n+tags: [own]\nversion: file\nmemory: 2g\nparameters: {b: file, c: file}\nschedules:\n- cron: 0 6 * * *\n",
	})
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	names := []string{"Sales", "rpa1", "main", "flows/rpa1"}
	s := e.Settings(names...)
	got := map[string]any{
		"concurrency": *s.Concurrency, "description": s.Description, "version": s.Version, "parameters": s.Parameters, "tags": s.Tags, "memory": s.Container.Memory,
		"schedule": s.Schedules[0].Position.String(),
	}
	want := map[string]any{
		"concurrency": 3, "description": "env", "version": "variable", "tags": []string{"all", "own"}, "memory": "1g",
		"parameters": map[string]any{"a": "env", "b": "file", "c": "variable"}, "schedule": "flows/rpa1/flow.yaml:7:3",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for key, want := range map[string]string{
		"concurrency": "flows/rpa1/flow.yaml:1:1", "description": "envs/dev.yaml:2:26", "version": "FLOWMAGE_FLOWS__RPA1__VERSION", "memory": "flag",
		"parameters.b": "flows/rpa1/flow.yaml:5:14", "parameters.c": "FLOWMAGE_FLOWS__RPA1__PARAMETERS__C", "naming": "default",
	} {
		if got := (config.Value{Origin: e.FlowOrigin(key, names...)}).From(); got != want {
			t.Errorf("%s is from %s, want %s", key, got, want)
		}
	}
	if other := e.Settings("rpa2", "main", "flows/rpa2"); *other.Concurrency != 1 || len(other.Tags) != 1 {
		t.Errorf("another flow has them too: %+v", other)
	}
	shown := false
	for _, v := range e.Explain() {
		shown = shown || strings.HasPrefix(v.String(), `flows."flows/rpa1/flow.yaml".concurrency = 3  (flows/rpa1/flow.yaml:1:1)`)
	}
	if !shown {
		t.Error("the file's values are not explained")
	}
}

func TestBesideIsStrict(t *testing.T) {
	t.Parallel()
	_, findings := beside(t, trial{}, map[string]string{"flows/rpa1/flow.yaml": `concurency: 1
server: {url: http://x/api}
tags: nightly
environments: [prdo, production]
`, "flows/rpa2/flow.yml": "", "flows/rpa3/flow.yaml": "- a\n"})
	golden(t, "beside", strings.Join(sorted(findings), "\n")+"\n")
}

func TestEnvironmentsOfAFlow(t *testing.T) {
	t.Parallel()
	e, _ := beside(t, trial{file: "flows: {rpa2: {environments: [development]}, rpa3: {environments: []}}"},
		map[string]string{"flows/rpa1/flow.yaml": "environments: [prod]\n"})
	for name, want := range map[string]bool{"rpa1": false, "rpa2": true, "rpa3": false, "rpa4": true} {
		if got := e.Settings(name, "flows/"+name).Enabled; got != want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func sorted(texts []string) []string {
	slices.Sort(texts)
	return texts
}
