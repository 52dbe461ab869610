//go:build e2e

package apply_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/flowmage/flowmage/tasks/prefect"
)

// generate gives a manifest of up to n deployments, d0 to d<n-1>, in which every key that this tool deploys comes up sooner or later.
func generate(r *rand.Rand, n int) string {
	var b strings.Builder
	b.WriteString("deployments:\n")
	for i := range n {
		if r.IntN(5) == 0 && i > 0 {
			continue
		}
		fmt.Fprintf(&b, "  - name: d%d\n    entrypoint: flows/f.py:f\n", i)
		for _, key := range []func(*rand.Rand) string{
			version, description, tags, parameters, enforce, concurrency, schedules, pull, triggers,
		} {
			if text := key(r); text != "" {
				b.WriteString("    " + text + "\n")
			}
		}
		b.WriteString("    work_pool: {name: \"%POOL%\"" + pick(r, "", ", work_queue_name: fast") + jobVariables(r) + "}\n")
	}
	return b.String()
}

// generate is [generate] without what the server's release does not take.
func (b *bench) generate(t *testing.T, r *rand.Rand, n int) string {
	t.Helper()
	text := generate(r, n)
	version, err := b.api.Version(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if release, err := prefect.ParseRelease(version); err != nil || !release.AtLeast(prefect.FullAutomations()) {
		text = strings.ReplaceAll(text, "match_related: [{a: b}, {c: [d, e]}]", "match_related: {a: b}")
	}
	return text
}

func pick(r *rand.Rand, options ...string) string { return options[r.IntN(len(options))] }

func version(r *rand.Rand) string {
	return pick(r, "", `version: "1"`, `version: "2 # x"`, `version: null`)
}

func description(r *rand.Rand) string {
	return pick(r, "", `description: ""`, `description: "a: 'b' # c\n\nd"`, `description: None`, "description: Ünïcode 🙂", "description: null")
}

func tags(r *rand.Rand) string {
	return pick(r, "", "tags: []", "tags: [a]", "tags: [b, a, a]", `tags: ["x y", "ä/ö", "k=v"]`)
}

func parameters(r *rand.Rand) string {
	return pick(r, "", "parameters: {}", "parameters: {n: 1}", "parameters: {n: 2, note: null}", `parameters: {note: "no", n: 9007199254740993}`,
		`parameters: {n: 3, note: "{{ prefect.variables.x }}"}`)
}

func enforce(r *rand.Rand) string {
	return pick(r, "", "", "enforce_parameter_schema: true", "enforce_parameter_schema: false")
}

func concurrency(r *rand.Rand) string {
	return pick(r, "", "concurrency_limit: 1", "concurrency_limit: 7", "concurrency_limit: {limit: 2, collision_strategy: CANCEL_NEW}",
		"concurrency_limit: {limit: 2, collision_strategy: ENQUEUE, grace_period_seconds: 90}", "concurrency_limit: {limit: 3}")
}

func pull(r *rand.Rand) string {
	return pick(r, "", "pull: []", "pull: [{prefect.deployments.steps.set_working_directory: {directory: /srv}}]",
		`pull: [{prefect.deployments.steps.git_clone: {repository: "https://x/y", branch: main, id: clone}}, {prefect.deployments.steps.run_shell_script: {script: "echo {{ clone.directory }}"}}]`)
}

func triggers(r *rand.Rand) string {
	if r.IntN(4) > 0 {
		return pick(r, "", "", "triggers: []")
	}
	var list []string
	for _, t := range []string{
		`{expect: [b.x, a.y, b.x], match: {prefect.resource.name: x}, parameters: {n: 3, note: "{{ event.payload.note }}"}}`,
		`{name: late, description: "too late", enabled: false, posture: Proactive, expect: [q], within: 30, threshold: 2}`,
		`{expect: [r], after: [q], for_each: [prefect.resource.id], match_related: [{a: b}, {c: [d, e]}], schedule_after: 60, job_variables: {env: {A: t}}}`,
		`{type: compound, enabled: false, require: any, within: 60, triggers: [{type: event, expect: [q]}, {type: event, posture: Proactive, within: 20}]}`,
		`{name: in turn, triggers: [{type: event, expect: [q]}, {type: event, expect: [r], match: {x: [y, z]}}]}`,
	} {
		if r.IntN(3) == 0 {
			list = append(list, t)
		}
	}
	return "triggers: [" + strings.Join(list, ", ") + "]"
}

func jobVariables(r *rand.Rand) string {
	return pick(r, "", ", job_variables: {}", ", job_variables: {env: {A: b}}", `, job_variables: {env: {A: "{{ $X }}"}, stream_output: false}`,
		", job_variables: {labels: {a: b}, working_dir: /tmp, unknown: {deep: [1, 2.5, null]}}")
}

func schedules(r *rand.Rand) string {
	if r.IntN(4) == 0 {
		return pick(r, "", "schedules: []", "schedules: null")
	}
	var list []string
	for _, s := range []string{
		`{cron: "0 6 * * *"}`, `{cron: "*/5 1-3 * * MON", timezone: America/New_York, day_or: false, slug: five}`,
		`{cron: "@daily", slug: daily, active: false}`, `{interval: 60}`, `{interval: PT1H, anchor_date: "2024-01-01T00:00:00+02:00", slug: hourly}`,
		`{interval: 0.5, slug: quick, active: false, parameters: {n: 4}}`, `{rrule: "FREQ=WEEKLY;BYDAY=MO", timezone: Europe/Berlin, slug: weekly}`,
		`{rrule: "DTSTART:20240101T000000Z\nRRULE:FREQ=DAILY", slug: started}`,
	} {
		if r.IntN(4) == 0 {
			list = append(list, s)
		}
	}
	return "schedules: [" + strings.Join(list, ", ") + "]"
}
