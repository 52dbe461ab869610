package inventory

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/schema"
	"github.com/flowmage/flowmage/tasks/session"
)

// scanned gives the flow that a def makes.
func scanned(t *testing.T, def string) flow.Flow {
	t.Helper()
	r, err := flow.Scan(t.Context(), fstest.MapFS{"f.py": {Data: []byte("from prefect import flow\n@flow(retries=2)\n" + def + "\n    '''Loads.'''\n")}}, flow.Options{})
	if err != nil || len(r.Flows) != 1 {
		t.Fatal(err, r.Flows, r.Findings)
	}
	flows, _ := schema.Flows(r.Library, r.Flows, nil)
	return flows[0]
}

func printed(show func(*session.Session) error) (out, beside string, err error) {
	var o, b bytes.Buffer
	err = show(&session.Session{Console: console.New(&o, &b)})
	return o.String(), b.String(), err
}

// Parameters are shown as Python would write them.
func TestSignatures(t *testing.T) {
	t.Parallel()
	for def, short := range map[string]string{
		"def load():":                     "",
		"def load(day, limit: int = 25):": "day, limit=25", "async def load(a, b=1, /, c=2) -> None:": "a, b=1, c=2",
		"def load(a, *, b: str):": "a, b", "def load(*rest: int, b=None, **more):": "*rest, b=None, **more", "def load(a, /):": "a",
	} {
		f := scanned(t, def)
		if got := definition(f); got != strings.TrimSuffix(def, ":") {
			t.Errorf("%s is shown as %s", def, got)
		}
		if got := signature(f); got != short {
			t.Errorf("%s is shown as %q", def, got)
		}
	}
}

// All of a flow is shown: its signature and options, what deploys it, each parameter, its docstring.
func TestShowFlow(t *testing.T) {
	t.Parallel()
	f := scanned(t, "def load(day: str, limit: int = 25, *rest):")
	env := config.Env{Name: "dev"}
	out, _, err := printed(func(s *session.Session) error {
		return showFlow(s, env, f, []deployment{{"load-python-dev", "python", "local"}})
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"def load(day: str, limit: int = 25, *rest)", "option retries=2", "load/load-python-dev (python, work pool local, dev)", "PARAMETER TYPE DEFAULT KIND", "day str required positional-or-keyword",
		"limit int 25 positional-or-keyword", "rest any - var-positional", "Loads.",
	} {
		if !strings.Contains(strings.Join(strings.Fields(out), " "), want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	if out, _, err := printed(func(s *session.Session) error { return showFlow(s, env, f, nil) }); err != nil || !strings.Contains(out, "not in dev") {
		t.Error(out, err)
	}
}

func TestShowFlows(t *testing.T) {
	t.Parallel()
	f := scanned(t, "def load(day):")
	odd := flow.Flow{NameExpr: "name()", Entrypoint: "g.py:g", Reason: "it is made in a function"}
	out, beside, err := printed(func(s *session.Session) error { return showFlows(s, []flow.Flow{f, odd}, true) })
	lines := strings.Split(strings.TrimSpace(out), "\n")
	for i := range lines {
		lines[i] = strings.Join(strings.Fields(lines[i]), " ")
	}
	want := []string{"FLOW ENTRYPOINT VERSION PARAMETERS, OR WHY IT CAN'T BE LOADED", "load f.py:load " + f.Version + " day", "? g.py:g - it is made in a function"}
	if diff := cmp.Diff(want, lines); diff != "" || err != nil || !strings.Contains(beside, "1 flow, 1 not loadable") {
		t.Error(diff, err, beside)
	}
}

// Programs read null for a name that only Python knows, and get lists where there is nothing.
func TestFlowsJSON(t *testing.T) {
	t.Parallel()
	odd := flow.Flow{NameExpr: "name()", Entrypoint: "g.py:g", Options: []flow.Option{{Name: "retries", Text: "n()"}}}
	out, _, err := printed(func(s *session.Session) error {
		return flowsJSON(s, "", false, []flow.Flow{scanned(t, "def load(day, n=1):"), odd}, flow.Result{})
	})
	var got struct {
		Version  int
		Root     string
		Flows    []map[string]any
		Findings []any
	}
	if err != nil || json.Unmarshal([]byte(out), &got) != nil || got.Version != listVersion || got.Root != "." || len(got.Flows) != 2 || got.Findings == nil {
		t.Fatal(err, out)
	}
	parameters := []any{
		map[string]any{"name": "day", "kind": "positional-or-keyword", "annotation": nil, "default": nil}, map[string]any{"name": "n", "kind": "positional-or-keyword", "annotation": nil, "default": "1"},
	}
	if diff := cmp.Diff([]any{"load", parameters, nil, []any{}, map[string]any{"retries": map[string]any{"expr": "n()"}}}, []any{
		got.Flows[0]["name"], got.Flows[0]["parameters"], got.Flows[1]["name"], got.Flows[1]["parameters"], got.Flows[1]["options"],
	}); diff != "" {
		t.Error(diff)
	}
	if got.Flows[0]["parameterSchema"] == nil {
		t.Error("there is no schema")
	}
}
