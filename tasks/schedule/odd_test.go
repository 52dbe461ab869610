package schedule_test

import (
	"strings"
	"testing"

	"github.com/flowmage/flowmage/tasks/schedule"
)

func TestOdd(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"P1M": "month", "P1Y": "year", "P1Y2M3D": "year", "P2MT1H": "month", "P0.5M": "month", "PT1M": "", "P1D": "", "P1W": "", "P1DT5M": "", "1:00:00": "", "soon": "", "P": "", "": "", "1M": "",
	} {
		if got, fix := schedule.Calendar(text); (got == "") != (want == "") || !strings.Contains(got, "a "+want) && want != "" || (got == "") != (fix == "") {
			t.Errorf("%s: %q %q", text, got, fix)
		}
	}
	for text, want := range map[string]bool{
		"0 0 4 * * *": true, "*/5 * * * * 0": true, "0 4 * * *": false, "0 0 4 * * * 2030": false, "@daily": false, "0 0 4 * *": false, "a b c d e f": false,
	} {
		if got, _ := schedule.Seconds(text); (got != "") != want {
			t.Errorf("%s: %q", text, got)
		}
	}
	// What croniter, which Prefect asks, fails to find a next date for.
	for text, want := range map[string]bool{
		"0 4 31 2 *": true, "0 4 30 2 *": true, "0 4 30,31 2 *": true, "0 4 31 4,6,9,11 *": true, "0 4 31 feb *": true, "0 4 30-31 2 *": true, "0 4 31 2 1": true, "0 4 31 */7 *": false,
		"0 4 29 2 *": false, "0 4 31 * *": false, "0 4 l 2 *": false, "0 4 * 2 *": false, "0 4 ? 2 *": false, "0 4 31 1-2 *": false, "0 4 28-31 2 *": false, "0 4 */31 2 *": false, "@yearly": false, "no rule": false,
		"0 4 31 11-1 *": false, "0 4 31 4-4 *": false, "0 4 29/2 2 *": false, "0 4 30/1 2 *": true,
	} {
		if got, _ := schedule.Never(text); (got != "") != want {
			t.Errorf("%s: %q", text, got)
		}
	}
}
