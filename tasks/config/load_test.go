package config_test

import (
	"errors"
	"io/fs"
	"os"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/kind"
)

func load(t *testing.T, s config.Source) config.Env {
	t.Helper()
	e, findings, err := config.Load(s)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range findings {
		if f.Code != "secret-literal" {
			t.Errorf("unexpected: %s", f)
		}
	}
	return e
}

func TestDefaults(t *testing.T) {
	t.Parallel()
	e := load(t, trial{}.source())
	want := config.Env{
		Name: "dev", Project: "robots", Paths: []string{"flows"}, Exclude: []string{}, Enabled: new(true),
		Deployment: config.Deployment{
			Naming: "{flow}-{kind}-{env}", Kinds: []kind.Kind{kind.Python}, Tags: []string{}, Schedules: []config.Schedule{}, Paused: new(false), Protect: new(false),
			Pools: map[kind.Kind]config.Pool{kind.Python: {Name: "robots-dev", Type: "process"}}, Code: config.Code{Directory: "/home/me/robots"},
		},
		Containers: "on", Schemas: "source", Guards: config.Guards{Branches: []string{}},
	}
	if diff := cmp.Diff(want, e, cmpopts.IgnoreUnexported(config.Env{})); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if got := e.Settings("rpa1").DeploymentName("rpa1", "python"); got != "rpa1-python-dev" {
		t.Errorf("DeploymentName = %q", got)
	}
}

func TestLayersAndOrigins(t *testing.T) {
	t.Parallel()
	layers := []trial{
		{base: ""},
		{base: "python: base\n"},
		{base: "python: base\n", file: "# x\npython: file\n"},
		{base: "python: base\n", file: "python: file\n", environ: []string{"FLOWMAGE_PYTHON=variable"}},
		{base: "python: base\n", file: "python: file\n", environ: []string{"FLOWMAGE_PYTHON=variable"}, flags: map[string]string{"python": "flag"}},
	}
	want := []struct {
		value string
		from  finding.Position
	}{
		{"", finding.Position{File: "<default>", Key: "python"}},
		{"base", finding.Position{File: "envs/base.yaml", Line: 2, Column: 1, Key: "python"}},
		{"file", finding.Position{File: "envs/dev.yaml", Line: 2, Column: 1, Key: "python"}},
		{"variable", finding.Position{File: "<environment>", Key: "FLOWMAGE_PYTHON"}},
		{"flag", finding.Position{File: "<flag>", Key: "python"}},
	}
	for i, c := range layers {
		e := load(t, c.source())
		if diff := cmp.Diff(want[i].value, e.Python); diff != "" {
			t.Errorf("layer %d: %s", i, diff)
		}
		if diff := cmp.Diff(want[i].from, e.Origin("python").Position); diff != "" {
			t.Errorf("layer %d: %s", i, diff)
		}
	}
}

func TestMerging(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		in   trial
		want map[string]any // parameters
		tags []string
	}{
		{"maps merge", trial{base: "parameters: {a: 1, m: {x: 1}}", file: "parameters: {b: 2, m: {y: 2}}"}, map[string]any{"a": 1, "b": 2, "m": map[string]any{"x": 1, "y": 2}}, []string{}},
		{"lists are replaced", trial{base: "tags: [a]\nparameters: {l: [1, 2]}", file: "tags: [b]\nparameters: {l: [3]}"}, map[string]any{"l": []any{3}}, []string{"b"}},
		{"lists append", trial{base: "tags: [a]\nparameters: {l: [1, 2]}", file: "+tags: [b]\nparameters: {+l: [3]}"}, map[string]any{"l": []any{1, 2, 3}}, []string{"a", "b"}},
		{"append to nothing", trial{file: "+tags: [b]\nparameters: {+l: [3]}"}, map[string]any{"l": []any{3}}, []string{"b"}},
		{"append twice", trial{base: "parameters: {+l: [1]}", file: "parameters: {+l: [2]}"}, map[string]any{"l": []any{1, 2}}, []string{}},
		{"replace an append", trial{base: "parameters: {+l: [1]}", file: "parameters: {l: [2]}"}, map[string]any{"l": []any{2}}, []string{}},
		{"append to a text replaces it", trial{base: "parameters: {l: x}", file: "parameters: {+l: [2]}"}, map[string]any{"l": []any{2}}, []string{}},
		{"empty list clears", trial{base: "tags: [a]", file: "tags: []"}, nil, []string{}},
		{"null is a value of parameters", trial{base: "parameters: {a: 1}", file: "parameters: {a: null}"}, map[string]any{"a": nil}, []string{}},
		{"empty mapping clears nothing", trial{base: "parameters: {a: 1}", file: "parameters:\n"}, map[string]any{"a": 1}, []string{}},
		{"keys with dots", trial{base: "parameters: {prefect.io/owner: a}", file: "parameters: {prefect.io/owner: b, prefect: {io/owner: c}}"}, map[string]any{"prefect.io/owner": "b", "prefect": map[string]any{"io/owner": "c"}}, []string{}},
		{"types change", trial{base: "parameters: {a: {x: 1}}", file: "parameters: {a: 1.5}"}, map[string]any{"a": 1.5}, []string{}},
		{"dates stay text", trial{file: "parameters: {a: 2026-01-01, b: 1:30}"}, map[string]any{"a": "2026-01-01", "b": "1:30"}, []string{}},
	} {
		e := load(t, c.in.source())
		if diff := cmp.Diff(c.want, e.Parameters); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
		if diff := cmp.Diff(c.tags, e.Tags); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestVariables(t *testing.T) {
	t.Parallel()
	c := trial{file: "flows:\n  My-Flow: {enabled: true}\nparameters: {batchSize: 1}\n", environ: []string{
		"FLOWMAGE_SERVER__URL=http://x/api/", "FlowMage_Prune=true", "FLOWMAGE_TAGS=a, b", "FLOWMAGE_PARAMETERS__BATCHSIZE=2",
		"FLOWMAGE_PARAMETERS__New=[1, two]", "FLOWMAGE_FLOWS__MY_FLOW__VERSION=1.0", "FLOWMAGE_ENV__LOG_LEVEL=debug",
		"FLOWMAGE_PARAMETERS__TEMPLATE={{ prefect.variables.x }}", "FLOWMAGE_SCHEDULES=[{cron: '0 6 * * *'}]",
	}}
	e := load(t, c.source())
	type effect struct {
		URL        string
		Prune      bool
		Tags       []string
		Parameters map[string]any
		Version    string
		Env        map[string]string
		Cron       string
	}
	want := effect{
		"http://x/api", true, []string{"a", "b"},
		map[string]any{"batchSize": 2, "new": []any{1, "two"}, "template": "{{ prefect.variables.x }}"},
		"1.0", map[string]string{"LOG_LEVEL": "debug"}, "0 6 * * *",
	}
	got := effect{e.Server.URL, e.Prune, e.Tags, e.Parameters, e.Flow["My-Flow"].Version, e.Env, e.Schedules[0].Cron}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if diff := cmp.Diff(finding.Position{File: "<environment>", Key: "FLOWMAGE_SCHEDULES"}, e.Origin("schedules[0].cron").Position); diff != "" {
		t.Error(diff)
	}
}

func TestFlagsReachNamesWithDots(t *testing.T) {
	t.Parallel()
	c := trial{flags: map[string]string{`flows."a.b".parameters.n`: "3", "server.url": "http://x/api"}}
	e := load(t, c.source())
	if diff := cmp.Diff(map[string]any{"n": 3}, e.Flow["a.b"].Parameters); diff != "" {
		t.Error(diff)
	}
	if got := e.Origin(`flows."a.b".parameters.n`).File; got != "<flag>" {
		t.Errorf("origin %q", got)
	}
}

func TestEnvironments(t *testing.T) {
	t.Parallel()
	root := fstest.MapFS{
		"envs/base.yaml": {}, "envs/prod.yaml": {}, "envs/eu.yaml": {}, "envs/README.md": {}, "envs/Odd Name.yaml": {}, "envs/production.yaml": {},
	}
	got, err := config.Environments(root)
	if err != nil {
		t.Fatal(err)
	}
	want := []config.Environment{{Name: "dev"}, {Name: "staging"}, {Name: "prod", File: "envs/prod.yaml"}, {Name: "eu", File: "envs/eu.yaml"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	names, err := config.List(fstest.MapFS{})
	if diff := cmp.Diff([]string{"dev", "staging", "prod"}, names); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

func TestMissingEnvironmentFile(t *testing.T) {
	t.Parallel()
	root := fstest.MapFS{"envs/base.yaml": {Data: []byte("project: x\ncode: {directory: /x}\nserver: {url: https://x/api}")}, "envs/production.yaml": {}}
	e, findings, err := config.Load(config.Source{Root: root, Env: "production"})
	if err != nil {
		t.Fatal(err)
	}
	want := finding.List{{
		Code: "environment-file-missing", Severity: finding.Warning, Scope: finding.Everything(), Position: finding.Position{File: "envs/prod.yaml"},
		Message: "the environment prod has no file; envs/base.yaml and defaults hold", Why: "envs/production.yaml is not read",
		Fix: "rename it to envs/prod.yaml",
	}}
	if diff := cmp.Diff(want, findings); diff != "" || e.Name != "prod" {
		t.Error(e.Name, diff)
	}
}

func TestFilesThatAreNotRead(t *testing.T) {
	t.Parallel()
	root := fstest.MapFS{
		"envs/base.yml": {}, "envs/prod.yaml": {Data: []byte("server: {url: https://x/api}\ncode: {directory: /x}")},
		"envs/production.yaml": {}, "envs/dev.yml": {},
	}
	_, findings, err := config.Load(config.Source{Root: root, Env: "prod", Remote: func() string { return "https://example.com/a/b.git" }, Environ: []string{"FLOWMAGE_PROJECT=x"}})
	if err != nil {
		t.Fatal(err)
	}
	want := finding.List{
		{
			Code: "file-stray", Severity: finding.Warning, Scope: finding.Everything(), Position: finding.Position{File: "envs/base.yml"},
			Message: "this file is not read, envs/base.yaml is", Fix: "move what you need to envs/base.yaml and remove it",
		},
		{
			Code: "file-stray", Severity: finding.Warning, Scope: finding.Everything(), Position: finding.Position{File: "envs/production.yaml"},
			Message: "this file is not read, envs/prod.yaml is", Fix: "move what you need to envs/prod.yaml and remove it",
		},
	}
	if diff := cmp.Diff(want, findings); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestUnknownEnvironment(t *testing.T) {
	t.Parallel()
	root := fstest.MapFS{"envs/eu.yaml": {}}
	for typed, want := range map[string]fault.Error{
		"prd":         {What: `unknown environment "prd"`, Next: "did you mean -env=prod?"},
		"Dev":         {What: `unknown environment "Dev"`, Next: "did you mean -env=dev?"},
		"devlopment":  {What: `unknown environment "devlopment"`, Next: "did you mean -env=dev?"},
		"customer":    {What: `unknown environment "customer"`, Next: "write envs/customer.yaml to make it one"},
		"base":        {What: `unknown environment "base"`, Next: "write envs/base.yaml to make it one"},
		"../x":        {What: `unknown environment "../x"`, Next: "use one of them; names are small letters, digits, - and _"},
		"eu/../eu":    {What: `unknown environment "eu/../eu"`, Next: "use one of them; names are small letters, digits, - and _"},
		"prod\x00xyz": {What: `unknown environment "prod\x00xyz"`, Next: "use one of them; names are small letters, digits, - and _"},
	} {
		want.Code, want.Why = fault.Usage, "there are: dev, staging, prod, eu"
		_, _, err := config.Load(config.Source{Root: root, Env: typed})
		got, ok := errors.AsType[*fault.Error](err)
		if !ok {
			t.Errorf("%q: no fault but %v", typed, err)
			continue
		}
		if diff := cmp.Diff(&want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", typed, diff)
		}
	}
}

func TestUnreadableFile(t *testing.T) {
	t.Parallel()
	_, _, err := config.Load(config.Source{Root: fstest.MapFS{"envs/base.yaml": {Mode: fs.ModeDir}}, Env: "dev"})
	got, ok := errors.AsType[*fault.Error](err)
	if !ok || got.Where != "envs/base.yaml" || got.Next == "" {
		t.Errorf("got %v", err)
	}
}

// The files that ship must say only what a user has still to fill in.
func TestShippedFiles(t *testing.T) {
	t.Parallel()
	for env, want := range map[string][]string{
		"dev": nil, "staging": {"code-missing", "server-missing"}, "prod": {"code-missing", "server-missing"},
	} {
		_, findings, err := config.Load(config.Source{Root: os.DirFS("../.."), Env: env, Folder: "/x"})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, f := range findings {
			if f.Code != "path-missing" {
				got = append(got, f.Code)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", env, diff)
		}
	}
}
