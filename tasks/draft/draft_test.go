package draft

import (
	"testing"
	"testing/fstest"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/kind"
)

// A flow is run as a Python process where it has such a deployment, and as a container where it has no other.
func TestFirstKind(t *testing.T) {
	t.Parallel()
	one := []flow.Flow{{Name: "one", Function: "one", File: "flows/one/workflow.py"}}
	for settings, want := range map[string]kind.Kind{
		"":                             kind.Python,
		"kinds: [python, container]\n": kind.Python,
		"kinds: [container]\n":         kind.Container,
		"kinds: [container]\nflows: {one: {kinds: [container, python]}}\n": kind.Python,
		"kinds: [python, container]\nflows: {one: {kinds: [container]}}\n": kind.Container,
		"kinds: [python]\nflows: {another: {kinds: [container]}}\n":        kind.Python,
		"kinds: [container]\nflows: {another: {kinds: [python]}}\n":        kind.Container,
	} {
		env, _, err := config.Load(config.Source{Env: "dev", Root: fstest.MapFS{"envs/base.yaml": {Data: []byte("project: shop\n" + settings)}}})
		if err != nil {
			t.Fatal(err)
		}
		if got := firstKind(env, one); got != want {
			t.Errorf("%q: %s, want %s", settings, got, want)
		}
	}
	if got := firstKind(config.Env{}, nil); got != kind.Python {
		t.Errorf("without flows: %s", got)
	}
}
