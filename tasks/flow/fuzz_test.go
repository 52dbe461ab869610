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
	for i, h := range houses {
		f.Add("from prefect import flow as pf\nimport functools, os, dataclasses\n" + h.source + "@" + h.name + "\ndef f(): pass\nx = " + h.name + "('a')\n" + []string{"", "@deco(**deco)\ndef g(): pass\n"}[i%2])
	}
	f.Add("from prefect import flow\ndef a(*x, **y):\n    return b(*x, **y)\ndef b(*x, **y):\n    for i in [1, 2]:\n        y[i] = a\n    return a(*x, **y) or flow(*x)\n@a\ndef f(): pass\nc = b(1)\n")
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
