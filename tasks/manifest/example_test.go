package manifest_test

import (
	"fmt"

	"github.com/flowmage/flowmage/tasks/manifest"
)

// What is wrong is told with its place and the way out, and the rest is read.
func ExampleParse() {
	m, findings := manifest.Parse("prefect.yaml", []byte("deployments:\n  - name: nightly\n    entrypoint: jobs/etl.py:load\n    work_pool: {name: local}\n    schedule: {cron: 0 6 * * *}\n    tag: [a]\n"))
	for _, d := range m.Deployments {
		fmt.Println(d.Name, d.Entrypoint, d.WorkPool.Name, d.Schedules[0].Cron)
	}
	for _, f := range findings {
		fmt.Println(f.Position, f.Code, f.Fix)
	}
	// Output:
	// nightly jobs/etl.py:load local 0 6 * * *
	// prefect.yaml:6:5 key-unknown did you mean "tags"? known keys are build, concurrency_limit, description, enforce_parameter_schema, entrypoint, flow_name, name, parameters, paused, pull, push, schedule, schedules, tags, triggers, version, version_type, work_pool
}
