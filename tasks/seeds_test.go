package tasks_test

import (
	"io/fs"
	"os"
	"path"
	"testing"
)

// What fuzzing has found and .ci/seeds keeps stays small, and belongs to a target that is there.
func TestSeedsAreFew(t *testing.T) {
	t.Parallel()
	const most, size = 40, 2 << 10 // .ci/seeds adds up to 30; what a failure leaves has room beside them
	root := os.DirFS(".")
	targets, err := fs.Glob(root, "*/testdata/fuzz/*")
	if err != nil || len(targets) < 10 {
		t.Errorf("only %d targets have seeds: %v", len(targets), err)
	}
	for _, target := range targets {
		folder := path.Dir(path.Dir(path.Dir(target)))
		if !defines(t, "tasks/"+folder, path.Base(target)) {
			t.Errorf("%s is of no target in tasks/%s", target, folder)
		}
		seeds, err := fs.ReadDir(root, target)
		if err != nil || len(seeds) > most {
			t.Errorf("%s has %d seeds: %v", target, len(seeds), err)
		}
		for _, seed := range seeds {
			if info, err := seed.Info(); err != nil || info.Size() > size {
				t.Errorf("%s/%s is large: %v", target, seed.Name(), err)
			}
		}
	}
}
