package config_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/kind"
)

// place is one layer: how a setting is written into it, and where its value then comes from.
type place struct {
	name  string
	write func(c *written, key, value string)
	from  func(key string) string
}

// written is everything that the layers are made of.
type written struct {
	base, file, beside []string
	environ            []string
	flags              map[string]string
}

// line nests a dotted key: a.b with value v becomes {a: {b: v}} on one line. Two of them in one file would be a key that stands twice, so
// each layer holds one.
func line(key, value string) string {
	parts := strings.Split(key, ".")
	text := value
	for i := len(parts) - 1; i > 0; i-- {
		text = "{" + parts[i] + ": " + text + "}"
	}
	return parts[0] + ": " + text
}

func variable(key, value string) string {
	return "FLOWMAGE_" + strings.ToUpper(strings.ReplaceAll(key, ".", "__")) + "=" + value
}

// places are the layers, the lowest first. What is set for one flow goes over what is set for all.
func places(flow bool) []place {
	below := func(key string) string { return "flows.rpa1." + key }
	out := []place{
		{"base", func(c *written, k, v string) { c.base = append(c.base, line(k, v)) }, func(string) string { return "envs/base.yaml" }},
		{"file", func(c *written, k, v string) { c.file = append(c.file, line(k, v)) }, func(string) string { return "envs/dev.yaml" }},
		{"variable", func(c *written, k, v string) { c.environ = append(c.environ, variable(k, v)) }, func(string) string { return "<environment>" }},
		{"flag", func(c *written, k, v string) { c.flags[k] = v }, func(string) string { return "<flag>" }},
	}
	if !flow {
		return out
	}
	all := out
	for _, p := range all {
		out = append(out, place{"flow " + p.name, func(c *written, k, v string) { p.write(c, below(k), v) }, p.from})
		if p.name == "file" {
			out = append(out, place{
				"beside", func(c *written, k, v string) { c.beside = append(c.beside, line(k, v)) }, func(string) string { return "flows/rpa1/flow.yaml" },
			})
		}
	}
	return out
}

// load gives the settings that the layers make.
func (c written) load(t *testing.T) config.Env {
	t.Helper()
	files := map[string]string{}
	if c.beside != nil {
		files["flows/rpa1/flow.yaml"] = strings.Join(c.beside, "\n")
	}
	e, findings := beside(t, trial{base: "project: robots\n" + strings.Join(c.base, "\n"), file: strings.Join(c.file, "\n"), environ: c.environ, flags: c.flags}, files)
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	return e
}

// form is a setting of one form: two values, and what comes out when the second is put over the first.
type form struct {
	key, low, high string
	get            func(config.Env, config.Settings) any
	want           any
	// mapping says that the parts are merged, so that the place of the whole says nothing.
	mapping bool
}

type texts = map[string]string

var envKinds = []form{
	{"server.url", "http://low/api", "http://high/api", func(e config.Env, _ config.Settings) any { return e.Server.URL }, "http://high/api", false},
	{"python", "low", "high", func(e config.Env, _ config.Settings) any { return e.Python }, "high", false},
	{"prune", "true", "false", func(e config.Env, _ config.Settings) any { return e.Prune }, false, false},
	{"schemas", "source", "python", func(e config.Env, _ config.Settings) any { return e.Schemas }, "python", false},
	{"containers", "off", "auto", func(e config.Env, _ config.Settings) any { return e.Containers }, "auto", false},
	{"exclude", "[low]", "[high]", func(e config.Env, _ config.Settings) any { return e.Exclude }, []string{"high"}, false},
	{"guards.branches", "[low]", "[]", func(e config.Env, _ config.Settings) any { return e.Guards.Branches }, []string{}, false},
	{"guards.confirm", "true", "false", func(e config.Env, _ config.Settings) any { return e.Guards.Confirm }, false, false},
	{"secrets", "{A: low, B: low}", "{B: high}", func(e config.Env, _ config.Settings) any { return e.Secrets }, texts{"A": "low", "B": "high"}, true},
	{"pools.python.concurrency", "1", "0", func(e config.Env, _ config.Settings) any { return *e.Pools["python"].Concurrency }, 0, false},
	{"pools.python.template", "low.json", "high.json", func(e config.Env, _ config.Settings) any { return e.Pools["python"].Template }, "high.json", false},
	{"pools.python.defaults", "{env: {A: low}, b: low}", "{env: {B: high}, b: [high]}", func(e config.Env, _ config.Settings) any {
		return e.Pools["python"].Defaults
	}, map[string]any{"env": map[string]any{"A": "low", "B": "high"}, "b": []any{"high"}}, true},
	{"pools.python.queues", "{a: {concurrency: 1, priority: 1}, b: {}}", "{a: {priority: 2}}", func(e config.Env, _ config.Settings) any {
		return e.Pools["python"].Queues
	}, map[string]config.Queue{"a": {Concurrency: new(1), Priority: new(2)}, "b": {}}, true},
	{"suffix", "-low", "-high", func(e config.Env, _ config.Settings) any { return e.Suffix }, "-high", false},
}

var flowKinds = []form{
	{"code", "{directory: /low}", "{block: s3-bucket/high}", func(_ config.Env, s config.Settings) any { return s.Code }, config.Code{Block: "s3-bucket/high"}, true},
	{"code.git", "{branch: low, submodules: true}", "{branch: high}", func(_ config.Env, s config.Settings) any { return *s.Code.Git }, config.Git{Branch: "high", Submodules: new(true)}, true},
	{"code.remote", "{url: \"s3://low/x\", settings: {a: low, b: low}}", "{url: \"s3://high/x\", settings: {b: high}}", func(_ config.Env, s config.Settings) any { return *s.Code.Remote }, config.Remote{
		URL: "s3://high/x", Settings: map[string]any{"a": "low", "b": "high"},
	}, true},
	{"memory", "1m", "2m", func(_ config.Env, s config.Settings) any { return s.Container.Memory }, "2m", false},
	{"concurrency", "1", "2", func(_ config.Env, s config.Settings) any { return *s.Concurrency }, 2, false},
	{"protect", "true", "false", func(_ config.Env, s config.Settings) any { return s.Protected() }, false, false},
	{"enforce_parameter_schema", "false", "true", func(_ config.Env, s config.Settings) any { return *s.Enforce }, true, false},
	{"naming", `"low-{flow}"`, `"high-{flow}"`, func(_ config.Env, s config.Settings) any { return s.DeploymentName("x", "python") }, "high-x", false},
	{"kinds", "[container]", "[python]", func(_ config.Env, s config.Settings) any { return s.Kinds }, []kind.Kind{kind.Python}, false},
	{"tags", "[low]", "[high]", func(_ config.Env, s config.Settings) any { return s.Tags }, []string{"high"}, false},
	{"networks", "[low]", "[]", func(_ config.Env, s config.Settings) any { return s.Container.Networks }, []string{}, false},
	{"env", "{A: low, B: low}", "{B: high}", func(_ config.Env, s config.Settings) any { return s.Env }, texts{"A": "low", "B": "high"}, true},
	{"image.build_args", "{A: low, B: low}", "{B: high}", func(_ config.Env, s config.Settings) any { return s.Container.Image.BuildArgs }, texts{"A": "low", "B": "high"}, true},
	{"image", "{registry: low, base: low}", "{registry: high}", func(_ config.Env, s config.Settings) any {
		return s.Container.Image.Registry + " " + s.Container.Image.Base
	}, "high low", true},
	{"pools.python", "{name: low, queue: low}", "{name: high}", func(_ config.Env, s config.Settings) any { return s.Pools["python"] }, config.Pool{Name: "high", Type: "process", Queue: "low"}, true},
	{"parameters", "{a: {x: 1, y: [1, 2]}, b: null}", "{a: {y: [3]}, c: 1.5}", func(_ config.Env, s config.Settings) any { return s.Parameters }, map[string]any{
		"a": map[string]any{"x": 1, "y": []any{3}}, "b": nil, "c": 1.5,
	}, true},
	{"job_variables", "{a: low, b: low}", "{b: {c: high}}", func(_ config.Env, s config.Settings) any { return s.JobVariables }, map[string]any{
		"a": "low", "b": map[string]any{"c": "high"},
	}, true},
	{"schedules", "[{interval: 1}, {interval: 2}]", "[{cron: 0 6 * * *}]", func(_ config.Env, s config.Settings) any {
		return fmt.Sprintf("%d %s", len(s.Schedules), s.Schedules[0].Cron)
	}, "1 0 6 * * *", false},
	{"pause_schedules", "false", "true", func(e config.Env, _ config.Settings) any { return paused(e) }, true, false},
	{"enabled", "true", "false", func(_ config.Env, s config.Settings) any { return s.Enabled }, false, false},
}

// paused tells whether a schedule would be active.
func paused(e config.Env) bool {
	e.Schedules = []config.Schedule{{Cron: "0 6 * * *"}}
	s := e.Settings("rpa1", "flows/rpa1")
	return s.Schedules[0].Active != nil && !*s.Schedules[0].Active
}

// TestEveryPairOfLayers puts each form of value into each pair of layers: the higher one holds, mappings merge, and the place that is told
// is the one that counts.
func TestEveryPairOfLayers(t *testing.T) {
	t.Parallel()
	pairs := 0
	for flow, kinds := range map[bool][]form{false: envKinds, true: flowKinds} {
		layers := places(flow)
		for _, k := range kinds {
			for i, low := range layers {
				for j, high := range layers {
					if i >= j {
						continue
					}
					pairs++
					c := written{flags: map[string]string{}}
					// A mapping of all and its flow lie at different keys of one file, so both fit there.
					low.write(&c, k.key, k.low)
					high.write(&c, k.key, k.high)
					e := c.load(t)
					s := e.Settings("rpa1", "flows/rpa1")
					where := k.key + ": " + high.name + " over " + low.name
					if diff := cmp.Diff(k.want, k.get(e, s)); diff != "" {
						t.Errorf("%s (-want +got):\n%s", where, diff)
					}
					from := e.Origin(k.key)
					if flow {
						from = e.FlowOrigin(k.key, "rpa1", "flows/rpa1")
					}
					if want := high.from(k.key); !k.mapping && from.File != want {
						t.Errorf("%s is from %v, want %s", where, from, want)
					}
				}
			}
		}
	}
	t.Logf("%d pairs", pairs)
}

// A value alone holds over the default from every layer.
func TestEveryLayerOverDefaults(t *testing.T) {
	t.Parallel()
	for flow, kinds := range map[bool][]form{false: envKinds, true: flowKinds} {
		for _, k := range kinds {
			if k.mapping {
				continue
			}
			for _, p := range places(flow) {
				c := written{flags: map[string]string{}}
				p.write(&c, k.key, k.high)
				e := c.load(t)
				if diff := cmp.Diff(k.want, k.get(e, e.Settings("rpa1", "flows/rpa1"))); diff != "" {
					t.Errorf("%s: %s (-want +got):\n%s", k.key, p.name, diff)
				}
			}
		}
	}
}

// A list with + appends to whatever lies below, from each file to each.
func TestEveryPairAppends(t *testing.T) {
	t.Parallel()
	files := func(p place) bool { return !strings.Contains(p.name, "variable") && !strings.Contains(p.name, "flag") }
	layers := places(true)
	for i, low := range layers {
		for j, high := range layers {
			if i >= j || !files(high) {
				continue
			}
			c := written{flags: map[string]string{}}
			low.write(&c, "tags", "[low]")
			high.write(&c, "+tags", "[high]")
			if diff := cmp.Diff([]string{"low", "high"}, c.load(t).Settings("rpa1", "flows/rpa1").Tags); diff != "" {
				t.Errorf("%s to %s: %s", high.name, low.name, diff)
			}
		}
	}
}

// In settings alone nothing depends on the order in which a map is read.
func TestLoadIsTheSameEachTime(t *testing.T) {
	t.Parallel()
	c := trial{base: "flows: {a: {tags: [x]}, b: {+tags: [y]}}\nparameters: {p: 1, q: {r: 2}}\n", environ: []string{"FLOWMAGE_FLOWS__A__VERSION=1"}}
	root, _ := c.source().Root.(fstest.MapFS)
	first, _ := load(t, c.source()).Beside(root, nil)
	for range 20 {
		again := load(t, c.source())
		if diff := cmp.Diff(first.Explain(), again.Explain()); diff != "" {
			t.Fatal(diff)
		}
	}
}
