package config_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/config"
)

func TestDifferences(t *testing.T) {
	t.Parallel()
	base := "server: {url: https://x/api}\ntags: [a, b]\nenv: {API_TOKEN: hunter2}\n"
	one := load(t, trial{base: base, file: "concurrency: 1\nparameters: {only: here, same: 1}\n"}.source())
	two := load(t, trial{base: base, file: "concurrency: 2\nenv: {API_TOKEN: hunter3}\n+tags: [c]\nparameters: {same: 1}\nflows: {rpa1: {enabled: false}}\n"}.source())
	if got := config.Differences(one, one); len(got) > 0 {
		t.Errorf("differs from itself: %v", got)
	}
	show := func(v *config.Value) string {
		if v == nil {
			return "-"
		}
		return v.String()
	}
	var got []string
	for _, d := range config.Differences(one, two) {
		got = append(got, d.Key+": "+show(d.One)+" | "+show(d.Two))
	}
	want := []string{
		"concurrency: concurrency = 1  (envs/dev.yaml:1:1) | concurrency = 2  (envs/dev.yaml:1:1)",
		"env.API_TOKEN: env.API_TOKEN = ********  (envs/base.yaml:4:7) | env.API_TOKEN = ********  (envs/dev.yaml:2:7)",
		"flows.rpa1.enabled: - | flows.rpa1.enabled = false  (envs/dev.yaml:5:16)",
		"parameters.only: parameters.only = here  (envs/dev.yaml:2:14) | -",
		"tags: tags = [a b]  (envs/base.yaml:3:1) | tags = [a b c]  (envs/base.yaml:3:1)",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
