package render_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/render"
)

func TestScaleOf(t *testing.T) {
	t.Parallel()
	load := func(file string) config.Env {
		env, findings, err := config.Load(config.Source{
			Env: "dev", Folder: "/x", Root: fstest.MapFS{"envs/base.yaml": {Data: []byte("project: robots")}, "envs/dev.yaml": {Data: []byte(file)}},
		})
		if err != nil || findings.HasErrors() {
			t.Fatal(err, findings)
		}
		return env
	}
	want := config.Scale{
		API: 2, Services: 1, Workers: new(2), Port: 4200, Image: "robots-dev/prefect:latest", Storage: "10Gi",
		Images: config.Images{Python: "python:3.12-slim", Postgres: "postgres:17", Redis: "redis:7.4", Proxy: "haproxy:3.0-alpine"},
	}
	if diff := cmp.Diff(want, render.ScaleOf(load("{}"))); diff != "" {
		t.Errorf("defaults: %s", diff)
	}
	want.API, want.Workers, want.Images.Redis = 5, new(0), "redis:8"
	if diff := cmp.Diff(want, render.ScaleOf(load("scale: {api: 5, workers: 0, images: {redis: 'redis:8'}}"))); diff != "" {
		t.Error(diff)
	}
}

func TestLabel(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ project, env, want string }{
		{"robots", "prod", "robots-prod"},
		{"Sales_Robots.2", "dev", "sales-robots-2-dev"},
		{strings.Repeat("x", 62) + "-", "prod", strings.Repeat("x", 62)},
	} {
		if got := render.Label(config.Env{Project: test.project, Name: test.env}); got != test.want {
			t.Errorf("%s %s: %s", test.project, test.env, got)
		}
	}
}
