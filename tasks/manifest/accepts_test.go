package manifest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/manifest"
	"github.com/flowmage/flowmage/tasks/prerequisite"
)

// kinds are values of every kind.
var kinds = map[string]string{
	"null": "null", "text": "words", "empty text": "''", "number": "3", "number as text": "'3'", "fraction": "0.5", "truth": "true", "list": "[]",
	"list of texts": "[a]", "list of null": "[null]", "list of mappings": "[{}]", "mapping": "{}", "full mapping": "{a: 1}",
}

// deliberate are the values of a wrong type on which we and Prefect differ, with the reason.
var deliberate = map[string]string{
	"concurrency_limit.limit: truth":                "true is 1 for pydantic, and nobody means that",
	"concurrency_limit.grace_period_seconds: truth": "the same",
	"deployments.concurrency_limit: truth":          "the same",
	"triggers.threshold: truth":                     "the same",
	"triggers.within: truth":                        "the same",
	"triggers.schedule_after: truth":                "the same",
	"deployments.tags: text":                        "the command line takes a text for a template, and fails once the template has been filled in",
	"deployments.tags: empty text":                  "the same",
	"deployments.tags: number as text":              "the same",
	"deployments.tags: list of null":                "the command line takes it, the server does not",
	"deployments.tags: list of mappings":            "the same",
	"schedules.active: text":                        "a text is for a template, and fails once that has been filled in",
	"schedules.active: empty text":                  "the same",
	"schedules.active: number as text":              "the same",
	"schedules.day_or: text":                        "the same",
	"schedules.day_or: empty text":                  "the same",
	"schedules.day_or: number as text":              "the same",
	"deployments: null":                             "Prefect drops the file, in which there is nothing; here the rest of it is judged",
}

// manifests gives texts with one value as %s, by the key that it has.
func manifests() map[string]string {
	const head = "deployments:\n- name: n\n  entrypoint: f.py:f\n"
	out := map[string]string{
		"deployments.name": "deployments:\n- name: %s\n  entrypoint: f.py:f\n", "deployments.entrypoint": "deployments:\n- name: n\n  entrypoint: %s\n",
		"concurrency_limit.limit": head + "  concurrency_limit:\n    limit: %s\n",
		"triggers.type":           head + "  triggers:\n  - type: %s\n",
	}
	for before, keys := range map[string][]string{
		"": {"name", "build", "push", "pull", "deployments"},
		head + "  |deployments": {
			"version", "version_type", "tags", "description", "schedule", "schedules", "paused", "concurrency_limit", "flow_name", "parameters",
			"enforce_parameter_schema", "build", "push", "pull", "work_pool", "triggers",
		},
		head + "  work_pool:\n    |work_pool":                               {"name", "work_queue_name", "job_variables"},
		head + "  concurrency_limit:\n    limit: 2\n    |concurrency_limit": {"collision_strategy", "grace_period_seconds"},
		head + "  schedules:\n  - cron: '0 6 * * *'\n    |schedules":        {"timezone", "anchor_date", "active", "parameters", "slug", "replaces", "day_or", "rrule", "interval"},
		head + "  schedules:\n  - interval: 60\n    |schedules beside":      {"cron"},
		head + "  schedules:\n  - |schedules alone":                         {"cron", "interval", "rrule"},
		head + "  triggers:\n  - type: event\n    |triggers": {
			"name", "description", "enabled", "parameters", "job_variables", "schedule_after", "match", "match_related", "after", "expect", "for_each", "posture",
			"threshold", "within",
		},
	} {
		text, where, _ := strings.Cut(before, "|")
		for _, key := range keys {
			name := strings.TrimPrefix(where+"."+key, ".")
			out[name] = text + key + ": %s\n"
		}
	}
	return out
}

// TestTypesAsPrefect gives every key values of every kind: what Prefect takes is of the right type for us, and what it refuses is an error.
func TestTypesAsPrefect(t *testing.T) {
	t.Parallel()
	python := prerequisite.Python(t)
	var names, texts []string
	for key, format := range manifests() {
		for kind, value := range kinds {
			names, texts = append(names, key+": "+kind), append(texts, fmt.Sprintf(format, value))
		}
	}
	in, err := json.Marshal(texts)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), python, filepath.Join("testdata", "accepts.py"))
	cmd.Stdin = bytes.NewReader(in)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var refusals []*string
	if err := json.Unmarshal(out, &refusals); err != nil || len(refusals) != len(texts) {
		t.Fatalf("%d answers to %d texts: %v", len(refusals), len(texts), err)
	}
	differing := map[string]bool{}
	for i, text := range texts {
		_, findings := manifest.Parse("prefect.yaml", []byte(text))
		mistyped := slices.IndexFunc(findings, func(f finding.Finding) bool { return f.Code == "type-wrong" && f.Severity == finding.Error })
		differing[names[i]] = refusals[i] == nil && mistyped >= 0 || refusals[i] != nil && !findings.HasErrors()
		if _, ok := deliberate[names[i]]; ok || !differing[names[i]] {
			continue
		}
		if refusals[i] == nil {
			t.Errorf("%s: Prefect takes it, we say: %s", names[i], findings[mistyped].Message)
		} else {
			t.Errorf("%s: we take it, Prefect says: %s", names[i], *refusals[i])
		}
	}
	for name := range deliberate {
		if !differing[name] {
			t.Errorf("%s: we are said to differ from Prefect, and don't", name)
		}
	}
}
