package config_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/config"
)

// What variables fill into settings is judged where it stands, whichever layer that is.
func TestFilled(t *testing.T) {
	t.Parallel()
	environ := func(name string) (string, bool) {
		value, ok := map[string]string{"GOOD": "0 6 * * *", "BAD": "every day", "ZONE": "Mars/Base", "RULE": "FREQ=DAYLY", "SIX": "0 0 6 * * 1", "EMPTY": "", "N": "7"}[name]
		return value, ok
	}
	for name, c := range map[string]struct {
		trial trial
		want  []string
	}{
		"good":                  {trial{file: "schedules: [{cron: \"{{ $GOOD }}\", timezone: Europe/Berlin}]\n"}, nil},
		"a part":                {trial{file: "schedules: [{cron: \"0 {{ $N }} * * *\"}]\n"}, nil},
		"not set":               {trial{file: "schedules:\n- cron: \"{{ $NOWHERE }}\"\n"}, []string{"envs/dev.yaml:2:3 error variable-unset"}},
		"no zone set":           {trial{file: "schedules:\n- cron: \"{{ $GOOD }}\"\n  timezone: \"{{ $NOWHERE }}\"\n"}, []string{"envs/dev.yaml:3:3 error variable-unset"}},
		"an empty rule":         {trial{file: "schedules: [{cron: \"{{ $EMPTY }}\"}]\n"}, []string{"envs/dev.yaml:1:14 error value-bad"}},
		"an empty zone":         {trial{file: "schedules: [{cron: \"{{ $GOOD }}\", timezone: \"{{ $EMPTY }}\"}]\n"}, nil},
		"a cron line":           {trial{base: "schedules:\n- cron: \"{{ $BAD }}\"\n"}, []string{"envs/base.yaml:3:3 error value-bad"}},
		"six columns":           {trial{base: "schedules:\n- cron: \"{{ $SIX }}\"\n"}, []string{"envs/base.yaml:3:3 error value-bad"}},
		"a zone":                {trial{file: "schedules: [{interval: 60, timezone: \"{{ $ZONE }}\"}]\n"}, []string{"envs/dev.yaml:1:28 error value-bad"}},
		"a rule":                {trial{file: "schedules: [{rrule: \"{{ $RULE }}\"}]\n"}, []string{"envs/dev.yaml:1:14 error value-bad"}},
		"an anchor":             {trial{file: "schedules: [{interval: 60, anchor_date: \"{{ $N }}\"}]\n"}, []string{"envs/dev.yaml:1:28 error value-bad"}},
		"of one flow":           {trial{file: "flows:\n  x:\n    +schedules:\n    - cron: \"{{ $BAD }}\"\n"}, []string{"envs/dev.yaml:4:7 error value-bad"}},
		"of the server":         {trial{file: "schedules: [{cron: \"{{ prefect.variables.x }}\"}]\n"}, []string{"envs/dev.yaml:1:14 error server-reference"}},
		"a parameter":           {trial{file: "parameters: {n: \"{{ $NOWHERE }}\", m: \"{{ prefect.variables.x }}\", t: \"{{ x | upper }}\"}\n"}, nil},
		"a default":             {trial{file: "parameters: {n: [\"{{ $N:-1 }}\"]}\n"}, []string{"envs/dev.yaml:1:18 error placeholder-form"}},
		"a default with a dash": {trial{file: "env: {N: \"{{ $M-1 }}\"}\n"}, []string{"envs/dev.yaml:1:7 error placeholder-form"}},
		"braces":                {trial{file: "tags: [\"{{ ${N} }}\"]\n"}, []string{"envs/dev.yaml:1:8 error placeholder-form"}},
		"a blank":               {trial{file: "job_variables: {x: {y: \"{{$ N }}\"}}\n"}, []string{"envs/dev.yaml:1:21 error placeholder-form"}},
		"a filter":              {trial{file: "env: {N: \"{{ $N | int }}\"}\n"}, []string{"envs/dev.yaml:1:7 error placeholder-form"}},
		"no end":                {trial{file: "env: {N: \"{{ $N }\"}\n"}, []string{"envs/dev.yaml:1:7 error placeholder-form"}},
		"a pool's name":         {trial{file: "pools: {python: {name: \"{{ $N }}\"}}\n"}, []string{"envs/dev.yaml:1:18 error placeholder-place"}},
		"a pool's defaults":     {trial{file: "pools: {python: {defaults: {x: \"{{ $N }}\"}}}\n"}, nil}, // told with the pool
		"a flow's pool":         {trial{file: "flows: {x: {pools: {python: {queue: \"{{ $N }}\"}}}}\n"}, []string{"envs/dev.yaml:1:30 error placeholder-place"}},
		"a variable's":          {trial{environ: []string{"FLOWMAGE_SCHEDULES=[{cron: \"{{ $BAD }}\"}]"}}, []string{"<environment> error value-bad"}},
	} {
		e, findings, err := config.Load(c.trial.source())
		if err != nil || findings.HasErrors() {
			t.Fatal(name, err, findings)
		}
		var got []string
		for _, f := range e.Filled(environ) {
			at := f.Position
			at.Key = ""
			got = append(got, at.String()+" "+f.Severity.String()+" "+f.Code)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
