package check_test

import (
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/check"
	"github.com/flowmage/flowmage/tasks/config"
)

// filledTrial are settings: of both files, and of variables.
type filledTrial struct {
	base, file string
	environ    []string
}

// What variables fill into settings is judged where it stands, whichever layer that is.
func TestFilled(t *testing.T) {
	t.Parallel()
	environ := func(name string) (string, bool) {
		value, ok := map[string]string{"GOOD": "0 6 * * *", "BAD": "every day", "ZONE": "Mars/Base", "RULE": "FREQ=DAYLY", "SIX": "0 0 6 * * 1", "EMPTY": "", "N": "7"}[name]
		return value, ok
	}
	for name, c := range map[string]struct {
		trial filledTrial
		want  []string
	}{
		"good":                  {filledTrial{file: "schedules: [{cron: \"{{ $GOOD }}\", timezone: Europe/Berlin}]\n"}, nil},
		"a part":                {filledTrial{file: "schedules: [{cron: \"0 {{ $N }} * * *\"}]\n"}, nil},
		"not set":               {filledTrial{file: "schedules:\n- cron: \"{{ $NOWHERE }}\"\n"}, []string{"envs/dev.yaml:2:3 error variable-unset"}},
		"no zone set":           {filledTrial{file: "schedules:\n- cron: \"{{ $GOOD }}\"\n  timezone: \"{{ $NOWHERE }}\"\n"}, []string{"envs/dev.yaml:3:3 error variable-unset"}},
		"an empty rule":         {filledTrial{file: "schedules: [{cron: \"{{ $EMPTY }}\"}]\n"}, []string{"envs/dev.yaml:1:14 error value-bad"}},
		"an empty zone":         {filledTrial{file: "schedules: [{cron: \"{{ $GOOD }}\", timezone: \"{{ $EMPTY }}\"}]\n"}, nil},
		"a cron line":           {filledTrial{base: "schedules:\n- cron: \"{{ $BAD }}\"\n"}, []string{"envs/base.yaml:3:3 error value-bad"}},
		"six columns":           {filledTrial{base: "schedules:\n- cron: \"{{ $SIX }}\"\n"}, []string{"envs/base.yaml:3:3 error value-bad"}},
		"a zone":                {filledTrial{file: "schedules: [{interval: 60, timezone: \"{{ $ZONE }}\"}]\n"}, []string{"envs/dev.yaml:1:28 error value-bad"}},
		"a rule":                {filledTrial{file: "schedules: [{rrule: \"{{ $RULE }}\"}]\n"}, []string{"envs/dev.yaml:1:14 error value-bad"}},
		"an anchor":             {filledTrial{file: "schedules: [{interval: 60, anchor_date: \"{{ $N }}\"}]\n"}, []string{"envs/dev.yaml:1:28 error value-bad"}},
		"of one flow":           {filledTrial{file: "flows:\n  x:\n    +schedules:\n    - cron: \"{{ $BAD }}\"\n"}, []string{"envs/dev.yaml:4:7 error value-bad"}},
		"of the server":         {filledTrial{file: "schedules: [{cron: \"{{ prefect.variables.x }}\"}]\n"}, []string{"envs/dev.yaml:1:14 error server-reference"}},
		"a parameter":           {filledTrial{file: "parameters: {n: \"{{ $NOWHERE }}\", m: \"{{ prefect.variables.x }}\", t: \"{{ x | upper }}\"}\n"}, nil},
		"a default":             {filledTrial{file: "parameters: {n: [\"{{ $N:-1 }}\"]}\n"}, []string{"envs/dev.yaml:1:18 error placeholder-form"}},
		"a default with a dash": {filledTrial{file: "env: {N: \"{{ $M-1 }}\"}\n"}, []string{"envs/dev.yaml:1:7 error placeholder-form"}},
		"braces":                {filledTrial{file: "tags: [\"{{ ${N} }}\"]\n"}, []string{"envs/dev.yaml:1:8 error placeholder-form"}},
		"a blank":               {filledTrial{file: "job_variables: {x: {y: \"{{$ N }}\"}}\n"}, []string{"envs/dev.yaml:1:21 error placeholder-form"}},
		"a filter":              {filledTrial{file: "env: {N: \"{{ $N | int }}\"}\n"}, []string{"envs/dev.yaml:1:7 error placeholder-form"}},
		"no end":                {filledTrial{file: "env: {N: \"{{ $N }\"}\n"}, []string{"envs/dev.yaml:1:7 error placeholder-form"}},
		"a pool's name":         {filledTrial{file: "pools: {python: {name: \"{{ $N }}\"}}\n"}, []string{"envs/dev.yaml:1:18 error placeholder-place"}},
		"a pool's defaults":     {filledTrial{file: "pools: {python: {defaults: {x: \"{{ $N }}\"}}}\n"}, nil}, // told with the pool
		"a flow's pool":         {filledTrial{file: "flows: {x: {pools: {python: {queue: \"{{ $N }}\"}}}}\n"}, []string{"envs/dev.yaml:1:30 error placeholder-place"}},
		"a variable's":          {filledTrial{environ: []string{"FLOWMAGE_SCHEDULES=[{cron: \"{{ $BAD }}\"}]"}}, []string{"<environment> error value-bad"}},
	} {
		e, findings, err := config.Load(config.Source{
			Env: "dev", Environ: c.trial.environ, Folder: "/x",
			Root: fstest.MapFS{"envs/base.yaml": {Data: []byte("project: x\n" + c.trial.base)}, "envs/dev.yaml": {Data: []byte(c.trial.file)}},
		})
		if err != nil || findings.HasErrors() {
			t.Fatal(name, err, findings)
		}
		var got []string
		for _, f := range check.Filled(e, environ) {
			at := f.Position
			at.Key = ""
			got = append(got, at.String()+" "+f.Severity.String()+" "+f.Code)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
