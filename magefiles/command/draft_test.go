package command

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
	"github.com/flowmage/flowmage/tasks/deploy"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/render"
	"github.com/flowmage/flowmage/templates"
)

// A manifest that is read in parts asks for the same as one that is read whole, but for the lines.
func TestReadInParts(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	for i := range 7 {
		text := fmt.Sprintf("from prefect import flow\n\n\n@flow(name=\"f-%d\")\ndef run(count: int = %d, note: str = \"x\"):\n    pass\n", i, i)
		if err := os.WriteFile(filepath.Join(root, fmt.Sprintf("f%d.py", i)), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	env, findings, err := config.Load(config.Source{Env: "dev", Folder: root, Root: fstest.MapFS{"envs/base.yaml": {Data: []byte(
		"project: shop\npaths: [.]\nenv: {LEVEL: info}\nschedules: [{cron: \"0 6 * * *\", timezone: Europe/Berlin}]\nflows: {f-3: {tags: [late], env: {LEVEL: debug}}}\n")}}})
	if err != nil || findings.HasErrors() {
		t.Fatal(err, findings)
	}
	scanned, err := flow.Scan(flow.Folder(root), flow.Options{Paths: []string{"."}})
	if err != nil || len(scanned.Flows) != 7 {
		t.Fatal(err, scanned.Flows)
	}
	d := draft{env: env, ready: scanned.Flows}
	all := render.Deployments(env, d.ready, render.Options{Owner: d.owner().Tag(), Declares: check.Declares})
	own, none := os.DirFS(root), func(string) (string, bool) { return "", false }
	whole, err := render.Prefect(own, templates.FS, env, all)
	if err != nil {
		t.Fatal(err)
	}
	want, wrong, missing := d.readBack([][]byte{whole}, none)
	if len(want) < 7 || wrong.HasErrors() || len(missing) > 0 {
		t.Fatal(len(want), wrong, missing)
	}
	parts, err := inParts(own, env, all, 2)
	if err != nil || len(parts) < 4 {
		t.Fatal(err, len(parts))
	}
	got, wrong, missing := d.readBack(parts, none)
	if wrong.HasErrors() || len(missing) > 0 {
		t.Fatal(wrong, missing)
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreTypes(finding.Position{}, flow.Flow{}), cmpopts.EquateEmpty()); diff != "" {
		t.Error(diff)
	}
	entrypoint := func(d deploy.Desired) string { return d.Flow.Entrypoint + d.Name }
	if !slices.EqualFunc(want, got, func(a, b deploy.Desired) bool { return entrypoint(a) == entrypoint(b) }) {
		t.Error("in another order")
	}
}
