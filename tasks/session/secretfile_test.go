package session

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/flowmage/flowmage/tasks/tree"
)

// How the settings spell a path does not count, only where it leads.
func TestSecretFile(t *testing.T) {
	t.Parallel()
	top := t.TempDir()
	if plain, err := filepath.EvalSymlinks(top); err == nil {
		top = plain
	}
	root, said := filepath.Join(top, "repo"), filepath.Join(top, "said")
	for name, text := range map[string]string{
		"repo/sec/pw": "in", "said/pw": "said", "other/pw": "other", "repo/.flowmage/auth": "auth", "repo/.flowmage/run/codes/x": "code", "repo/.flowmage/server/x": "state", "repo/.FLOWMAGE/auth": "auth", "system/pw": "system", "repo/.git/config": "config", "said/sub/pw": "said",
	} {
		for _, err := range []error{os.MkdirAll(filepath.Dir(filepath.Join(top, name)), 0o700), os.WriteFile(filepath.Join(top, name), []byte(text), 0o600)} {
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, to := range map[string]string{
		"repo/to-said": "../said/pw", "repo/to-other": "../other/pw", "repo/to-git": ".git/config", "repo/folder": "../said/sub", "as": "repo", "repo/to-large": "../said/large",
	} {
		if err := os.Symlink(to, filepath.Join(top, name)); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"said/large", "repo/large"} {
		if err := errors.Join(os.WriteFile(filepath.Join(top, name), nil, 0o600), os.Truncate(filepath.Join(top, name), tree.Secret+1)); err != nil {
			t.Fatal(err)
		}
	}
	advice := "if they do, set FLOWMAGE_SECRETS_FROM=" + filepath.Join(top, "other") + " where the command runs"
	for _, from := range []string{root, filepath.Join(top, "as")} {
		s := &Session{Root: from, Environ: []string{"FLOWMAGE_SECRETS_FROM=" + said, "CREDENTIALS_DIRECTORY=" + filepath.Join(top, "system")}}
		for file, want := range map[string]string{
			"sec/pw": "in", "./sec/../sec/pw": "in", "../repo/sec/pw": "in", filepath.Join(root, "sec/pw"): "in", filepath.Join(top, "as/sec/pw"): "in",
			filepath.Join(top, "system/pw"): "system", filepath.Join(said, "pw"): "said", "../said/pw": "said", "to-said": "said", "folder/pw": "said", filepath.Join(root, "folder/pw"): "said",
			filepath.Join(top, "other/pw"): advice, "../other/pw": advice, "../said/../other/pw": advice, filepath.Join(said, "../other/pw"): advice,
			"to-other": "put the file itself there: what lies outside of the repository is not read", "to-git": "put the file itself there",
			".flowmage/run/codes/x": "name another file", ".flowmage/server/x": "name another file", ".FLOWMAGE/auth": "name another file",
			".flowmage/auth": "name another file", filepath.Join(root, ".flowmage/auth"): "name another file", "../repo/.flowmage/auth": "name another file",
			".git/config": "name a file of the repository", filepath.Join(root, ".git/config"): "name a file of the repository",
			"../../../../../../../../../../../../run/secrets/kubernetes.io/x": "if they do, set FLOWMAGE_SECRETS_FROM=/run/secrets/kubernetes.io where the command runs",
		} {
			text, err := secretFile(s, file)
			if got := string(text); err != nil && tree.Next(err, err.Error()) != want || err == nil && got != want {
				t.Errorf("%s: %q, %v, want %q", file, got, err, want)
			}
		}
		for _, file := range []string{filepath.Join(said, "large"), "large", "to-large"} {
			if text, err := secretFile(s, file); !errors.Is(err, tree.ErrTooLarge) {
				t.Errorf("%s: %d bytes, %v", file, len(text), err)
			}
		}
		s.Environ = []string{"FLOWMAGE_SECRETS_FROM="}
		for file, allowed := range map[string]bool{"/run/secrets/x": true, "/var/run/secrets/x": true, "/run/secrets/kubernetes.io/x": false, "/var/run/secrets/kubernetes.io/x": false, "/etc/passwd": false} {
			if secretPlace(s, file) != allowed {
				t.Errorf("%s: %v", file, !allowed)
			}
		}
		s.Environ = []string{"FLOWMAGE_SECRETS_FROM=" + top} // what lies in the repository is its own all the same
		for _, file := range []string{".git/config", "to-git", filepath.Join(root, ".git/config"), filepath.Join(top, "as/.git/config"), ".flowmage/auth"} {
			if text, err := secretFile(s, file); err == nil {
				t.Errorf("%s: %q", file, text)
			}
		}
	}
}
