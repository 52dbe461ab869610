package setting_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/setting"
)

// update has files written anew.
var update = os.Getenv("UPDATE") != ""

// held compares a file with what follows from the declarations. UPDATE=1 writes it anew.
func held(t *testing.T, name string, want func(have string) string) {
	t.Helper()
	file := filepath.Join("..", "..", name)
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text := want(string(data))
	if diff := cmp.Diff(string(data), text); diff != "" && !update {
		t.Errorf("%s is behind; UPDATE=1 go test ./tasks/setting (-file +declared)\n%s", name, diff)
	} else if diff != "" {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// Every setting has its line in docs/settings.md, and no setting stands there that does not exist.
func TestEverySettingIsDocumented(t *testing.T) {
	t.Parallel()
	const head = "| key | type | default | example |\n| --- | --- | --- | --- |\n"
	tables := setting.Tables()
	held(t, filepath.Join("docs", "settings.md"), func(have string) string {
		parts := strings.Split(have, head)
		if len(parts) != len(tables)+1 {
			t.Fatalf("docs/settings.md has %d tables of settings, not %d", len(parts)-1, len(tables))
		}
		for i, table := range tables {
			_, rest, _ := strings.Cut("\n"+parts[i+1], "\n\n")
			parts[i+1] = strings.Join(table, "\n") + "\n\n" + rest
		}
		return strings.Join(parts, head)
	})
}

func TestJSONSchema(t *testing.T) {
	t.Parallel()
	for name, written := range map[string]func() ([]byte, error){
		"envs/schema.json": setting.JSONSchema, "envs/flow.schema.json": setting.FlowSchema, "policies/schema.json": setting.PolicySchema,
	} {
		got, err := written()
		if err != nil {
			t.Fatal(err)
		}
		held(t, filepath.FromSlash(name), func(string) string { return string(got) })
	}
}
