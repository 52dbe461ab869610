package draft

import (
	"testing"
	"testing/fstest"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/session"
)

// A flow is run as a Python process where it has such a deployment, and as a container where it has no other.
func TestFirstKind(t *testing.T) {
	t.Parallel()
	one := []flow.Flow{{Name: "one", Function: "one", File: "flows/one/workflow.py"}}
	for settings, want := range map[string]string{
		"":                             session.InProcess,
		"kinds: [python, container]\n": session.InProcess,
		"kinds: [container]\n":         session.Container,
		"kinds: [container]\nflows: {one: {kinds: [container, python]}}\n": session.InProcess,
		"kinds: [python, container]\nflows: {one: {kinds: [container]}}\n": session.Container,
		"kinds: [python]\nflows: {another: {kinds: [container]}}\n":        session.InProcess,
		"kinds: [container]\nflows: {another: {kinds: [python]}}\n":        session.Container,
	} {
		env, _, err := config.Load(config.Source{Env: "dev", Root: fstest.MapFS{"envs/base.yaml": {Data: []byte("project: shop\n" + settings)}}})
		if err != nil {
			t.Fatal(err)
		}
		if got := firstKind(env, one); got != want {
			t.Errorf("%q: %s, want %s", settings, got, want)
		}
	}
	if got := firstKind(config.Env{}, nil); got != session.InProcess {
		t.Errorf("without flows: %s", got)
	}
}
