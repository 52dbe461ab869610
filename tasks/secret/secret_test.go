package secret_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/secret"
)

func TestMasked(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		path  string
		value any
		want  any
	}{
		"plain":             {"env.LEVEL", "debug", "debug"},
		"by name":           {"env.DB_PASSWORD", "x", secret.Mask},
		"camel case":        {"env.apiToken", "x", secret.Mask},
		"by a name above":   {"secrets.a.b", "x", secret.Mask},
		"a number":          {"env.PIN_SECRET", 1234, secret.Mask},
		"no part of a word": {"env.AUTHOR", "me", "me"},
		"monkey":            {"env.MONKEY", "x", "x"},
		"a truth value":     {"env.USE_TOKEN", true, true},
		"the other one":     {"env.USE_TOKEN", false, false},
		"the shell's":       {"env.NOTE", "in PWD=/home/me OLDPWD=/", "in PWD=/home/me OLDPWD=/"},
		"nothing":           {"env.TOKEN", nil, nil},
		"empty":             {"env.TOKEN", "", ""},
		"a reference":       {"env.TOKEN", "{{ prefect.blocks.secret.x }}", "{{ prefect.blocks.secret.x }}"},
		"not only one":      {"env.TOKEN", "a{{ x }}", secret.Mask},
		"a token":           {"env.NOTE", "use ghp_abcdefghijklmnopqrstuvwxyz0123456789", secret.Mask},
		"a private key":     {"parameters.text", "-----BEGIN RSA PRIVATE KEY-----\nMII", secret.Mask},
		"an address":        {"env.DB", "postgres://u:p@host/db", "postgres://" + secret.Mask + "@host/db"},
		"an open address":   {"env.DB", "https://host/a@b", "https://host/a@b"},
		"a mapping": {
			"job_variables", map[string]any{"env": map[string]any{"TOKEN": "x", "A": "b"}},
			map[string]any{"env": map[string]any{"TOKEN": secret.Mask, "A": "b"}},
		},
		"a list": {
			"pull", []any{map[string]any{"clone": map[string]any{"access_token": "x"}}, "https://u:p@h"},
			[]any{map[string]any{"clone": map[string]any{"access_token": secret.Mask}}, "https://" + secret.Mask + "@h"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, secret.Masked(test.value, strings.Split(test.path, "."))); diff != "" {
				t.Error(diff)
			}
		})
	}
}
