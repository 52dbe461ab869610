package draft

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/flowmage/flowmage/tasks/check"
	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/manifest"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/render"
	"github.com/flowmage/flowmage/tasks/schema"
)

// What a manifest asks for is the same whether its text is read, as that of a template of the repository's own, or known beforehand. Only the lines
// are not known then.
func TestKnownIsRead(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	for i := range 7 {
		text := fmt.Sprintf("from prefect import flow\n\n\n@flow(name=\"f-%d\")\ndef run(count: int = %d, note: str = \"x\"):\n    pass\n", i, i)
		if err := os.WriteFile(filepath.Join(root, fmt.Sprintf("f%d.py", i)), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	env, findings, err := config.Load(config.Source{Env: "dev", Folder: root, Root: fstest.MapFS{"envs/base.yaml": {Data: []byte(
		"project: shop\npaths: [.]\nenv: {LEVEL: info}\nschedules: [{cron: \"0 6 * * *\", timezone: Europe/Berlin}]\nflows: {f-3: {tags: [late], env: {LEVEL: debug}}, f-5: {env: {TOKEN: \"{{ $NOWHERE }}\"}}}\n")}}})
	if err != nil || findings.HasErrors() {
		t.Fatal(err, findings)
	}
	scanned, err := flow.Scan(t.Context(), flow.Folder(root), flow.Options{Paths: []string{"."}})
	if err != nil || len(scanned.Flows) != 7 {
		t.Fatal(err, scanned.Flows)
	}
	flows, _ := schema.Flows(scanned.Library, scanned.Flows, nil)
	d := Judged{Read: Read{Env: env}, Ready: flows}
	all := render.Deployments(env, d.Ready, render.Options{Owner: d.Owner().Tag(), Declares: check.Declares})
	own, none := os.DirFS(root), func(string) (string, bool) { return "", false }
	known := plan.FlowsOf(d.Ready)
	delete(known, "f6.py:run")
	read := func(replaced bool) askedFor {
		r := askedFor{env: env, flows: known, secrets: none}
		if err := r.ask(own, slices.Clone(all), replaced); err != nil {
			t.Fatal(err)
		}
		if len(r.desired) < 6 || len(r.wrong) == 0 || r.wrong.HasErrors() || len(r.missing) == 0 {
			t.Fatal(len(r.desired), r.wrong, r.missing)
		}
		return r
	}
	text, direct := read(true), read(false)
	lines := cmp.Options{cmpopts.IgnoreFields(finding.Position{}, "Line", "Column"), cmpopts.IgnoreFields(finding.Scope{}, "Name"), cmpopts.IgnoreFields(manifest.Deployment{}, "Shares")} // both have lines
	if diff := cmp.Diff(text.desired, direct.desired, cmpopts.IgnoreTypes(flow.Flow{}), cmpopts.EquateEmpty(), lines); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]finding.List{text.wrong, text.missing}, []finding.List{direct.wrong, direct.missing}, cmpopts.EquateEmpty(), lines); diff != "" {
		t.Error(diff)
	}
	entrypoint := func(d plan.Desired) string { return d.Flow.Entrypoint + d.Name }
	if !slices.EqualFunc(text.desired, direct.desired, func(a, b plan.Desired) bool { return entrypoint(a) == entrypoint(b) }) {
		t.Error("in another order")
	}
	deep := any("x")
	for range 70 {
		deep = []any{deep}
	}
	broken, bad := askedFor{env: env, flows: known, secrets: none}, slices.Clone(all)
	bad[0].Parameters = map[string]any{"count": deep}
	if err := broken.ask(own, bad, false); err != nil || !broken.wrong.HasErrors() || broken.text != nil {
		t.Errorf("what can't be read: %v %v, and the text of a part is kept: %t", err, broken.wrong, broken.text != nil)
	}
	empty := askedFor{env: env}
	if err := empty.ask(own, nil, false); err != nil || len(empty.desired) > 0 || len(empty.wrong) > 0 {
		t.Error(err, empty)
	}
}
