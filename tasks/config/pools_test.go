package config_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/pool"
)

// pools gives the work pools of settings, with what is wrong with them.
func pools(t *testing.T, c trial, files map[string]string) (list []config.Pool, findings []string) {
	t.Helper()
	e, wrong := beside(t, c, files)
	for _, f := range wrong {
		t.Errorf("unexpected: %v", f)
	}
	list, found := pool.Stated(e)
	for _, f := range found {
		findings = append(findings, f.Position.String()+" "+f.Code+": "+f.Message)
	}
	return list, findings
}

func TestWorkPools(t *testing.T) {
	t.Parallel()
	one, two, three := 1, 2, 3
	type upkeep = config.Upkeep
	for _, c := range []struct {
		name, file string
		beside     string
		environ    []string
		want       []config.Pool
	}{
		{"defaults", "", "", nil, []config.Pool{{Name: "robots-dev", Type: "process"}}},
		{"both kinds, with all", `
kinds: [python, container]
pools:
  python: {name: few, concurrency: 2, queues: {fast: {priority: 1, concurrency: 3}, slow: {}}}
  container: {type: kubernetes, template: pools/large.json, defaults: {namespace: robots}, queues: {}}
`, "", nil, []config.Pool{
			{Name: "few", Type: "process", Upkeep: upkeep{Concurrency: &two, Queues: map[string]config.Queue{"fast": {Concurrency: &three, Priority: &one}, "slow": {}}}},
			{Name: "robots-dev-containers", Type: "kubernetes", Upkeep: upkeep{
				Template: "pools/large.json", Defaults: map[string]any{"namespace": "robots"}, Queues: map[string]config.Queue{},
			}},
		}},
		{"a flow's own is not the environment's", "pools: {python: {concurrency: 1}}\nflows: {rpa1: {pools: {python: {name: big, concurrency: 3}}}}\n", "", nil, []config.Pool{
			{Name: "big", Type: "process", Upkeep: upkeep{Concurrency: &three}}, {Name: "robots-dev", Type: "process", Upkeep: upkeep{Concurrency: &one}},
		}},
		{"two flows share one", "flows: {a: {pools: {python: {name: big, concurrency: 3}}}, b: {pools: {python: {name: big}}}}\n", "", nil, []config.Pool{
			{Name: "big", Type: "process", Upkeep: upkeep{Concurrency: &three}}, {Name: "robots-dev", Type: "process"},
		}},
		{"beside over file", "flows: {rpa1: {pools: {python: {name: big, concurrency: 3}}}}\n", "pools: {python: {name: big, concurrency: 2}}\n", nil, []config.Pool{
			{Name: "big", Type: "process", Upkeep: upkeep{Concurrency: &two}}, {Name: "robots-dev", Type: "process"},
		}},
		{
			"variable over beside", "", "pools: {python: {name: big, concurrency: 2}}\n",
			[]string{"FLOWMAGE_FLOWS__RPA1__POOLS__PYTHON__NAME=big", "FLOWMAGE_FLOWS__RPA1__POOLS__PYTHON__CONCURRENCY=3"},
			[]config.Pool{{Name: "big", Type: "process", Upkeep: upkeep{Concurrency: &three}}, {Name: "robots-dev", Type: "process"}},
		},
	} {
		files := map[string]string{}
		if c.beside != "" {
			files["flows/rpa1/flow.yaml"] = c.beside
		}
		got, findings := pools(t, trial{file: c.file, environ: c.environ}, files)
		if diff := cmp.Diff(c.want, got, cmpopts.IgnoreFields(config.Pool{}, "Places")); diff != "" || len(findings) > 0 {
			t.Errorf("%s (-want +got):\n%s%v", c.name, diff, findings)
		}
	}
}

func TestContradictingWorkPools(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ file, want string }{
		{"pools: {python: {queues: {a: {priority: 1}, b: {priority: 1}}}}\n", "envs/dev.yaml:1:49 queue-priority: the queues a and b of the work pool robots-dev have the same priority, 1"},
		{"flows: {rpa1: {pools: {python: {concurrency: 1}}}}\n", "envs/dev.yaml:1:33 pool-shared: concurrency would change the work pool robots-dev, in which other flows run too"},
		{
			"flows: {a: {pools: {python: {name: big, concurrency: 1}}}, b: {pools: {python: {name: big, concurrency: 2}}}}\n",
			"envs/dev.yaml:1:92 pool-conflict: concurrency of the work pool big is said twice, and differently: here and at envs/dev.yaml:1:41",
		},
		{
			"kinds: [python, container]\npools: {python: {name: one}, container: {name: one}}\n",
			"envs/dev.yaml:2:18 pool-conflict: type of the work pool one is said twice, and differently: here and at envs/dev.yaml:2:42",
		},
		{
			"pools: {python: {queue: fsat, queues: {fast: {}}}}\n",
			`envs/dev.yaml:1:18 queue-unknown: the queue "fsat" is not among those that the settings give the work pool robots-dev`,
		},
	} {
		if _, got := pools(t, trial{file: c.file}, nil); len(got) != 1 || got[0] != c.want {
			t.Errorf("%s\nwant %s\ngot  %v", c.file, c.want, got)
		}
	}
}
