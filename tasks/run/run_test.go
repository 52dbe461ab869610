package run

import (
	"bytes"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/kind"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/schema"
	"github.com/flowmage/flowmage/tasks/session"
)

// written is a deployment of a flow in a pool.
func written(name, pool string) plan.Desired {
	return plan.Desired{Name: name, Fields: map[string]any{"work_pool_name": pool}}
}

// A flow has up to one deployment of a kind: the one in processes goes first, and one that was not written can't run.
func TestChoose(t *testing.T) {
	t.Parallel()
	types := map[string]string{"local": "process", "boxes": "docker"}
	both := []plan.Desired{written("c", "boxes"), written("p", "local")}
	for name, c := range map[string]struct {
		wanted  []plan.Desired
		written []plan.Outcome
		kind    kind.Kind
		want    string // empty: none
	}{
		"python first":        {both, []plan.Outcome{{Name: "c", ID: "1"}, {Name: "p", ID: "2"}}, "", "p"},
		"the kind that is":    {both, []plan.Outcome{{Name: "c", ID: "1"}, {Name: "p", ID: "2"}}, kind.Container, "c"},
		"the only one":        {both[:1], []plan.Outcome{{Name: "c", ID: "1"}}, "", "c"},
		"another kind":        {both[:1], []plan.Outcome{{Name: "c", ID: "1"}}, kind.Python, ""},
		"python has failed":   {both, []plan.Outcome{{Name: "p"}, {Name: "c", ID: "1"}}, "", "c"},
		"nothing was written": {both, nil, "", ""},
	} {
		got, wanted, err := Choose(c.wanted, c.written, types, c.kind)
		if got.Name != c.want || wanted.Name != c.want || (err == nil) != (c.want != "") || err != nil && fault.CodeOf(err) != fault.Findings {
			t.Errorf("%s: %q, %q, %v", name, got.Name, wanted.Name, err)
		}
	}
}

// What the server would take, and the run crash of, is refused before.
func TestCheckParameters(t *testing.T) {
	t.Parallel()
	source := "from prefect import flow\n@flow\ndef load(day: str, limit: int = 5, *, password: str = ''): pass\n"
	scanned, err := flow.Scan(t.Context(), fstest.MapFS{"f.py": {Data: []byte(source)}}, flow.Options{})
	if err != nil || len(scanned.Flows) != 1 {
		t.Fatal(err, scanned.Flows)
	}
	flows, _ := schema.Flows(scanned.Library, scanned.Flows, nil)
	for name, c := range map[string]struct {
		stored map[string]any // with the deployment
		given  map[string]any
		says   string // empty: they fit
	}{
		"all":           {nil, map[string]any{"day": "today", "limit": 3}, ""},
		"stored":        {map[string]any{"day": "today"}, nil, ""},
		"missing":       {nil, map[string]any{"limit": 3}, `the required parameter "day" has no value`},
		"unknown":       {nil, map[string]any{"day": "today", "limits": 3}, `load has no parameter "limits" (it has day, limit, password)`},
		"another type":  {nil, map[string]any{"day": "today", "limit": "many"}, `"limit" is`},
		"a secret's":    {nil, map[string]any{"day": "today", "password": []any{"hunter2"}}, `"password" is`},
		"several wrong": {nil, map[string]any{"x": 1}, "; "},
	} {
		err := CheckParameters(plan.Desired{Flow: &flows[0], Fields: map[string]any{"parameters": c.stored}}, c.given)
		if c.says == "" {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if err == nil || fault.CodeOf(err) != fault.Usage || !strings.Contains(fault.Of(err).Cause(), c.says) || strings.Contains(err.Error()+fault.Of(err).Cause(), "hunter2") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestParameters(t *testing.T) {
	t.Parallel()
	s := &session.Session{Root: t.TempDir(), Console: console.New(&bytes.Buffer{}, &bytes.Buffer{})}
	for text, want := range map[string]string{
		`{"n": 10}`: "", `{}`: "", ``: "", `[1]`: "this is a JSON array", `"x"`: "this is a JSON string", `{"n": 1} {}`: "there is more behind the object", `@none.json`: "no such file", `{`: "unexpected",
	} {
		got, err := Parameters(s, text)
		switch {
		case want == "":
			if err != nil || text == `{"n": 10}` && len(got) != 1 {
				t.Errorf("%s: %v, %v", text, got, err)
			}
		case fault.CodeOf(err) != fault.Usage || !strings.Contains(fault.Of(err).Cause(), want):
			t.Errorf("%s: %v", text, fault.Of(err).Cause())
		}
	}
}

func TestStates(t *testing.T) {
	t.Parallel()
	usual, err := States(nil)
	if err != nil || len(usual) != 8 || strings.Contains(strings.Join(usual, " "), "SCHEDULED") {
		t.Errorf("%v, %v", usual, err)
	}
	got, err := States([]string{"failed", "Scheduled"})
	if diff := cmp.Diff([]string{"FAILED", "SCHEDULED"}, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
	if _, err := States([]string{"late"}); fault.CodeOf(err) != fault.Usage {
		t.Error(err)
	}
}
