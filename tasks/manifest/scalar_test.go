package manifest_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/manifest"
	"github.com/flowmage/flowmage/tasks/prerequisite"
)

// TestValuesAsPrefect compares how single values are read with the YAML reader that Prefect has.
func TestValuesAsPrefect(t *testing.T) {
	t.Parallel()
	python := prerequisite.Python(t)
	texts := []string{
		"1", "-1", "+1", "1.0", "1.", ".5", "1e3", "1E3", "1.5e3", "1.5e+3", "1.5E-3", "12e03", ".5e3", "1.e3", "0x1F", "0b11", "017", "0o17", "08", "09.5", "1_000", "1:30", "01:30",
		"190:20:30", "-1:30", "1:60", "true", "True", "TRUE", "yes", "Yes", "no", "NO", "on", "Off", "y", "n", "Y", "null", "~", "Null", "", "None", "text", "a b", `"yes"`, "'1:30'", `"1e3"`,
		"!!str 5", "!!int '5'", "[yes, no, [1e3]]", "{a: on, b: {c: 08}}", "|\n      yes", "2 # two", "'it''s'", `"a\tb"`, "é", "12345678901234567890", "1.7976931348623157e+308", "v1.2.3", "1.2.3",
	}
	given, err := json.Marshal(texts)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), python, "-c", "import json, sys, yaml\nprint(json.dumps([yaml.safe_load('a: ' + s + '\\n')['a'] for s in json.load(sys.stdin)]))")
	cmd.Stdin, cmd.Stderr = strings.NewReader(string(given)), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var want []any
	if err := json.Unmarshal(out, &want); err != nil {
		t.Fatal(err)
	}
	for i, text := range texts {
		m, findings := manifest.Parse("prefect.yaml", []byte("deployments:\n- name: a\n  entrypoint: a.py:b\n  parameters:\n    a: "+text+"\n"))
		if len(findings) > 0 {
			t.Errorf("%q: %v", text, findings)
			continue
		}
		data, err := json.Marshal(m.Deployments[0].Parameters["a"])
		if err != nil {
			t.Fatal(err)
		}
		var got any
		if err := json.Unmarshal(data, &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want[i], got); diff != "" {
			t.Errorf("%q: from Prefect (-) to ours (+):\n%s", text, diff)
		}
	}
}
