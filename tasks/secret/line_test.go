package secret_test

import (
	"testing"

	"github.com/flowmage/flowmage/tasks/secret"
)

func TestLine(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                                                  "",
		"starting at http://127.0.0.1:4200 ":                "starting at http://127.0.0.1:4200 ",
		"DB_PASSWORD=hunter2 HOST=db":                       "DB_PASSWORD=******** HOST=db",
		`{"api_key": "abc", "limit": 3}`:                    `{"api_key": ********, "limit": 3}`,
		"token: 'a b c', user: me":                          "token: ********, user: me",
		"12:30:01 INFO key facts":                           "12:30:01 INFO key facts",
		"loading secret://vault/x":                          "loading secret://vault/x",
		"run -key facts --level debug":                      "run -key facts --level debug",
		"got ghp_hunter2abcdefghijklmnopqrstuvwxyz0123 now": "got ******** now",
	} {
		if got := secret.Line(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	for _, text := range []string{
		"connecting to postgres://me:hunter2@db/x now", "remote: https://me:hunter2@github.com/x.git",
		"got ghp_hunter2abcdefghijklmnopqrstuvwxyz0123", "PREFECT_API_AUTH_STRING=me:hunter2",
	} {
		if got := secret.Line(text); len(got) == 0 || containsSecret(got) {
			t.Errorf("%q: %q", text, got)
		}
	}
}

func containsSecret(s string) bool {
	for i := 0; i+7 <= len(s); i++ {
		if s[i:i+7] == "hunter2" {
			return true
		}
	}
	return false
}
