package config

import (
	"os"
	"strings"
	"testing"
)

// Every setting has its line in docs/settings.md, and no setting stands there that does not exist.
func TestEverySettingIsDocumented(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../../docs/settings.md")
	if err != nil {
		t.Fatal(err)
	}
	documented := map[string]bool{}
	for line := range strings.Lines(string(data)) {
		if rest, ok := strings.CutPrefix(line, "| `"); ok {
			key, _, _ := strings.Cut(rest, "`")
			documented[key] = true
		}
	}
	s := schema()
	want := leaves(s, nil)
	for _, path := range leaves(*s.keys["flows"].each, nil) {
		if _, shared := perFlow()[path[0]]; !shared {
			want = append(want, append([]string{"flows.<name>"}, path...))
		}
	}
	for _, path := range leaves(*s.keys["schedules"].each, nil) {
		want = append(want, append([]string{"schedules[]"}, path...))
	}
	for _, path := range want {
		key := strings.Join(path, ".")
		if !documented[key] {
			t.Errorf("docs/settings.md has no line for %s", key)
		}
		delete(documented, key)
	}
	for key := range documented {
		t.Errorf("docs/settings.md describes %s, which does not exist", key)
	}
}
