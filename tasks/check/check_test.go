package check_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/check"
	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/schema"
)

const sales = `from prefect import flow

@flow
def sales(day: str, limit: int = 10, ratio: float = 0.5, note: str | None = None, extra=None):
    pass
`

const users = `from prefect import flow

@flow(name="Users!")
def check_users(limit: int = 10):
    pass
`

// setting loads settings and scans two flows, and gives the findings of the rules.
func setting(t *testing.T, text string) finding.List {
	t.Helper()
	root := fstest.MapFS{
		"envs/base.yaml": {Data: []byte("project: shop\n" + text)}, "envs/dev.yaml": {Data: []byte("{}\n")},
		"flows/sales/workflow.py": {Data: []byte(sales)}, "flows/users/workflow.py": {Data: []byte(users)},
	}
	env, findings, err := config.Load(config.Source{Root: root, Env: "dev", Folder: "/srv/shop"})
	if err != nil || findings.HasErrors() {
		t.Fatal(err, findings)
	}
	scanned, err := flow.Scan(t.Context(), root, flow.Options{Paths: env.Paths})
	if err != nil || len(scanned.Flows) != 2 {
		t.Fatal(err, scanned)
	}
	flows, _ := schema.Flows(scanned.Library, scanned.Flows, nil)
	return check.Settings(env, flows, nil).Sorted()
}

func TestSettings(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text string
		want []string // place subject code, and words of the fix
	}{
		"nothing":            {"", nil},
		"all right":          {"flows: {sales: {parameters: {day: monday, limit: 5, ratio: 1, note: null, extra: [1]}}}\n", nil},
		"a placeholder":      {"flows: {sales: {parameters: {limit: \"{{ $LIMIT }}\"}}}\n", nil},
		"left for the run":   {"flows: {sales: {parameters: {day: \"{{ prefect.variables.n }}\"}}}\n", []string{"envs/base.yaml:2:30 sales parameter-placeholder give"}},
		"shared, of no flow": {"parameters: {nobody: 1}\n", nil},
		"shared, wrong type": {"parameters: {limit: many}\n", []string{
			"envs/base.yaml:2:14 Users! parameter-type give", "envs/base.yaml:2:14 sales parameter-type give",
		}},
		"wrong type":    {"flows:\n  sales:\n    parameters:\n      limit: 1.5\n", []string{"envs/base.yaml:5:7 sales parameter-type give"}},
		"unknown":       {"flows:\n  sales:\n    parameters:\n      limt: 5\n", []string{"envs/base.yaml:5:7 sales parameter-unknown mean limit?"}},
		"no such flow":  {"flows:\n  saels: {tags: [a]}\n", []string{"envs/base.yaml:3:3  override-unmatched mean sales?"}},
		"by function":   {"flows: {check_users: {tags: [a]}}\n", nil},
		"by name":       {"flows: {\"Users!\": {tags: [a]}}\n", nil},
		"missing":       {"flows:\n  sales:\n    schedules:\n      - cron: 0 6 * * *\n", []string{"envs/base.yaml:5:9 sales parameter-missing flows.sales.parameters.day"}},
		"given at last": {"flows:\n  sales:\n    schedules:\n      - {cron: 0 6 * * *, parameters: {day: x}}\n", nil},
		"schedule's own": {"flows:\n  users:\n    schedules:\n      - {cron: 0 6 * * *, parameters: {limit: x, other: 1}}\n", []string{
			"envs/base.yaml:5:9 Users! parameter-type give", "envs/base.yaml:5:9 Users! parameter-unknown its parameters are limit",
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := setting(t, test.text)
			if len(got) != len(test.want) {
				t.Fatalf("got %v", got)
			}
			for i, f := range got {
				text := f.Position.String() + " " + f.Subject + " " + f.Code + " " + f.Fix
				words := strings.SplitN(test.want[i], " ", 4)
				if !strings.HasPrefix(text, strings.Join(words[:3], " ")) || !strings.Contains(f.Fix, words[3]) {
					t.Errorf("got %q, want %q", text, test.want[i])
				}
			}
		})
	}
}

// What a flow can't have as a parameter, and what can't be known of one, is told at the line of the parameter.
func TestParametersOfFlows(t *testing.T) {
	t.Parallel()
	root := fstest.MapFS{
		"envs/base.yaml": {Data: []byte("project: shop\n")}, "envs/dev.yaml": {Data: []byte("{}\n")},
		"flows/a.py": {Data: []byte("import pandas\nfrom prefect import flow\n\n@flow\ndef a(\n    _day: str,\n    wait_for,\n    v__args=1,\n    data: pandas.DataFrame = None,\n): pass\n")},
	}
	env, _, err := config.Load(config.Source{Root: root, Env: "dev", Folder: "/srv/shop"})
	if err != nil {
		t.Fatal(err)
	}
	scanned, err := flow.Scan(t.Context(), root, flow.Options{})
	if err != nil {
		t.Fatal(err)
	}
	flows, _ := schema.Flows(scanned.Library, scanned.Flows, nil)
	var got []string
	for _, f := range check.Settings(env, flows, nil).Sorted() {
		got = append(got, f.Position.String()+" "+f.Severity.String()+" "+f.Code+" "+f.Fix)
	}
	want := []string{
		"flows/a.py:6 error parameter-refused rename it, for instance to day",
		"flows/a.py:7 error parameter-refused rename it, for instance to the_wait_for",
		"flows/a.py:8 error parameter-refused rename it, for instance to the_v__args",
		"flows/a.py:9 note parameter-untyped ",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// Two flows whose names make the same slug would share a deployment's name, as would two kinds under a name without the kind.
func TestNames(t *testing.T) {
	t.Parallel()
	const twoKinds = "kinds: [python, container]\nnaming: \"{flow}\"\n"
	for name, c := range map[string]struct {
		settings, source string
		line             int
	}{
		"flows": {"", "from prefect import flow\n@flow(name='My flow')\ndef a(): pass\n@flow(name='my_flow')\ndef b(): pass\n", 5},
		"kinds": {twoKinds, "from prefect import flow\n@flow\ndef a(): pass\n", 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onlyName(t, c.settings, c.source, c.line)
		})
	}
}

func onlyName(t *testing.T, settings, source string, line int) {
	t.Helper()
	root := fstest.MapFS{
		"envs/base.yaml": {Data: []byte("project: shop\n" + settings)}, "envs/dev.yaml": {Data: []byte("{}\n")}, "flows/a.py": {Data: []byte(source)},
	}
	env, _, err := config.Load(config.Source{Root: root, Env: "dev", Folder: "/srv/shop"})
	if err != nil {
		t.Fatal(err)
	}
	scanned, err := flow.Scan(t.Context(), root, flow.Options{})
	if err != nil {
		t.Fatal(err)
	}
	got := check.Settings(env, scanned.Flows, nil)
	if len(got) != 1 || got[0].Code != "deployment-name-duplicate" || got[0].Position.Line != line {
		t.Errorf("got %v", got)
	}
}

func TestBlocking(t *testing.T) {
	t.Parallel()
	f := flow.Flow{Name: "sales", Function: "main", File: "flows/sales/workflow.py", Entrypoint: "flows/sales/workflow.py:main", Files: []string{"core/x.py", "flows/sales/workflow.py"}}
	at := func(file, key string) finding.Position { return finding.Position{File: file, Line: 1, Key: key} }
	tests := map[string]struct {
		finding finding.Finding
		want    bool
	}{
		"its file":           {finding.Finding{Severity: finding.Error, Scope: finding.OfFile("flows/sales/workflow.py"), Position: at("flows/sales/workflow.py", "")}, true},
		"what it imports":    {finding.Finding{Severity: finding.Error, Scope: finding.OfFile("core/x.py"), Position: at("core/x.py", "")}, true},
		"a warning":          {finding.Finding{Severity: finding.Warning, Scope: finding.OfFile("core/x.py"), Position: at("core/x.py", "")}, false},
		"another file":       {finding.Finding{Severity: finding.Error, Scope: finding.OfFile("core/y.py"), Position: at("core/y.py", "")}, false},
		"a setting for all":  {finding.Finding{Severity: finding.Error, Scope: finding.Everything(), Position: at("envs/dev.yaml", "naming")}, true},
		"beside it":          {finding.Finding{Severity: finding.Error, Scope: finding.OfFile("flows/sales/flow.yaml"), Position: at("flows/sales/flow.yaml", "tags")}, true},
		"beside another":     {finding.Finding{Severity: finding.Error, Scope: finding.OfFile("flows/users/flow.yaml"), Position: at("flows/users/flow.yaml", "tags")}, false},
		"its override":       {finding.Finding{Severity: finding.Error, Scope: finding.OfFlow("sales"), Position: at("envs/dev.yaml", "flows.sales.tags")}, true},
		"another's override": {finding.Finding{Severity: finding.Error, Scope: finding.OfFlow("users"), Position: at("envs/dev.yaml", "flows.users.tags")}, false},
		"about it by name":   {finding.Finding{Severity: finding.Error, Scope: finding.OfFlow("flows/sales/workflow.py:main"), Position: at("envs/dev.yaml", "parameters.x"), Subject: "sales"}, true},
		"about another one":  {finding.Finding{Severity: finding.Error, Scope: finding.OfFlow("flows/users/workflow.py:main"), Position: at("envs/dev.yaml", "parameters.x"), Subject: "users"}, false},
		"in its file, about another flow there": {
			finding.Finding{Severity: finding.Error, Scope: finding.OfFlow("flows/sales/workflow.py:other"), Position: at("flows/sales/workflow.py", "")}, true,
		},
		"a deployment of a manifest": {finding.Finding{Severity: finding.Error, Scope: finding.OfDeployment("sales")}, false},
		"without a scope":            {finding.Finding{Severity: finding.Error, Position: at("envs/dev.yaml", "naming")}, true},
		"without any position":       {finding.Finding{Severity: finding.Error, Scope: finding.Surroundings()}, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := len(check.Blocking(finding.List{test.finding}, f)) == 1; got != test.want {
				t.Errorf("blocks: %v", got)
			}
			if about := len(check.About(finding.List{test.finding}, []flow.Flow{f})) == 1; test.want && !about {
				t.Error("what blocks is not about it")
			}
		})
	}
}

func TestDeclares(t *testing.T) {
	t.Parallel()
	scanned, err := flow.Scan(t.Context(), fstest.MapFS{"a.py": {Data: []byte(sales)}}, flow.Options{})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]bool{}
	for _, name := range []string{"day", "limit", "other"} {
		got[name] = check.Declares(scanned.Flows[0], name)
	}
	if diff := cmp.Diff(map[string]bool{"day": true, "limit": true, "other": false}, got); diff != "" {
		t.Error(diff)
	}
}
