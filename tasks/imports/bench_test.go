package imports_test

import (
	"fmt"
	"testing"
	"testing/fstest"

	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/imports"
)

// BenchmarkJudge judges 1,000 flows, each with a requirements file, in one environment and 1,000 images.
func BenchmarkJudge(b *testing.B) {
	root := fstest.MapFS{"requirements.txt": {Data: []byte("requests==2.32\npandas>=2\n")}, "core/tables.py": {Data: []byte("import polars\n")}}
	for i := range 1000 {
		dir := fmt.Sprintf("flows/f%d/", i)
		root[dir+"flow.py"] = &fstest.MapFile{Data: fmt.Appendf(nil, "from prefect import flow\nimport os, json, pandas, requests, numpy, boto3, sqlalchemy, yaml\nimport core.tables\n@flow\ndef f%d(): pass\n", i)}
		root[dir+"requirements.txt"] = &fstest.MapFile{Data: fmt.Appendf(nil, "boto3>=1.3%d\npyyaml==6.0.%d\nduckdb\nsqlalchemy>=2\n", i%10, i%3)}
	}
	scanned, err := flow.Scan(b.Context(), root, flow.Options{})
	if err != nil {
		b.Fatal(err)
	}
	all := imports.Place{Name: "the environment", Exact: true, Platform: "linux", Files: []string{"requirements.txt"}}
	places := make([]imports.Place, 0, len(scanned.Flows)+1)
	for _, f := range scanned.Flows {
		all.Files, all.Flows = append(all.Files, f.Dir()+"/requirements.txt"), append(all.Flows, f.Entrypoint)
		places = append(places, imports.Place{
			Name: "its image", Exact: true, Partly: true, Platform: "linux", Python: "3.12", Files: []string{"requirements.txt", f.Dir() + "/requirements.txt"}, Flows: []string{f.Entrypoint},
		})
	}
	places = append(places, all)
	for b.Loop() {
		imports.Judge(imports.Asked{Root: root, Library: scanned.Library, Flows: scanned.Flows, Places: places})
	}
}
