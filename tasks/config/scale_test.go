package config_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/config"
)

func TestSpread(t *testing.T) {
	t.Parallel()
	load := func(file string) config.Env {
		env, findings, err := config.Load(trial{file: file}.source())
		if err != nil || findings.HasErrors() {
			t.Fatal(err, findings)
		}
		return env
	}
	want := config.Scale{
		API: 2, Services: 1, Workers: new(2), Port: 4200, Image: "robots-dev/prefect:latest", Storage: "10Gi",
		Images: config.Images{Python: "python:3.12-slim", Postgres: "postgres:17", Redis: "redis:7.4", Proxy: "haproxy:3.0-alpine"},
	}
	if diff := cmp.Diff(want, load("{}").Spread()); diff != "" {
		t.Errorf("defaults: %s", diff)
	}
	want.API, want.Workers, want.Images.Redis = 5, new(0), "redis:8"
	if diff := cmp.Diff(want, load("scale: {api: 5, workers: 0, images: {redis: 'redis:8'}}").Spread()); diff != "" {
		t.Error(diff)
	}
}

func TestScaleFindings(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"api: 0": "value-range", "api: 101": "value-range", "workers: -1": "value-range", "port: 65536": "value-range", "api: two": "type-wrong",
		"image: Robots": "value-bad", "image: 'a b'": "value-bad", "storage: ten": "value-bad", "storage: 0Gi": "value-bad",
		"images: {redis: ''}": "value-bad", "images: {mysql: x}": "key-unknown", "apis: 2": "key-unknown",
		"image: 'registry.example.com:5000/a-b/c__d:1.2@sha256:" + strings.Repeat("a", 64) + "'": "", "storage: 512Mi": "",
	}
	for text, want := range tests {
		_, findings, err := config.Load(trial{file: "scale: {" + text + "}"}.source())
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if len(findings) > 0 {
			got = findings[0].Code
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
}

func TestLabel(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ project, env, want string }{
		{"robots", "prod", "robots-prod"},
		{"Sales_Robots.2", "dev", "sales-robots-2-dev"},
		{strings.Repeat("x", 62) + "-", "prod", strings.Repeat("x", 62)},
	} {
		if got := (config.Env{Project: test.project, Name: test.env}).Label(); got != test.want {
			t.Errorf("%s %s: %s", test.project, test.env, got)
		}
	}
}
