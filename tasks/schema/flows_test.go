package schema_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/parameter"
	"github.com/flowmage/flowmage/tasks/schema"
)

// What Prefect has said of a flow is given in place of what its source says, and of no other. What it says differently of what has a type is told.
func TestBelieve(t *testing.T) {
	t.Parallel()
	scanned, err := flow.Scan(t.Context(), fstest.MapFS{"a/f.py": {Data: []byte(
		"from prefect import flow\n@flow\ndef f(x: frob.Nicate,\n      y: str): ...\n@flow\ndef g(x: frob.Nicate): ...\n")}}, flow.Options{})
	if err != nil {
		t.Fatal(err)
	}
	said, err := parameter.Parse([]byte(`{"title": "Parameters", "type": "object", "properties": {"y": {"position": 1}, "x": {"position": 0, "default": 12345678901234567890}}, "required": [], "definitions": {}}`))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"x", "y"}, said.Names()); diff != "" {
		t.Error(diff)
	}
	own, differences := schema.Flows(scanned.Library, scanned.Flows, nil)
	if len(own) != 2 || len(differences) > 0 || !strings.Contains(string(own[0].Schema), `"x":{"position":0`) || len(own[0].Untyped) != 1 {
		t.Fatal(own, differences)
	}
	if scanned.Flows[0].Schema != "" {
		t.Error("the flows that were given have changed")
	}
	got, differences := schema.Flows(scanned.Library, scanned.Flows, map[string]parameter.Schema{"a/f.py:f": said})
	if !strings.Contains(string(got[0].Schema), `"default":12345678901234567890`) || len(got[0].Untyped) > 0 {
		t.Error(got[0].Schema, got[0].Untyped)
	}
	if diff := cmp.Diff(said.Properties, got[0].Schema.Open().Properties); diff != "" {
		t.Error(diff)
	}
	if len(differences) != 1 || differences[0].Parameter != "y" || differences[0].Line != 4 || differences[0].Ours.Describe("y") != "a string" {
		t.Error(differences)
	}
	if diff := cmp.Diff(own[1], got[1]); diff != "" || len(got[1].Untyped) != 1 {
		t.Errorf("another flow: %s%v", diff, got[1].Untyped)
	}
}
