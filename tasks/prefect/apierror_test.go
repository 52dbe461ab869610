package prefect

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The body is what Prefect 3.8.8 answers, shortened: it tries each schedule as all three kinds.
const badSchedules = `{"exception_message":"Invalid request received.","exception_detail":[
{"type":"missing","loc":["body","schedules",0,"schedule","function-after[validate_timezone(), IntervalSchedule]","interval"],"msg":"Field required","input":{"cron":"bad"}},
{"type":"extra_forbidden","loc":["body","schedules",0,"schedule","function-after[validate_timezone(), IntervalSchedule]","cron"],"msg":"Extra inputs are not permitted","input":"bad"},
{"type":"value_error","loc":["body","schedules",0,"schedule","function-after[validate_timezone(), CronSchedule]","cron"],"msg":"Value error, Invalid cron string: \"bad\"","input":"bad","ctx":{"error":{}}},
{"type":"missing","loc":["body","schedules",0,"schedule","RRuleSchedule","rrule"],"msg":"Field required","input":{"cron":"bad"}},
{"type":"greater_than","loc":["body","schedules",1,"schedule","IntervalSchedule","interval"],"msg":"Input should be greater than 0","input":-1},
{"type":"missing","loc":["body","schedules",1,"schedule","CronSchedule","cron"],"msg":"Field required","input":-1},
{"type":"value_error","loc":["body","schedules",2,"schedule","function-after[validate_timezone(), CronSchedule]"],"msg":"Value error, Invalid timezone: \"Mars\"","input":{}}
],"request_body":{"secret":"hunter2"}}`

func TestScheduleFaultsConcernTheSentKind(t *testing.T) {
	t.Parallel()
	rule := func(key string, v any) map[string]any { return map[string]any{"schedule": map[string]any{key: v}} }
	c, _, _ := serve(t, says(422, badSchedules))
	_, err := c.MakeDeployment(t.Context(), "f", map[string]any{
		"schedules": []map[string]any{rule("cron", "bad"), rule("interval", -1), rule("cron", "0 1 * * *")},
	})
	wantFault(t, err, "refused POST /deployments/ with 422")
	e, ok := errors.AsType[*APIError](err)
	if !ok {
		t.Fatalf("got %v", err)
	}
	want := []Detail{
		{"schedules.0.schedule.cron", `Invalid cron string: "bad"`, "value_error"},
		{"schedules.1.schedule.interval", "Input should be greater than 0", "greater_than"},
		{"schedules.2.schedule", `Invalid timezone: "Mars"`, "value_error"},
	}
	if diff := cmp.Diff(want, e.Details); diff != "" {
		t.Error(diff)
	}
	if strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "Invalid request received") {
		t.Errorf("got %v", err)
	}
}

func TestNarrow(t *testing.T) {
	t.Parallel()
	at := func(loc string) Detail { return Detail{Loc: loc, Msg: "m"} }
	cron := map[string]any{"schedule": map[string]any{"cron": "x"}}
	for name, c := range map[string]struct {
		details []Detail
		sent    any
		want    []Detail
	}{
		"a list":       {[]Detail{at("0.schedule.CronSchedule.cron"), at("0.schedule.RRuleSchedule.rrule")}, []any{cron}, []Detail{at("0.schedule.cron")}},
		"one":          {[]Detail{at("schedule.CronSchedule.cron"), at("schedule.IntervalSchedule.interval")}, cron, []Detail{at("schedule.cron")}},
		"other faults": {[]Detail{at("name"), at("tags.0")}, cron, []Detail{at("name"), at("tags.0")}},
		"no kind sent": {[]Detail{at("schedule.CronSchedule.cron")}, map[string]any{"schedule": map[string]any{}}, []Detail{at("schedule.cron")}},
		"nothing left": {[]Detail{at("schedule.RRuleSchedule.rrule")}, cron, []Detail{at("schedule.RRuleSchedule.rrule")}},
		"wrong index":  {[]Detail{at("7.schedule.CronSchedule.cron")}, []any{cron}, []Detail{at("7.schedule.cron")}},
		"a parameter":  {[]Detail{at("parameters.CronSchedules")}, cron, []Detail{at("parameters.CronSchedules")}},
		"no body":      {[]Detail{at("schedule.CronSchedule.cron")}, nil, []Detail{at("schedule.cron")}},
	} {
		if diff := cmp.Diff(c.want, narrow(c.details, c.sent)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestErrorBodies(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"detail":"Work pool \"x\" not found."}`:                          `Work pool "x" not found.`,
		`{"exception_message":"Unauthorized"}`:                             "Unauthorized",
		`{"detail":[{"loc":["body","name"],"msg":"Field required"}]}`:      "name: Field required",
		`{"detail":{"code":7}}`:                                            `{"code":7}`,
		`{"exception_message":"Bad","exception_detail":"worse"}`:           "Bad; worse",
		`{"exception_message":"Bad","exception_detail":null}`:              "Bad",
		`{"exception_message":"a\n b","exception_detail":[{"msg":"one"}]}`: "a b; one",
		`{"detail":null}`: "",
		`[1]`:             "",
		`nonsense`:        "",
	} {
		if got := parseError([]byte(body)).Text(); got != want {
			t.Errorf("%s: got %q, want %q", body, got, want)
		}
	}
	long, err := json.Marshal(map[string]any{"detail": strings.Repeat("ü", 5000)})
	if err != nil {
		t.Fatal(err)
	}
	if n := len([]rune(parseError(long).Text())); n != maxMessage+1 {
		t.Errorf("%d characters", n)
	}
	e := &APIError{Status: 409, Method: "PATCH", Path: "/deployments/1", Message: "no"}
	if got := e.Error(); got != "the server answered 409 to PATCH /deployments/1: no" {
		t.Error(got)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status int
		body   string
		want   []string
	}{
		"too old a server": {422, `{"exception_message":"Invalid request received.","exception_detail":[{"type":"extra_forbidden","loc":["body","foo"],"msg":"Extra inputs are not permitted"}]}`, []string{"foo: Extra inputs", "upgrade the server"}},
		"a value":          {409, `{"detail":"Validation failed for field 'x'."}`, []string{"Validation failed", "correct the value"}},
		"pool":             {404, `{"detail":"Work pool \"nope\" not found."}`, []string{`Work pool "nope" not found.`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, _, _ := serve(t, says(c.status, c.body))
			err := client.UpdateDeployment(t.Context(), "1", map[string]any{"x": 1})
			wantFault(t, err, c.want...)
			if !hasStatus(err, c.status) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func FuzzErrorBody(f *testing.F) {
	f.Add([]byte(badSchedules))
	f.Add([]byte(`{"detail":[{"loc":[{},null,1.5]}]}`))
	f.Fuzz(func(_ *testing.T, body []byte) {
		e := parseError(body)
		e.Details = narrow(e.Details, map[string]any{"schedules": []any{nil}})
		_ = e.Error()
	})
}
