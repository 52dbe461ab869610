package config_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/config"
)

// Whole numbers among parameters keep every digit, whichever layer they stand in; what nobody can hold is an error with its line.
func TestWholeNumbers(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]any{
		"9007199254740993": 9007199254740993, "9223372036854775807": 9223372036854775807, "-9223372036854775808": -9223372036854775808,
		"9223372036854775808": json.Number("9223372036854775808"), "18446744073709551615": json.Number("18446744073709551615"),
		"18446744073709551616": json.Number("18446744073709551616"), "-18446744073709551616": json.Number("-18446744073709551616"),
		"0x1FFFFFFFFFFFFFFFF": json.Number("36893488147419103231"), "0o7777777777777777777777": json.Number("73786976294838206463"),
		"1_000_000_000_000_000_000_000": json.Number("1000000000000000000000"), "+5": 5, "0x10": 16, "017": 15, "1e30": 1e30, "5.0": 5.0,
		"'18446744073709551616'": "18446744073709551616", "!!int 18446744073709551616": json.Number("18446744073709551616"), "1e400": nil, "-1.5e+999": nil,
	} {
		file := trial{file: "parameters:\n  limit: " + text + "\n  deep: [{limit: " + text + "}]\n"}
		e, findings, err := config.Load(file.source())
		if err != nil {
			t.Fatal(err)
		}
		errors := 0
		for _, f := range findings {
			if strings.HasPrefix(f.Position.Key, "parameters.") && f.Code == "type-wrong" && f.Position.Line > 1 {
				errors++
			}
		}
		if want == nil {
			if errors != 2 || e.Parameters["limit"] != nil {
				t.Errorf("%s: %v %v", text, e.Parameters, findings)
			}
			continue
		}
		if diff := cmp.Diff(map[string]any{"limit": want, "deep": []any{map[string]any{"limit": want}}}, e.Settings("x").Parameters); diff != "" || errors > 0 {
			t.Errorf("%s: %v %s", text, findings, diff)
		}
		variable := trial{environ: []string{"FLOWMAGE_PARAMETERS__LIMIT=" + strings.TrimPrefix(text, "!!int ")}}
		if e, _, err = config.Load(variable.source()); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, e.Parameters["limit"]); diff != "" {
			t.Errorf("%s as a variable: %s", text, diff)
		}
	}
}
