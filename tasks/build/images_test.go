package build

import (
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/draft"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/image"
)

func TestNoImage(t *testing.T) {
	t.Parallel()
	got := fault.Of(NoImage([]draft.Block{{Name: "a-container-dev"}, {Name: "b-container-dev"}}))
	want := &fault.Error{
		Code: fault.Image, What: "no image to deploy: a-container-dev, b-container-dev", Why: "see above", Next: "correct it and run the same command again",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// A volume's folder is made before Docker would make it, as root; only for flows whose image is made, and only where a path says where.
func TestFolders(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	env, findings, err := config.Load(config.Source{Env: "dev", Root: fstest.MapFS{"envs/base.yaml": {Data: []byte("project: shop\nkinds: [container]\nflows:\n" +
		"  a: {volumes: [\"" + filepath.ToSlash(filepath.Join(root, "reports")) + ":/reports\", \"cache:/cache\"]}\n" +
		"  b: {volumes: [\"" + filepath.ToSlash(filepath.Join(root, "other")) + ":/other\"]}\n")}}})
	if err != nil || findings.HasErrors() {
		t.Fatal(err, findings)
	}
	flows := []flow.Flow{{Name: "a", Entrypoint: "a.py:run"}, {Name: "b", Entrypoint: "b.py:run"}}
	p := draft.Pinned{Judged: draft.Judged{Read: draft.Read{Env: env, Flows: flows}, Ready: flows}, Images: map[string]image.Planned{"a.py:run": {}}}
	if err := Folders(p); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	made := []string{}
	for _, e := range entries {
		made = append(made, e.Name())
	}
	want := []string{"reports"}
	if draft.ContainerUser(env) == "" { // containers run as somebody else, and folders are theirs
		want = []string{}
	}
	if diff := cmp.Diff(want, made); diff != "" {
		t.Error(diff)
	}
}
