package interpreter

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/folder"
	"github.com/flowmage/flowmage/tasks/prerequisite"
)

// asking gives an environment of one's own Python, with files to load.
func asking(t *testing.T, files map[string]string) (*Installation, *bytes.Buffer) {
	t.Helper()
	root, story := t.TempDir(), &bytes.Buffer{}
	for name, text := range files {
		write(t, filepath.Join(root, filepath.FromSlash(name)), text)
	}
	c := console.New(story, story)
	return New(Options{Folder: folder.In(root, c, nil), Environ: os.Environ(), Console: c, Own: prerequisite.Python(t)}), story
}

// asked makes the environment ready and asks.
func asked(t *testing.T, i *Installation, q Question) (Answers, error) {
	t.Helper()
	env, err := i.locked(t.Context())
	if err != nil {
		t.Fatal(told(err))
	}
	return i.Schemas(t.Context(), env, q)
}

const flowHead = "from prefect import flow\n"

// What one flow does when it is loaded keeps no other from its answer.
func TestSchemas(t *testing.T) {
	t.Parallel()
	i, _ := asking(t, map[string]string{
		"flows/good/f.py":      flowHead + "import os\nprint('{\"schema\": 1}')\nfrom names import Kind\n@flow\ndef a(x: Kind, y: str = os.environ['GIVEN']): ...\n@flow\ndef b(): ...\n",
		"flows/good/names.py":  "from enum import Enum\nclass Kind(Enum):\n    ONE = 'one'\n",
		"flows/other/f.py":     flowHead + "from names import Kind\n@flow\ndef a(x: Kind): ...\nclass Robot:\n    @flow\n    def run(self, n: int): ...\n",
		"flows/other/names.py": "Kind = int\n",
		"flows/broken/f.py":    flowHead + "import core.deep\n@flow\ndef a(): ...\n",
		"core/deep.py":         "\nimport not_there\n",
		"flows/syntax/f.py":    flowHead + "\ndef (:\n",
		"flows/leaves/f.py":    flowHead + "import sys\nsys.exit(3)\n@flow\ndef a(): ...\n",
		"flows/dies/f.py":      flowHead + "import os\nos._exit(3)\n@flow\ndef a(): ...\n@flow\ndef b(): ...\n",
		"flows/stalls/f.py":    flowHead + "import threading\nthreading.Event().wait()\n@flow\ndef a(): ...\n",
		"flows/plain/f.py":     flowHead + "def a(): ...\n",
		"flows/last/f.py":      flowHead + "@flow\ndef a(n: int | None = None): ...\n",
	})
	i.limits.answer = 5 * time.Second
	answers, err := asked(t, i, Question{Env: []string{"GIVEN=from outside"}, Entrypoints: []string{
		"flows/good/f.py:a", "flows/good/f.py:b", "flows/other/f.py:a", "flows/other/f.py:Robot.run", "flows/broken/f.py:a", "flows/syntax/f.py:a",
		"flows/leaves/f.py:a", "flows/dies/f.py:a", "flows/dies/f.py:b", "flows/stalls/f.py:a", "flows/plain/f.py:a", "flows/last/f.py:a",
	}})
	if err != nil {
		t.Fatal(told(err))
	}
	if answers.Prefect == "" || answers.Pydantic == "" {
		t.Errorf("got no versions: %+v", answers)
	}
	type answer struct {
		Properties string
		Reason     string
		File       string
		Line       int
	}
	var got []answer
	for _, a := range answers.List {
		x := answer{Reason: a.Reason, File: a.File, Line: a.Line}
		if a.Reason == "" {
			var s map[string]json.RawMessage
			if err := json.Unmarshal(a.Schema, &s); err != nil {
				t.Fatalf("%s: %v", a.Schema, err)
			}
			x.Properties = string(s["properties"])
		}
		got = append(got, x)
	}
	ended := "loading it has ended the whole program"
	want := []answer{
		{Properties: `{"x": {"$ref": "#/definitions/Kind", "position": 0, "title": "x"}, "y": {"default": "from outside", "position": 1, "title": "y", "type": "string"}}`},
		{Properties: `{}`},
		{Properties: `{"x": {"position": 0, "title": "x", "type": "integer"}}`},
		{Properties: `{"n": {"position": 1, "title": "n", "type": "integer"}}`},
		{Reason: "ModuleNotFoundError: No module named 'not_there'", File: "core/deep.py", Line: 2},
		{Reason: "SyntaxError: invalid syntax (f.py, line 3)", File: "flows/syntax/f.py", Line: 3},
		{Reason: "SystemExit: 3", File: "flows/leaves/f.py", Line: 3},
		{Reason: ended}, {Reason: ended},
		{Reason: "loading it takes longer than 5s"},
		{Reason: "MissingFlowError: Function with name 'a' is not a flow. Make sure that it is decorated with '@flow'."},
		{Properties: `{"n": {"anyOf": [{"type": "integer"}, {"type": "null"}], "default": null, "position": 0, "title": "n"}}`},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// Together they have a time limit too.
func TestSchemasTime(t *testing.T) {
	t.Parallel()
	i, _ := asking(t, map[string]string{
		"a.py": flowHead + "import threading\nthreading.Event().wait()\n@flow\ndef a(): ...\n",
		"b.py": flowHead + "@flow\ndef b(): ...\n",
	})
	i.limits.answers = time.Nanosecond
	answers, err := asked(t, i, Question{Entrypoints: []string{"a.py:a", "b.py:b"}})
	if err != nil {
		t.Fatal(told(err))
	}
	for _, a := range answers.List {
		if a.Reason != "there was no time left to load it" {
			t.Errorf("got %+v", a)
		}
	}
	if len(answers.List) != 2 || answers.Prefect == "" {
		t.Errorf("got %+v", answers)
	}
}

// A Python in which Prefect does not work is a fault with what it said.
func TestSchemasFault(t *testing.T) {
	t.Parallel()
	i, story := asking(t, map[string]string{"a.py": flowHead + "@flow\ndef a(): ...\n", "prefect/__init__.py": "raise RuntimeError('not this one')\n"})
	_, err := asked(t, i, Question{Entrypoints: []string{"a.py:a"}})
	if err == nil || !strings.Contains(told(err), "not this one") {
		t.Errorf("got %v\n%s", err, story)
	}
}

// The program that loads flows is told of no server but what is given, and makes none.
func TestSchemasEnviron(t *testing.T) {
	t.Parallel()
	i := &Installation{folder: folder.In(t.TempDir(), nil, nil)}
	env := i.schemasEnviron([]string{"PREFECT_API_KEY=k"}, Env{Python: "/e/bin/python"})
	if env.Get("PREFECT_API_KEY") != "k" || env.Get("PREFECT_SERVER_ALLOW_EPHEMERAL_MODE") != "false" || !slices.Contains(env, "PREFECT_API_URL=") {
		t.Errorf("got %v", env)
	}
}
