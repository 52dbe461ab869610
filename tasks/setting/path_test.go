package setting_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/setting"
)

func TestPaths(t *testing.T) {
	t.Parallel()
	for want, path := range map[string][]string{
		"server.url":                        {"server", "url"},
		"schedules[0].cron":                 {"schedules", "[0]", "cron"},
		`flows."my.flow".tags`:              {"flows", "my.flow", "tags"},
		`flows."Sales Report".+tags[12]`:    {"flows", "Sales Report", "+tags", "[12]"},
		`parameters."prefect.io/owner[]".x`: {"parameters", "prefect.io/owner[]", "x"},
	} {
		if got := setting.Show(path); got != want {
			t.Errorf("show: %s, want %s", got, want)
		}
		if diff := cmp.Diff(path, setting.Split(want)); diff != "" {
			t.Errorf("split %s (-want +got):\n%s", want, diff)
		}
	}
	for _, odd := range []string{"", ".", "a..b", "[", "a[", `"`, `"a`, "a.", "[]"} {
		setting.Split(odd) // must end
	}
}
