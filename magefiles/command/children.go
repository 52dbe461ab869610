package command

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/local"
	"github.com/flowmage/flowmage/tasks/prefect"
)

// python gives the Python in which programs for the environment run, with all that its flows need. That of the embedded server has it.
func (s *Session) python(ctx context.Context, to server, env config.Env, flows []flow.Flow) (*local.Local, error) {
	if to.embedded != nil {
		return to.embedded, nil
	}
	l := s.embedded(env)
	return l, l.EnsurePackages(ctx, s.requirements(flows))
}

// credentialsOf gives the variables by which Prefect's own programs get what a server asks for.
func credentialsOf(o prefect.Options) []string {
	var out []string
	add := func(name, value string) {
		if value != "" {
			out = append(out, name+"="+value)
		}
	}
	add("PREFECT_API_KEY", o.APIKey)
	add("PREFECT_API_AUTH_STRING", o.AuthString)
	add("PREFECT_API_SSL_CERT_FILE", o.CAFile)
	if o.Insecure {
		add("PREFECT_API_TLS_INSECURE_SKIP_VERIFY", "true")
	}
	if len(o.Headers) > 0 {
		if text, err := json.Marshal(o.Headers); err == nil {
			add("PREFECT_CLIENT_CUSTOM_HEADERS", string(text))
		}
	}
	return out
}

// sleep waits; it gives false when ctx ended first.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// relative names a file as seen from the repository's root.
func (s *Session) relative(path string) string {
	if rel, err := filepath.Rel(s.Root, path); err == nil && !strings.HasPrefix(rel, "..") {
		return filepath.ToSlash(rel)
	}
	return path
}
