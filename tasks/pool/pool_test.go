package pool_test

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/pool"
	"github.com/flowmage/flowmage/templates"
)

// wanted gives the pools of dev with the given settings, and what is wrong in a line each. files are more files of the repository.
func wanted(t *testing.T, settings string, files map[string]string) (list []pool.Pool, wrong []string) {
	t.Helper()
	root := fstest.MapFS{"envs/base.yaml": {Data: []byte("project: shop\n")}, "envs/dev.yaml": {Data: []byte(settings)}, "flows": {Mode: fs.ModeDir}}
	for name, text := range files {
		root[name] = &fstest.MapFile{Data: []byte(text)}
	}
	env, findings, err := config.Load(config.Source{Root: root, Env: "dev", Folder: "/shop"})
	if err != nil || len(findings) > 0 {
		t.Fatal(err, findings)
	}
	list, findings = pool.Wanted(root, templates.FS, env)
	for _, f := range findings {
		wrong = append(wrong, f.String())
	}
	return list, wrong
}

// variable gives one of the variables of a pool's template.
func variable(t *testing.T, p pool.Pool, name string) map[string]any {
	t.Helper()
	properties, _ := pool.Variables(p.Base)["properties"].(map[string]any)
	v, ok := properties[name].(map[string]any)
	if !ok {
		t.Fatalf("%s has no variable %s", p.Name, name)
	}
	return v
}

func TestDefaultsGoIntoTheTemplate(t *testing.T) {
	t.Parallel()
	list, wrong := wanted(t, `
kinds: [python, container]
pools:
  python: {defaults: {stream_output: false, working_dir: /srv}}
  container: {defaults: {networks: [rpa-network], volumes: ["/srv/data:/data:ro", "cache:/cache"], env: {TZ: "{{ prefect.variables.zone }}"}, mem_limit: 1g}}
`, nil)
	if len(wrong) > 0 || len(list) != 2 {
		t.Fatal(wrong, list)
	}
	for name, want := range map[string]any{
		"networks": []any{"rpa-network"}, "volumes": []any{"/srv/data:/data:ro", "cache:/cache"}, "mem_limit": "1g",
		"env": map[string]any{"TZ": "{{ prefect.variables.zone }}"}, "auto_remove": false,
	} {
		if diff := cmp.Diff(want, variable(t, list[1], name)["default"]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if p := list[0]; variable(t, p, "stream_output")["default"] != false || variable(t, p, "working_dir")["default"] != "/srv" || !p.Stated() {
		t.Errorf("%+v", p)
	}
	if plain, _ := wanted(t, "", nil); plain[0].Stated() || plain[0].Queues != nil || plain[0].Base == nil {
		t.Errorf("%+v", plain[0])
	}
}

const own = `{"job_configuration": {"command": "{{ command }}", "name": "{{ ctx.flow.name }}"}, "variables": {"type": "object", "properties": {"command": {"type": "string", "default": "x"}}}}`

// A template of the repository's own stands in for the built-in one: for all pools of the type, or for one.
func TestOwnTemplates(t *testing.T) {
	t.Parallel()
	for settings, files := range map[string]map[string]string{
		"": {"templates/pools/process.json": own},
		"pools: {python: {template: pools/mine.json}}": {"pools/mine.json": own, "templates/pools/process.json": "not read"},
	} {
		list, wrong := wanted(t, settings, files)
		if len(wrong) > 0 || variable(t, list[0], "command")["default"] != "x" {
			t.Error(settings, wrong)
		}
	}
}

func TestWrongPools(t *testing.T) {
	t.Parallel()
	mine := func(text string) map[string]string { return map[string]string{"mine.json": text} }
	const named = "pools: {python: {template: mine.json}}"
	for _, c := range []struct {
		settings string
		files    map[string]string
		want     []string
	}{
		{"pools: {python: {defaults: {stream_outputs: false}}}", nil, []string{
			`envs/dev.yaml:1:29: error: the template of the work pool shop-dev has no variable "stream_outputs" [pool-default]`,
		}},
		{"pools: {python: {defaults: {stream_output: loud, env: {A: 1}}}}", nil, []string{
			"envs/dev.yaml:1:29: error: defaults.stream_output: got string, want boolean [pool-default]",
			"envs/dev.yaml:1:50: error: defaults.env.A: got number, want string [pool-default]",
		}},
		{`pools: {python: {defaults: {env: {TOKEN: "{{ $TOKEN }}"}}}}`, nil, []string{
			"envs/dev.yaml:1:29: error: defaults.env holds {{ $TOKEN }}, which nobody fills in for a work pool [pool-default]",
		}},
		{"kinds: [container]\npools: {container: {defaults: {volumes: [./data:/data]}}}", nil, []string{
			`envs/dev.yaml:2:32: error: defaults.volumes holds "./data:/data", which would count from the folder of whichever worker [pool-default]`,
		}},
		{named, nil, []string{"envs/dev.yaml:1:18: error: the template of the work pool shop-dev can't be read: open mine.json: file does not exist [pool-template]"}},
		{named, mine("{"), []string{"envs/dev.yaml:1:18: error: the template of the work pool shop-dev can't be read: unexpected EOF [pool-template]"}},
		{named, mine("[]"), []string{"envs/dev.yaml:1:18: error: the template of the work pool shop-dev can't be read: it is no mapping [pool-template]"}},
		{named, mine(own + "{}"), []string{"envs/dev.yaml:1:18: error: the template of the work pool shop-dev can't be read: there is something behind the first value [pool-template]"}},
		{named, mine(`{"job_configuration": {}, "variables": {}}`), []string{"envs/dev.yaml:1:18: error: the template of the work pool shop-dev has no mapping job_configuration [pool-template]"}},
		{named, mine(`{"variables": {}}`), []string{"envs/dev.yaml:1:18: error: the template of the work pool shop-dev has no mapping job_configuration [pool-template]"}},
		{named, mine(`{"job_configuration": {"command": "x"}, "variables": []}`), []string{"envs/dev.yaml:1:18: error: the template of the work pool shop-dev has no mapping variables.properties [pool-template]"}},
		{named, mine(strings.Replace(own, `{"command": {"type"`, `{"comand": {"type"`, 1)), []string{
			`envs/dev.yaml:1:18: error: the template of the work pool shop-dev takes the variable "command", which its variables.properties lack [pool-template]`,
		}},
		{"", map[string]string{"templates/pools/process.json": "{}"}, []string{
			"templates/pools/process.json: error: the template of the work pool shop-dev has no mapping job_configuration [pool-template]",
		}},
	} {
		_, got := wanted(t, c.settings, c.files)
		for i, g := range got {
			at := strings.Index(g, "]")
			got[i] = g[:at+1]
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s %v (-want +got):\n%s", c.settings, c.files, diff)
		}
	}
}

// The built-in templates are sound, and each of their variables is told about.
func TestBuiltInTemplates(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"process", "docker", "kubernetes"} {
		template, err := pool.BuiltIn(templates.FS, kind)
		if err != nil {
			t.Fatal(err)
		}
		properties, _ := pool.Variables(template)["properties"].(map[string]any)
		job := fmt.Sprint(template["job_configuration"])
		for name, v := range properties {
			if p, _ := v.(map[string]any); p["description"] == nil || !strings.Contains(job, "{{ "+name+" }}") {
				t.Errorf("%s: %s is not told about, or not used", kind, name)
			}
		}
	}
	if _, err := pool.BuiltIn(templates.FS, "nope"); err == nil {
		t.Error("a type without a template")
	}
}

func TestMisfits(t *testing.T) {
	t.Parallel()
	schema := map[string]any{"type": "object", "required": []any{"a"}, "properties": map[string]any{"n": map[string]any{"type": "integer"}}}
	if got := pool.Misfits(schema, map[string]any{"n": 1}); got != nil {
		t.Error(got)
	}
	if got := pool.Misfits(schema, map[string]any{"n": "x"}); !slices.Equal(got, []string{"n: got string, want integer"}) {
		t.Error(got)
	}
	if _, kept := schema["required"]; !kept {
		t.Error("the schema was changed")
	}
	for _, odd := range []map[string]any{nil, {"type": 7}, {"$ref": "nowhere.json"}} {
		if got := pool.Misfits(odd, map[string]any{"n": 1}); got != nil {
			t.Error(odd, got)
		}
	}
}
