package serve

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/check"
	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/draft"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/kind"
	"github.com/flowmage/flowmage/tasks/local"
	"github.com/flowmage/flowmage/tasks/manifest"
	"github.com/flowmage/flowmage/tasks/ownership"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/render"
	"github.com/flowmage/flowmage/tasks/schema"
	"github.com/flowmage/flowmage/templates"
)

// An edit changes one field of a deployment where its users would: in the settings, in the flow, or in a manifest of their own.
type edit struct {
	settings, source, manifest string
	parsed                     string // the field of manifest.Deployment that it reaches; "" where the flow alone says it
	field                      string // what the plan calls it
}

// Each field of a deployment goes all the way: from settings or flow to manifest, desired state, plan, receipt and what a program serves.
// Whoever adds one and forgets a station fails here.
func TestFieldsGoAllTheWay(t *testing.T) {
	t.Parallel()
	edits := []edit{
		{settings: "naming: \"{flow}-other\"", parsed: "Name", field: "name"},
		{source: "def f(", parsed: "Entrypoint", field: plan.FieldEntrypoint},
		{settings: "flows: {f: {version: \"2\"}}", parsed: "Version", field: plan.FieldVersion},
		{settings: "flows: {f: {description: Do it}}", parsed: "Description", field: plan.FieldDescription},
		{settings: "tags: [nightly]", parsed: "Tags", field: plan.FieldTags},
		{settings: "parameters: {n: 2}", parsed: "Parameters", field: plan.FieldParameters},
		{settings: "schedules: [{cron: \"0 6 * * *\"}]", parsed: "Schedules", field: "schedules"},
		{settings: "concurrency: 3", parsed: "Concurrency", field: plan.FieldConcurrency},
		{settings: "enforce_parameter_schema: false", parsed: "Enforce", field: plan.FieldEnforce},
		{settings: "pools: {python: {name: other}}", parsed: "WorkPool", field: plan.FieldPool},
		{settings: "pools: {python: {queue: fast}}", parsed: "WorkPool", field: plan.FieldQueue},
		{settings: "env: {LEVEL: debug}", parsed: "WorkPool", field: plan.FieldJob},
		{settings: "code: {directory: /elsewhere}", parsed: "Pull", field: plan.FieldPull},
		{source: "n: int = 7", field: plan.FieldSchema},
		{manifest: "paused: true", parsed: "Paused", field: plan.FieldPaused},
		{manifest: "concurrency_limit: {limit: 2, collision_strategy: CANCEL_NEW}", parsed: "Concurrency", field: plan.FieldOptions},
		{manifest: "triggers: [{enabled: true, match: {prefect.resource.id: a.b}, expect: [x.y]}]", parsed: "Triggers", field: "triggers"},
	}
	before := walk(t, edit{})
	reached, parsed := map[string]bool{}, map[string]bool{}
	for _, e := range edits {
		reached[e.field], parsed[e.parsed] = true, true
		after := walk(t, e)
		if e.parsed != "" && cmp.Equal(before.parsed(e.parsed), after.parsed(e.parsed)) {
			t.Errorf("%s is not in the manifest:\n%s", e.field, after.text)
		}
		if e.field == "name" {
			continue // it makes another deployment
		}
		if got := after.planned(t, before); !slices.Contains(got, e.field) {
			t.Errorf("%s is not in the plan, but %v", e.field, got)
		}
		at := slices.IndexFunc(plan.Managed(), func(f plan.Field) bool { return f.Name == e.field })
		if at < 0 {
			continue
		}
		if got := after.planned(t, after); len(got) > 0 {
			t.Errorf("%s is never as it shall be: %v", e.field, got)
		}
		if before.state(t).Hash() == after.state(t).Hash() {
			t.Errorf("no receipt tells of %s", e.field)
		}
		if served := !cmp.Equal(before.served(), after.served()); served != plan.Managed()[at].Served {
			t.Errorf("%s changes what is served: %v", e.field, served)
		}
	}
	for _, f := range plan.Managed() {
		if !reached[f.Name] {
			t.Errorf("nothing here changes %s", f.Name)
		}
	}
	// What says how another field was written, and steps, which a plan shows as a note; "Position", "Places" and "Shares" are for findings, and "Flow" finds the flow.
	told := []string{"HasSchedules", "HasPull", "Placeholders", "Steps", "Position", "Places", "Shares", "Flow"}
	for x := range reflect.TypeFor[manifest.Deployment]().Fields() {
		if !parsed[x.Name] && !slices.Contains(told, x.Name) {
			t.Errorf("nothing here changes %s of a manifest's deployment", x.Name)
		}
	}
	// What the server keeps by itself, or is no part of a deployment's definition.
	kept := []string{"id", "name", "flow_id", "path", "labels", "global_concurrency_limit", "status", "last_polled", "created", "updated", "created_by", "updated_by"}
	for x := range reflect.TypeFor[prefect.Deployment]().Fields() {
		if name := x.Tag.Get("json"); !reached[name] && !slices.Contains(kept, name) {
			t.Errorf("nothing here changes %s of the API's deployment", name)
		}
	}
}

// walked is the only deployment of a repository at each station.
type walked struct {
	draft   draft.Rendered
	text    string
	read    manifest.Deployment
	desired plan.Desired
}

func walk(t *testing.T, e edit) walked {
	t.Helper()
	root, function, parameter := t.TempDir(), "run", "n: int = 1"
	switch {
	case strings.HasPrefix(e.source, "def"):
		function = "f"
	case e.source != "":
		parameter = e.source
	}
	source := "from prefect import flow\n\n@flow(name=\"f\")\ndef " + function + "(" + parameter + "):\n    pass\n"
	if err := os.WriteFile(filepath.Join(root, "f.py"), []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	settings := e.settings
	for _, line := range []string{"code: {directory: /srv/shop}", "concurrency: 2"} {
		if key, _, _ := strings.Cut(line, ":"); !strings.HasPrefix(settings, key) {
			settings += "\n" + line
		}
	}
	env, findings, err := config.Load(config.Source{Env: "dev", Folder: root, Root: fstest.MapFS{
		"envs/base.yaml": {Data: []byte("project: shop\npaths: [.]\n" + settings + "\n")},
	}})
	if err != nil || findings.HasErrors() {
		t.Fatal(e, err, findings)
	}
	scanned, err := flow.Scan(t.Context(), flow.Folder(root), flow.Options{Paths: []string{"."}})
	if err != nil || len(scanned.Flows) != 1 {
		t.Fatal(err, scanned.Flows)
	}
	scanned.Flows, _ = schema.Flows(scanned.Library, scanned.Flows, nil)
	scanned.Flows[0].Version = "1" // else it is made from the source
	d := draft.Rendered{Pinned: draft.Pinned{Judged: draft.Judged{Read: draft.Read{Env: env.Without(kind.Container)}, Ready: scanned.Flows}}}
	text, err := render.Prefect(os.DirFS(root), templates.FS, d.Env, render.Deployments(d.Env, d.Ready, render.Options{Owner: d.Owner().Tag(), Declares: check.Declares}))
	if err != nil {
		t.Fatal(err)
	}
	if e.manifest != "" {
		key, _, _ := strings.Cut(e.manifest, ":")
		lines := slices.DeleteFunc(strings.Split(string(text), "\n"), func(line string) bool { return strings.HasPrefix(line, "    "+key+":") })
		text = []byte(strings.Replace(strings.Join(lines, "\n"), "\n    parameters:", "\n    "+e.manifest+"\n    parameters:", 1))
	}
	m, findings := manifest.Parse("prefect.dev.yaml", text)
	if findings.HasErrors() || len(m.Deployments) != 1 {
		t.Fatalf("%v\n%s", findings, text)
	}
	desired, findings := plan.FlowsOf(d.Ready).Resolve(nil, m, d.Owner())
	if findings.HasErrors() || len(desired) != 1 {
		t.Fatalf("%v\n%s", findings, text)
	}
	return walked{d, string(text), m.Deployments[0], desired[0]}
}

// parsed gives a field of the deployment in the manifest, without where it stands.
func (w walked) parsed(field string) any {
	return reflect.ValueOf(w.read).FieldByName(field).Interface()
}

// stored gives the deployment as a server holds it once this one is deployed.
func (w walked) stored(t *testing.T) prefect.Deployment {
	t.Helper()
	text, err := json.Marshal(w.desired.Fields)
	if err != nil {
		t.Fatal(err)
	}
	d := prefect.Deployment{Enforce: true}
	dec := json.NewDecoder(strings.NewReader(string(text)))
	dec.UseNumber() // as the client does
	if err := dec.Decode(&d); err != nil {
		t.Fatal(err)
	}
	d.ID, d.Name, d.FlowID = "1", w.desired.Name, "2"
	return d
}

func (w walked) state(t *testing.T) plan.State {
	t.Helper()
	s, err := plan.StateOf(w.stored(t))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// planned gives the fields that a plan changes where the other one is deployed.
func (w walked) planned(t *testing.T, before walked) []string {
	t.Helper()
	owner := ownership.Owner{Project: "shop", Env: "dev"}
	state := plan.NewLive(nil)
	state.AnyPool, state.Flows["2"], state.Deployments = true, "f", []prefect.Deployment{before.stored(t)}
	for _, name := range []string{before.desired.Pool(), w.desired.Pool()} {
		state.Pools[name] = prefect.WorkPool{Name: name, Type: "process"}
	}
	state.Index()
	p, err := plan.Diff(owner, []plan.Desired{w.desired}, state)
	if err != nil || len(p.Actions) != 1 || p.Count(plan.Blocked) > 0 {
		t.Fatal(err, p.Summary())
	}
	var out []string
	for _, c := range p.Actions[0].Changes {
		field, _, _ := strings.Cut(c.Field, ".")
		out = append(out, field)
	}
	return out
}

func (w walked) served() local.Served { return servedAs(w.draft, w.desired) }
