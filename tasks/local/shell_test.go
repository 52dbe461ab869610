package local

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestShellLine(t *testing.T) {
	t.Parallel()
	for want, got := range map[string]string{
		`export A="http://$(cat '/it'\''s/auth')@x" B="$(cat '/it'\''s/auth')"`: posix.set([]string{"A=http://" + posix.read("/it's/auth") + "@x", "B=" + posix.read("/it's/auth")}),
		`$env:A="x"; $env:B="$(Get-Content 'C:\it''s\auth')";`:                  powershell.set([]string{"A=x", "B=" + powershell.read(`C:\it's\auth`)}),
	} {
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	path := filepath.Join(t.TempDir(), "it's $HOME `x`")
	if err := os.WriteFile(path, []byte("user:word\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("there is no sh here")
	}
	out, err := exec.CommandContext(t.Context(), sh, "-c", posix.set([]string{"A=" + posix.read(path)})+`; printf %s "$A"`).CombinedOutput()
	if err != nil || string(out) != "user:word" {
		t.Errorf("%v, %s", err, out)
	}
}
