package flow_test

import (
	"testing"
	"testing/fstest"

	"github.com/flowmage/flowmage/tasks/flow"
)

// Whatever a file holds, a scan ends, and each flow has what an entrypoint needs.
func FuzzScan(f *testing.F) {
	for i, s := range spellings() {
		if i%97 == 0 {
			f.Add(s.source)
		}
	}
	f.Add("from prefect import flow\nA = B = flow(A)\nB = A.with_options(name=A)\nC = C\n@C\n@flow(name=N, **K)\ndef f(): pass\nN = f'{M}'\nM = f'{N}'\nK = {**K}\n")
	f.Add("from a import flow\nfrom a import *\nimport a\nx = a.a.a\n@a.flow\n@x\ndef f(): pass\n")
	f.Fuzz(func(t *testing.T, source string) {
		root := fstest.MapFS{"a.py": {Data: []byte(source)}, "b.py": {Data: []byte("from a import *\nfrom prefect import flow\n@flow\ndef b(): pass\n")}}
		r, err := flow.Scan(t.Context(), root, flow.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range append(r.Flows, r.Others...) {
			if x.Name == "" && x.Loadable || x.Function == "" || x.Line < 1 || x.Loadable == (x.Reason != "") || x.Loadable && x.Definition == nil {
				t.Errorf("%+v", x)
			}
		}
	})
}
