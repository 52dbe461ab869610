package plan

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/manifest"
	"github.com/flowmage/flowmage/tasks/prefect"
)

// storedOne is a deployment as a server gives it, with something in each managed field.
const storedOne = `{
  "id": "5f0c1c0a-0000-4000-8000-000000000001", "name": "one", "flow_id": "5f0c1c0a-0000-4000-8000-000000000002", "paused": false,
  "description": "Do it.", "entrypoint": "flows/f.py:f", "version": "abc", "tags": ["b", "flowmage:shop/dev", "a"], "enforce_parameter_schema": true,
  "parameters": {"n": 25, "big": 9007199254740993, "rate": 2.50, "api_key": "hunter22"},
  "parameter_openapi_schema": {"type": "object", "properties": {"n": {"type": "integer", "default": 1}}},
  "work_pool_name": "shop-dev", "work_queue_name": "default", "job_variables": {"env": {"LEVEL": "debug"}},
  "pull_steps": [{"prefect.deployments.steps.set_working_directory": {"directory": "/srv"}}],
  "concurrency_options": {"collision_strategy": "CANCEL_NEW", "grace_period_seconds": null}, "concurrency_limit": null,
  "schedules": [
    {"id": "s1", "slug": "default", "active": false, "schedule": {"cron": "0 6 * * *", "timezone": "Europe/Berlin", "day_or": true}, "parameters": {"n": 7}},
    {"id": "s2", "slug": "often", "active": true, "schedule": {"interval": 60, "anchor_date": "2024-01-01T00:00:00Z", "timezone": "UTC"}, "parameters": {}}
  ]
}`

// What a release has written down must mean the same to the next one: a receipt's hashes tell what other hands did, and a saved plan's
// fingerprint whether it still holds. The values were computed by the release that introduced format 1 of both.
func TestHashesStay(t *testing.T) {
	t.Parallel()
	var d prefect.Deployment
	dec := json.NewDecoder(strings.NewReader(storedOne))
	dec.UseNumber() // as the client does
	if err := dec.Decode(&d); err != nil {
		t.Fatal(err)
	}
	state, err := StateOf(d)
	if err != nil {
		t.Fatal(err)
	}
	p := Plan{Project: "shop", Env: "dev", API: "http://127.0.0.1:4200/api", Actions: []Action{
		{Op: Create, Name: "new", Flow: "f", Fields: map[string]any{"entrypoint": "flows/f.py:f", "parameters": map[string]any{"n": 1}}},
		{Op: Update, Name: "one", Flow: "f", ID: d.ID, Have: &d, Fields: map[string]any{"parameters": map[string]any{"n": 2}}},
		{Op: Unchanged, Name: "three", Flow: "f", ID: "3", Have: &d},
		{Op: Delete, Name: "two", Flow: "f", ID: "2", Have: &d},
		{Op: Blocked, Name: "four", Flow: "f", Reasons: finding.List{{Code: "x"}}},
		{Op: Update, Name: "stepped", Flow: "f", ID: "5", Have: &d, Desired: Desired{Flow: &flow.Flow{}, Steps: []manifest.Step{{Script: "make", Expand: true}}}},
	}}
	fingerprint, err := p.Fingerprint()
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct{ what, got, want string }{
		{"a state", state.Hash(), "77db7d04df1dfec6"},
		{"a plan", fingerprint, "65fa920298260796dc0de2b28dd39c4a"},
	} {
		if x.got != x.want {
			t.Errorf("the hash of %s is %s, was %s", x.what, x.got, x.want)
		}
	}
}
