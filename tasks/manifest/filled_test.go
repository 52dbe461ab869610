package manifest_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/manifest"
	"github.com/flowmage/flowmage/tasks/prerequisite"
)

// given are the variables of the tests below.
func given(name string) (string, bool) {
	value, ok := map[string]string{"NAME": "value", "with-dash": "dashed", "EMPTY": ""}[name]
	return value, ok
}

// What Prefect fills in we fill in, and what it would store as it stands, or make empty for want of a variable that nobody meant, is told.
func TestPlaceholdersAsPrefect(t *testing.T) {
	t.Parallel()
	python := prerequisite.Python(t)
	texts := []string{
		"{{ $NAME }}", "{{$NAME}}", "{{\t$NAME\t}}", "{{ $$NAME }}", "{{{ $NAME }}}", "a {{ $NAME }} {{ $NAME }} b", "{{ $EMPTY }}", "{{ $with-dash }}", "plain", "$NAME", "{ $NAME }",
		"{{ $NAME:-other }}", "{{ $NAME-other }}", "{{ $NAME:=other }}", "{{ ${NAME} }}", "{{ ${NAME:-other} }}", "{{$ NAME }}", "{{ $NAME | default('x') }}", "{{ $NAME }",
		"{{ $NAME", "{{ $ }}", "{{ $NAME.x }}", "{{ $NAME[0] }}", "x {{ $NAME }} {{ $NAME:-y }}", "{{ $NAME or 'x' }}", "{{ $NA ME }}",
	}
	in, err := json.Marshal(texts)
	if err != nil {
		t.Fatal(err)
	}
	const program = `
import json, os, sys
from prefect.utilities.templating import apply_values
def twice(s):
    first = apply_values({"k": s}, os.environ, remove_notset=False)
    return apply_values(first, {}, skip_prefixes=["ctx."]).get("k")
print(json.dumps([twice(s) for s in json.load(sys.stdin)]))`
	cmd := exec.CommandContext(t.Context(), python, "-c", program)
	cmd.Env = append(os.Environ(), "NAME=value", "with-dash=dashed", "EMPTY=")
	cmd.Stdin, cmd.Stderr = strings.NewReader(string(in)), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var theirs []string
	if err := json.Unmarshal(out, &theirs); err != nil {
		t.Fatal(err)
	}
	for i, text := range texts {
		m := manifest.Manifest{Deployments: []manifest.Deployment{{Name: "d", Parameters: map[string]any{"x": text}}}}
		got, findings := m.Resolve(given)
		refused := findings.HasErrors()
		meant := strings.Contains(text, "{{") && (strings.Contains(theirs[i], "$") || theirs[i] == "" && text != "{{ $EMPTY }}")
		if refused != meant {
			t.Errorf("%q: Prefect makes %q of it, we tell %v", text, theirs[i], findings)
		}
		if !refused && got.Deployments[0].Parameters["x"] != theirs[i] {
			t.Errorf("%q: %q, Prefect has %q", text, got.Deployments[0].Parameters["x"], theirs[i])
		}
	}
}

// parsed gives the findings about a deployment whose lines are given, with variables filled in: code and line of each.
func parsed(t *testing.T, environ map[string]string, lines ...string) ([]string, manifest.Manifest) {
	t.Helper()
	text := "deployments:\n- name: one\n  entrypoint: a.py:b\n  " + strings.Join(lines, "\n  ") + "\n"
	m, findings := manifest.Parse("prefect.yaml", []byte(text))
	m, more := m.Resolve(func(name string) (string, bool) { value, set := environ[name]; return value, set })
	var out []string
	for _, f := range slices.Concat(findings, more) {
		at := f.Position
		at.Column, at.Key = 0, ""
		out = append(out, at.String()+" "+f.Severity.String()+" "+f.Code)
		for name, value := range environ { // what is told is told of the value and of where it came from
			if f.Severity == finding.Error && value != "" && strings.Contains(f.Message, value) && !strings.Contains(f.Message, "$"+name) {
				t.Errorf("%s does not say that it came from $%s", f.Message, name)
			}
		}
	}
	return out, m
}

func TestFilledInSchedules(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		schedule string
		environ  map[string]string
		want     []string
	}{
		{`{cron: "{{ $X }}"}`, nil, []string{"prefect.yaml:4 error variable-unset"}},
		{`{cron: "{{ $X }}"}`, map[string]string{"X": ""}, []string{"prefect.yaml:4 error cron"}},
		{`{cron: "{{ $X }}"}`, map[string]string{"X": "every day"}, []string{"prefect.yaml:4 error cron"}},
		{`{cron: "{{ $X }} 6 * * *"}`, map[string]string{"X": "61"}, []string{"prefect.yaml:4 error cron"}},
		{`{cron: "{{ $X }}"}`, map[string]string{"X": "0 6 * * *"}, nil},
		{`{cron: 0 6 * * *, timezone: "{{ $X }}"}`, nil, []string{"prefect.yaml:4 error variable-unset"}},
		{`{cron: 0 6 * * *, timezone: "{{ $X }}"}`, map[string]string{"X": "Mars/Base"}, []string{"prefect.yaml:4 error timezone"}},
		{`{cron: 0 6 * * *, timezone: "Europe/{{ $X }}"}`, map[string]string{"X": "Berlin"}, nil},
		{`{cron: 0 6 * * *, timezone: "{{ $X }}"}`, map[string]string{"X": ""}, nil},
		{`{rrule: "{{ $X }}"}`, map[string]string{"X": "FREQ=DAYLY"}, []string{"prefect.yaml:4 error rrule"}},
		{`{rrule: "{{ $X }}"}`, map[string]string{"X": `{"timezone": "UTC"}`}, []string{"prefect.yaml:4 error rrule"}},
		{`{rrule: "{{ $X }}"}`, map[string]string{"X": `{"rrule": "FREQ=DAILY"}`}, nil},
		{`{interval: "{{ $X }}"}`, map[string]string{"X": "60"}, []string{"prefect.yaml:4 error placeholder-early"}},
		{`{interval: 60, anchor_date: "{{ $X }}"}`, map[string]string{"X": "soon"}, []string{"prefect.yaml:4 error anchor-date"}},
		{`{interval: 60, anchor_date: "{{ $X }}"}`, nil, []string{"prefect.yaml:4 error variable-unset"}},
		{`{interval: 60, active: "{{ $X }}"}`, map[string]string{"X": " true"}, []string{"prefect.yaml:4 error type-wrong"}},
		{`{interval: 60, active: "{{ $X }}"}`, map[string]string{"X": "2"}, []string{"prefect.yaml:4 error type-wrong"}},
		{`{interval: 60, active: "{{ $X }}"}`, map[string]string{"X": "OFF"}, nil},
		{`{cron: 0 6 * * *, day_or: "{{ $X }}"}`, map[string]string{"X": "n"}, nil},
		{`{cron: "{{ prefect.variables.x }}"}`, nil, []string{"prefect.yaml:4 error server-reference"}},
		{`{cron: "{{ event.x }}"}`, nil, []string{"prefect.yaml:4 error server-reference"}},
		{`{cron: "{{ $X:-0 6 * * * }}"}`, map[string]string{"X": "0 6 * * *"}, []string{"prefect.yaml:4 error placeholder-form"}},
		{`{interval: 99999999999999}`, nil, []string{"prefect.yaml:4 error interval"}},
		{`{interval: 60, slug: "{{ $X }}"}`, nil, []string{"prefect.yaml:4 error variable-unset"}},
	} {
		got, _ := parsed(t, c.environ, "schedules: ["+c.schedule+"]")
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s with %v: %s", c.schedule, c.environ, diff)
		}
	}
}

// Truth values come from variables where Prefect takes them from there, and the value is what it makes of the word.
func TestFilledInTruth(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]bool{"true": true, "T": true, "yes": true, "1": true, "On": true, "false": false, "F": false, "no": false, "0": false, "oFF": false} {
		environ := map[string]string{"X": word}
		told, m := parsed(t, environ, `schedules: [{cron: 0 6 * * *, active: "{{ $X }}", day_or: "{{ $X }}"}]`, `triggers: [{enabled: "{{ $X }}", expect: [a]}]`)
		d := m.Deployments[0]
		if len(told) > 0 || *d.Schedules[0].Active != want || *d.Schedules[0].DayOr != want || *d.Triggers[0].Enabled != want || d.Schedules[0].ActiveText != "" {
			t.Errorf("%s: %v %+v", word, told, d)
		}
	}
	for _, c := range []struct {
		line string
		want []string
	}{
		{`paused: "{{ $X }}"`, []string{"prefect.yaml:4 error placeholder-early"}},
		{`enforce_parameter_schema: "{{ $X }}"`, []string{"prefect.yaml:4 error placeholder-early"}},
		{`concurrency_limit: "{{ $N }}"`, []string{"prefect.yaml:4 error placeholder-early"}},
		{`concurrency_limit: {limit: 1, grace_period_seconds: "{{ $N }}"}`, []string{"prefect.yaml:4 error placeholder-early", "prefect.yaml:4 error value-range"}},
		{`concurrency_limit: {limit: 1, collision_strategy: "{{ $X }}"}`, []string{"prefect.yaml:4 error collision-strategy"}},
		{`concurrency_limit: {limit: 1, collision_strategy: "{{ $S }}"}`, nil},
		{`triggers: [{expect: [a], threshold: "{{ $N }}", within: "{{ $T }}"}]`, nil},
		{`triggers: [{expect: [a], threshold: "{{ $X }}"}]`, []string{"prefect.yaml:4 error type-wrong"}},
		{`triggers: [{expect: [a], within: "{{ $N }}"}]`, []string{"prefect.yaml:4 error interval"}},
		{`triggers: [{expect: [a], posture: "{{ $X }}"}]`, []string{"prefect.yaml:4 error word-unknown"}},
		{`paused: "yes"`, nil}, {`paused: 1`, nil}, {`paused: " yes "`, []string{"prefect.yaml:4 error type-wrong"}}, {`paused: 2`, []string{"prefect.yaml:4 error type-wrong"}},
	} {
		got, _ := parsed(t, map[string]string{"X": "maybe", "N": "5", "S": "CANCEL_NEW", "T": "PT1M"}, c.line)
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", c.line, diff)
		}
	}
}

// Two deployments, or two schedules, whose variables give them one name are told.
func TestFilledInTwice(t *testing.T) {
	t.Parallel()
	const text = "deployments:\n- {name: \"{{ $A }}\", entrypoint: \"a.py:b\"}\n- {name: \"{{ $B }}\", entrypoint: \"a.py:b\", schedules: [{interval: 60, slug: \"{{ $A }}\"}, {interval: 90, slug: \"{{ $B }}\"}]}\n"
	m, findings := manifest.Parse("prefect.yaml", []byte(text))
	for b, want := range map[string][]string{"x": {"slug-duplicate", "deployment-duplicate"}, "y": nil} {
		_, more := m.Resolve(func(name string) (string, bool) { return map[string]string{"A": "x", "B": b}[name], true })
		var got []string
		for _, f := range slices.Concat(findings, more) {
			got = append(got, f.Code)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	}
}

// Whatever text a deployment has by itself, a variable in it is filled in: whoever adds a field and forgets that fails here.
func TestEveryTextIsFilledIn(t *testing.T) {
	t.Parallel()
	const text = "{{ $NAME }}"
	var d manifest.Deployment
	for _, value := range reflect.ValueOf(&d).Elem().Fields() {
		switch p := value.Addr().Interface().(type) {
		case *string:
			*p = text
		case **string:
			*p = new(text)
		case *[]string:
			*p = []string{text}
		case *map[string]any:
			*p = map[string]any{"k": text}
		case *[]map[string]any:
			*p = []map[string]any{{"k": text}}
		}
	}
	m, _ := manifest.Manifest{Deployments: []manifest.Deployment{d}}.Resolve(given)
	fields := map[string]any{}
	for field, value := range reflect.ValueOf(m.Deployments[0]).Fields() {
		if field.Name != "Flow" { // it is no part of the file
			fields[field.Name] = value.Interface()
		}
	}
	left, err := json.Marshal(fields)
	if err != nil || strings.Contains(string(left), "$NAME") {
		t.Errorf("%v: a text is left as it is: %s", err, left)
	}
}
