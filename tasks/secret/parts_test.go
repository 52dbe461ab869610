package secret_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/secret"
)

func TestParts(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, value string
		want        []string
	}{
		{"DB_PASSWORD", "hunter2", []string{"hunter2"}},
		{"LEVEL", "debug", nil},
		{"DATABASE_URL", "postgres://me:hunter%402@db/x", []string{"hunter%402", "hunter@2"}},
		{"REMOTE", "https://hunter2@github.com/x", []string{"hunter2"}},
		{"CONN", "Server=db;Password=hunter2;User=me", []string{"hunter2"}},
		{"EXTRA", `{"api_key": "hunter2", "n": 1}`, []string{"hunter2"}},
		{"NOTE", "ghp_abcdefghijklmnopqrstuvwxyz0123456789", []string{"ghp_abcdefghijklmnopqrstuvwxyz0123456789"}},
		{"DEPLOY_WEBHOOK", "https://example.com/x", []string{"https://example.com/x"}},
		{"HOOK", "https://hooks.slack.com/services/T/B/x", []string{"https://hooks.slack.com/services/T/B/x"}},
		{"SSL_KEY", "/etc/ssl/key.pem", nil},
		{"DB_PASSWORD", "{{ $DB_PASSWORD }}", nil},
		{"DB_PASSWORD", "", nil},
		{"SSL_KEY", "./key.pem", nil},
		{"SSL_KEY", "../key.pem", nil},
		{"SSL_KEY", "~/key.pem", nil},
		{"SSL_KEY", "/hunter2+more=", []string{"/hunter2+more="}},
		{"DB_PASSWORD", "x=1;token=hunter2", []string{"x=1;token=hunter2"}},
		{"OPTIONS", "use_token=true&n=1", nil},
		{"PWD", "/home/me", nil},
		{"IMAGE", "https://ghcr.io/acme/tool-1@v2", nil},
		{"PAGE", "https://registry.npmjs.org/@acme/tool", nil},
		{"MAIL", "https://example.com/to?address=me@example.com", nil},
		{"TWO", "https://a:hunter2@h/x http://b:hunter3@h/@y", []string{"hunter2", "hunter3"}},
	} {
		if diff := cmp.Diff(test.want, secret.Parts(test.name, test.value)); diff != "" {
			t.Errorf("%s=%s: %s", test.name, test.value, diff)
		}
	}
	if got := append(secret.Known("hunter2", true), secret.Known("debug", false)...); !cmp.Equal(got, []string{"hunter2"}) {
		t.Errorf("known are %q", got)
	}
	for value, want := range map[string]bool{"postgres": false, "password": false, "hunter2": false, "hunter22": true, "correct horse": true, "abcdefgh": false} {
		if secret.Distinct(value) != want {
			t.Errorf("%s: %v", value, !want)
		}
	}
}

// A text is shown but for what is secret in it.
func TestInside(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"use ghp_abcdefghijklmnopqrstuvwxyz0123456789, then go": "use ********, then go",
		"'Server=db;Password=hunter2;' is not of type 'object'": "'Server=db;Password=********;' is not of type 'object'",
		"token: field required":                                 "token: field required",
		"see https://me:hunter2@db/x, or not":                   "see https://********@db/x, or not",
	} {
		if got := secret.Inside(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
