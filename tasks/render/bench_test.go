package render_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/manifest"
	"github.com/flowmage/flowmage/tasks/render"
	"github.com/flowmage/flowmage/templates"
)

// large is a repository with settings of their own for each of many flows, in the common file, the environment's and beside the flow.
func large(count int) (fstest.MapFS, []flow.Flow, []string) {
	root := fstest.MapFS{"flows/x.py": {}}
	var base, env strings.Builder
	base.WriteString("project: shop\nserver: {url: https://prefect.example.com/api}\ncode: {directory: /srv/shop}\nflows:\n")
	env.WriteString("tags: [all]\nparameters: {limit: 10}\nflows:\n")
	list := make([]flow.Flow, 0, count)
	files := make([]string, 0, count)
	for i := range count {
		name := fmt.Sprintf("flow-%d", i)
		fmt.Fprintf(&base, "  %s:\n    tags: [a, b]\n    parameters: {batch_size: %d, options: {x: 1}}\n    schedules: [{cron: 0 6 * * *, timezone: Europe/Berlin}]\n", name, i)
		fmt.Fprintf(&env, "  %s:\n    +tags: [c]\n    parameters: {options: {y: 2}}\n    env: {LEVEL: debug}\n", name)
		files = append(files, "flows/"+name+"/flow.yaml")
		root[files[i]] = &fstest.MapFile{Data: []byte("concurrency: 1\nvolumes: [./data:/data]\n")}
		list = append(list, flow.Flow{
			Name: name, Function: "main", File: "flows/" + name + "/workflow.py", Entrypoint: "flows/" + name + "/workflow.py:main", Version: "0123456789ab",
		})
	}
	root["envs/base.yaml"] = &fstest.MapFile{Data: []byte(base.String())}
	for _, name := range []string{"dev", "staging", "prod"} {
		root["envs/"+name+".yaml"] = &fstest.MapFile{Data: []byte(env.String())}
	}
	return root, list, files
}

// whole goes from files to a manifest that has been read back, and gives the number of deployments.
func whole(tb testing.TB, root fstest.MapFS, flows []flow.Flow, files []string, name string) int {
	tb.Helper()
	env, findings, err := config.Load(config.Source{Root: root, Env: name, Folder: "/srv/shop"})
	if err != nil || findings.HasErrors() {
		tb.Fatal(err, findings)
	}
	env, findings = env.Beside(root, files)
	if findings.HasErrors() {
		tb.Fatal(findings)
	}
	text, err := render.Prefect(fstest.MapFS{}, templates.FS, env, render.Deployments(env, flows, options))
	if err != nil {
		tb.Fatal(err)
	}
	m, findings := manifest.Parse("prefect.yaml", text)
	if findings.HasErrors() {
		tb.Fatal(findings)
	}
	return len(m.Deployments)
}

// BenchmarkThousandFlows loads, merges, renders and reads back three environments of 1,000 flows. It also tells the most
// memory that was in use at once, live or not yet collected.
func BenchmarkThousandFlows(b *testing.B) {
	root, flows, files := large(1000)
	var peak uint64
	for b.Loop() {
		for _, name := range []string{"dev", "staging", "prod"} {
			if got := whole(b, root, flows, files, name); got != 1000 {
				b.Fatal(got)
			}
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			peak = max(peak, m.HeapSys-m.HeapReleased)
		}
	}
	b.ReportMetric(float64(peak)/(1<<20), "MiB-peak")
}
