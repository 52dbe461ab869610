package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/schema"
)

// The flows whose schemas are computed, in a file each, with types of a module that they share.
const (
	schemaFlows = 1000
	sharedTypes = "from enum import Enum\nfrom pydantic import BaseModel, Field\nclass Kind(Enum):\n    A = 'a'\n    B = 'b'\n" +
		"class Settings(BaseModel):\n    kind: Kind = Kind.A\n    size: int = Field(3, ge=1)\n    names: list[str] = []\n"
	schemaFlow = "import datetime\nfrom typing import Literal, Optional\nfrom prefect import flow\nfrom shared import Settings\n\n@flow(name='work%d')\n" +
		"def work(day: str, limit: int = 10, note: Optional[str] = None, quick: bool = False, mode: Literal['full', 'fast'] = 'full',\n" +
		"         names: list[str] | None = None, settings: Settings = Settings(), since: Optional[datetime.date] = None):\n    pass\n"
)

// schemas compares the schemas of 1,000 flows with 8 parameters each: ours from source that is parsed, Prefect's from functions that are imported.
func schemas(ctx context.Context, l *lab, rounds int) ([]row, error) {
	interpreter := l.python()
	folder, err := os.MkdirTemp("", "benchmark")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	for n := range schemaFlows {
		if err := os.WriteFile(filepath.Join(folder, fmt.Sprintf("flow%d.py", n)), fmt.Appendf(nil, schemaFlow, n), 0o600); err != nil {
			return nil, err
		}
	}
	if err := os.WriteFile(filepath.Join(folder, "shared.py"), []byte(sharedTypes), 0o600); err != nil {
		return nil, err
	}
	const script = `
import importlib, sys, time
from prefect.utilities.callables import parameter_schema
sys.path.insert(0, sys.argv[1])
functions = [importlib.import_module("flow%d" % n).work.fn for n in range(int(sys.argv[2]))]
start = time.process_time()
for f in functions:
    parameter_schema(f)
print(int((time.process_time() - start) * 1e9))
`
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	r := race{job: fmt.Sprintf("schemas of %d flows with 8 parameters", schemaFlows), rounds: min(rounds, 3), contenders: []contender{
		{name: "ours, from parsed source", run: func(string) (turn, error) { return timed(l.exec(ctx, nil, self, readWord, "schemas", folder)) }},
		{name: "Prefect's parameter_schema, modules imported before", run: func(string) (turn, error) {
			return timed(l.exec(ctx, nil, interpreter, "-c", script, folder, strconv.Itoa(schemaFlows)))
		}},
	}}
	rows, err := r.compete(ctx)
	if err != nil {
		return nil, err
	}
	prefect, err := releaseOf(ctx, interpreter)
	for i := range rows {
		rows[i].prefect = prefect
	}
	return rows, err
}

// schemasOf is our contender: it prints the time that the schemas of a tree's flows take.
func schemasOf(ctx context.Context, tree string) error {
	r, err := flow.Scan(ctx, flow.Folder(tree), flow.Options{})
	if err != nil {
		return err
	}
	start := startClock()
	var wrong []string
	reader := schema.NewReader(r.Library)
	for _, f := range r.Flows {
		if _, untyped := reader.Flow(f); len(untyped) > 0 {
			wrong = append(wrong, untyped[0].Reason)
		}
	}
	spent := start.spent()
	if len(r.Flows) != schemaFlows || len(wrong) > 0 {
		return fmt.Errorf("%d flows, untyped: %s", len(r.Flows), strings.Join(wrong, "; "))
	}
	fmt.Fprintln(os.Stdout, spent.Nanoseconds())
	return nil
}
