package image

import (
	"os"
	"path/filepath"
	"testing"
)

// Whoever has no home has no configuration: what lies in the working directory is nobody's.
func TestNoHome(t *testing.T) {
	folder := t.TempDir()
	t.Chdir(folder)
	if err := os.MkdirAll(filepath.Join(folder, ".docker"), 0o755); err != nil {
		t.Fatal(err)
	}
	text := `{"credsStore": "evil", "auths": {"registry.example.com": {}}}`
	if err := os.WriteFile(filepath.Join(folder, ".docker", "config.json"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := readSettings([]string{"PATH=/bin"}).file; got.CredentialsStore != "" || len(got.AuthConfigs) > 0 {
		t.Errorf("%+v", got)
	}
	if got := readSettings([]string{"HOME=" + folder}).file; got.CredentialsStore != "evil" {
		t.Errorf("with a home: %+v", got)
	}
}
