package flow_test

import (
	"context"
	"fmt"
	"testing/fstest"

	"github.com/flowmage/flowmage/tasks/flow"
)

// A repository's flows are found without running anything.
func ExampleScan() {
	files := fstest.MapFS{"jobs/etl.py": {Data: []byte("from prefect import flow\n\n@flow(name=\"orders\")\ndef load(day: str, limit: int = 10): ...\n")}}
	found, err := flow.Scan(context.Background(), files, flow.Options{Paths: []string{"jobs"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range found.Flows {
		fmt.Println(f.Name, f.Entrypoint)
	}
	// Output: orders jobs/etl.py:load
}
