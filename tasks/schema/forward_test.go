package schema_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/parameter"
	"github.com/flowmage/flowmage/tasks/prerequisite"
	"github.com/flowmage/flowmage/tasks/schema"
)

// stored prints the schemas that a deployment of each flow gets: those that Prefect computes once the file is loaded, when classes below the
// flow are there.
const stored = `
import json, sys
from prefect.flows import load_flow_from_entrypoint
from prefect.utilities.callables import parameter_schema
print(json.dumps({e: parameter_schema(load_flow_from_entrypoint(e)).model_dump(mode="json", exclude_unset=True) for e in sys.argv[1:]}))
`

const belowFlows = `from prefect import flow
from pydantic import BaseModel
from typing import Optional
import dataclasses
class A(BaseModel):
    b: "B"
@dataclasses.dataclass
class D:
    b: "B"
@flow
def orders(options: "Options", limit: int = 1): pass
@flow
def more(a: A, d: D, o: "Optional[Options]" = None): pass
@flow
def inside(o: Optional["Options"] = None, n: int = 1): pass
class Options(BaseModel):
    region: str = "eu"
class B(BaseModel):
    x: int = 1
@flow
def behind(a: A, o: Options): pass
def make(name, limit=5, tags=("a", "b")):
    @flow(name=name)
    def made(n: int = limit, m: str = name, t: list = list(tags)): pass
    return made
first = make("first")
second = make("second", limit=7)
`

// TestClassesBelow compares with what Prefect stores: a class that is defined below a flow counts, and so do the arguments of a factory.
func TestClassesBelow(t *testing.T) {
	t.Parallel()
	interpreter := prerequisite.Python(t)
	folder := t.TempDir()
	for name, head := range map[string]string{"quoted.py": "", "future.py": "from __future__ import annotations\n"} {
		write(t, filepath.Join(folder, name), []byte(head+belowFlows))
	}
	found, err := flow.Scan(t.Context(), flow.Folder(folder), flow.Options{})
	if err != nil {
		t.Fatal(err)
	}
	args := []string{"-c", stored}
	for _, f := range found.Flows {
		args = append(args, f.Entrypoint)
	}
	if len(args) != 2+12 {
		t.Errorf("found %v", args[2:])
	}
	cmd := exec.CommandContext(t.Context(), interpreter, args...)
	cmd.Dir, cmd.Env = folder, append(os.Environ(), "PYTHONDONTWRITEBYTECODE=1", "PREFECT_HOME="+t.TempDir())
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var want map[string]map[string]any
	if err := json.Unmarshal(out, &want); err != nil {
		t.Fatal(err)
	}
	reader := schema.NewReader(found.Library)
	for _, f := range found.Flows {
		ours, untyped := reader.Flow(f)
		all, err := json.Marshal(want[f.Entrypoint])
		if err != nil {
			t.Fatal(err)
		}
		theirs, err := parameter.Parse(all)
		if err != nil {
			t.Fatal(err)
		}
		if names := ours.Differences(theirs); len(names) > 0 && len(untyped) == 0 {
			t.Errorf("%s: %v differ: Prefect has %s", f.Entrypoint, names, all)
		}
	}
}
