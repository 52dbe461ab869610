package command

import (
	"testing"
	"testing/fstest"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/flow"
)

// A flow is run as a Python process where it has such a deployment, and as a container where it has no other.
func TestFirstKind(t *testing.T) {
	t.Parallel()
	one := []flow.Flow{{Name: "one", Function: "one", File: "flows/one/workflow.py"}}
	for settings, want := range map[string]string{
		"":                             inProcess,
		"kinds: [python, container]\n": inProcess,
		"kinds: [container]\n":         container,
		"kinds: [container]\nflows: {one: {kinds: [container, python]}}\n": inProcess,
		"kinds: [python, container]\nflows: {one: {kinds: [container]}}\n": container,
		"kinds: [python]\nflows: {another: {kinds: [container]}}\n":        inProcess,
		"kinds: [container]\nflows: {another: {kinds: [python]}}\n":        container,
	} {
		env, _, err := config.Load(config.Source{Env: "dev", Root: fstest.MapFS{"envs/base.yaml": {Data: []byte("project: shop\n" + settings)}}})
		if err != nil {
			t.Fatal(err)
		}
		if got := firstKind(env, one); got != want {
			t.Errorf("%q: %s, want %s", settings, got, want)
		}
	}
	if got := firstKind(config.Env{}, nil); got != inProcess {
		t.Errorf("without flows: %s", got)
	}
}
