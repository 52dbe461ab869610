package manifest_test

import (
	"bytes"
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
		"!!str 5", "!!int '5'", "[yes, no, [1e3]]", "{a: on, b: {c: 08}}", "|\n      yes", "2 # two", "'it''s'", `"a\tb"`, "é", "12345678901234567890",
		"18446744073709551615", "18446744073709551616", "-9223372036854775808", "-9223372036854775809", "9007199254740993", "1_000_000_000_000_000_000_000", "0x1FFFFFFFFFFFFFFFFF",
		"-0x8000000000000001", "0b1" + strings.Repeat("0", 70), "0777777777777777777777777777", "307445734561825860:16", "1_0:30", "-190:20:30.5", "1:30.", "-.5", "+.5", "1e30", "1.0e+30",
		"1000000000000000019884624838656", "1_0.5", "0_7", "0x_F", "00", "+0x1F", "9007199254740993.0", "!!int 18446744073709551616", "[18446744073709551616]",
		"{a: {b: -18446744073709551616}}", "-0", "-0.0", "1.7976931348623157e+308", "v1.2.3", "1.2.3",
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
	want, _ := exactly(t, out).([]any)
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
		if diff := cmp.Diff(want[i], exactly(t, data), cmp.Comparer(sameNumber)); diff != "" {
			t.Errorf("%q: from Prefect (-) to ours (+):\n%s", text, diff)
		}
	}
}

// exactly reads JSON with all digits of its numbers.
func exactly(t *testing.T, data []byte) any {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

// sameNumber compares whole numbers digit by digit, and what is a fraction on one of the sides as the nearest that a computer holds.
func sameNumber(a, b json.Number) bool {
	if !strings.ContainsAny(string(a+b), ".eE") {
		return a == b || a+b == "-00" || a+b == "0-0"
	}
	x, _ := a.Float64()
	y, _ := b.Float64()
	return x == y
}

// What JSON can't carry is told, and never sent as another number.
func TestNumbersThatNobodyHolds(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"1.0e+400", "-1.0e+400", ".inf", "-.Inf", ".NaN", "!!int five"} {
		_, findings := manifest.Parse("prefect.yaml", []byte("deployments:\n- name: a\n  entrypoint: a.py:b\n  parameters:\n    a: "+text+"\n"))
		if len(findings) != 1 || findings[0].Code != "type-wrong" || findings[0].Position.Line != 5 {
			t.Errorf("%q: %v", text, findings)
		}
	}
	for value, code := range map[string]string{
		"2147483647": "", "2147483648": "value-range", "18446744073709551616": "value-range", "'18446744073709551616'": "type-wrong", "5.0": "", "5.5": "type-wrong",
		"' 5 '": "", "'5.0'": "", "'1_000'": "", "'1__0'": "type-wrong", "'0x10'": "type-wrong", "1e3": "type-wrong", "1:30": "", "\"{{ $LIMIT }}\"": "placeholder-early",
	} {
		for _, text := range []string{value, "{limit: " + value + "}"} {
			_, findings := manifest.Parse("prefect.yaml", []byte("deployments:\n- name: a\n  entrypoint: a.py:b\n  concurrency_limit: "+text+"\n"))
			if len(findings) > 1 || len(findings) == 0 && code != "" || len(findings) == 1 && findings[0].Code != code {
				t.Errorf("%s: %v, want %q", text, findings, code)
			}
		}
	}
}
