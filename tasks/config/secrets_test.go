package config_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/config"
)

// Secrets in settings: what stands in a file is told, what only says where the secret is is not.
func TestSecretsInSettings(t *testing.T) {
	t.Parallel()
	const token = "ghp_abcdefghijklmnopqrstuvwxyz0123456789"
	for name, test := range map[string]struct {
		in   trial
		want []string
	}{
		"a block":              {trial{file: "env: {API_TOKEN: \"{{ prefect.blocks.secret.x }}\"}\n"}, nil},
		"a variable":           {trial{file: "env: {API_TOKEN: \"{{ $API_TOKEN }}\"}\n"}, nil},
		"an address":           {trial{file: "env: {DB: \"postgres://me:{{ $DB_PASSWORD }}@db\"}\n"}, nil},
		"where it is":          {trial{file: "secrets: {TOKEN: /run/token}\ncode: {git: {repository: \"https://x/y\", credentials: secret/token}}\n"}, nil},
		"from a variable":      {trial{environ: []string{"FLOWMAGE_ENV__API_TOKEN=" + token}}, nil},
		"by a flag":            {trial{flags: map[string]string{"env.API_TOKEN": token}}, nil},
		"by name":              {trial{base: "env: {API_TOKEN: x}\n"}, []string{"envs/base.yaml:2:7 warning secret-literal"}},
		"by form":              {trial{file: "flows: {a: {description: \"see " + token + "\"}}\n"}, []string{"envs/dev.yaml:1:13 error secret-literal"}},
		"in a list":            {trial{file: "parameters: {hosts: [a, \"https://me:pw@x\"]}\n"}, []string{"envs/dev.yaml:1:14 error secret-literal"}},
		"where nobody expects": {trial{file: "env: {NOTE: \"{{ $DB_PASSWORD }}\"}\n"}, []string{"envs/dev.yaml:1:7 error secret-place"}},
		"from a file there":    {trial{file: "secrets: {X: /run/x}\nenv: {NOTE: \"{{ $X }}\"}\n"}, []string{"envs/dev.yaml:2:7 error secret-place"}},
		"a plain variable":     {trial{file: "env: {NOTE: \"{{ $REGION }}\"}\n"}, nil},
	} {
		_, findings, err := config.Load(test.in.source())
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, f := range findings {
			got = append(got, f.Position.String()+" "+f.Severity.String()+" "+f.Code)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
