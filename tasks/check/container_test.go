package check_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/check"
	"github.com/flowmage/flowmage/tasks/flow"
)

// TestAPIAddress is about the address at which containers look for the API.
func TestAPIAddress(t *testing.T) {
	t.Parallel()
	flows := []flow.Flow{{Name: "a", Entrypoint: "flows/a/w.py:a", File: "flows/a/w.py", Files: []string{"flows/a/w.py"}}}
	for text, want := range map[string][]string{
		"kinds: [container]\n": nil,
		"kinds: [python]\ncode: {directory: /srv}\nserver: {url: \"http://localhost:4200/api\"}\n": nil,
		"kinds: [container]\nserver: {url: \"http://127.0.0.1:4200/api\"}\n": {
			"envs/staging.yaml:2:10 a warning container-setting: the server is at http://127.0.0.1:4200/api, where containers can't reach it if it listens on loopback only",
		},
		"kinds: [container]\njob_variables: {network_mode: host}\nserver: {url: \"http://127.0.0.1:4200/api\"}\n":    nil,
		"kinds: [container]\nenv: {PREFECT_API_URL: \"http://prefect.example.com/api\"}\n":                           nil,
		"kinds: [container]\npools: {container: {type: kubernetes}}\nserver: {url: \"http://localhost:4200/api\"}\n": nil,
		"kinds: [container]\nenv: {PREFECT_API_URL: \"http://localhost:4200/api\"}\n": {
			"envs/staging.yaml:2:7 a error container-setting: PREFECT_API_URL is http://localhost:4200/api in a container",
		},
	} {
		if diff := cmp.Diff(want, brief(check.Settings(places(t, text), flows, nil))); diff != "" {
			t.Errorf("%s%s", text, diff)
		}
	}
}
