package config_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/config"
)

// Variables with credentials are known; one that nothing reads is told.
func TestCredentialVariables(t *testing.T) {
	t.Parallel()
	root := fstest.MapFS{"envs/base.yaml": {Data: []byte("project: shop\n")}, "envs/dev.yaml": {}, "envs/eu-west.yaml": {}, "envs/eu_west.yaml": {}, "envs/us-east.yaml": {}}
	for variable, want := range map[string]string{
		"FLOWMAGE_DEV_API_KEY":           "",
		"FLOWMAGE_PROD_AUTH_STRING":      "",
		"FLOWMAGE_US_EAST_HEADERS":       "",
		"FLOWMAGE_CREDENTIALS_FOR":       "",
		"FLOWMAGE_ENV__API_KEY":          "",
		"FLOWMAGE_EU_WEST_API_KEY":       "eu-west and eu_west",
		"FLOWMAGE_PRD_API_KEY":           "did you mean FLOWMAGE_PROD_API_KEY?",
		"FLOWMAGE_PRODUCTION_API_KEY":    "did you mean FLOWMAGE_PROD_API_KEY?",
		"FLOWMAGE_DEVELOPMENT_HEADERS":   "did you mean FLOWMAGE_DEV_HEADERS?",
		"flowmage_prod_api_key":          "did you mean FLOWMAGE_PROD_API_KEY?",
		"FLOWMAGE_NOWHERE_FAR_API_KEY":   "the environments are dev, staging, prod",
		"FLOWMAGE_PROD__API_KEY":         "there is no such setting",
		"FLOWMAGE_CREDENTIALS_FOR_HOSTS": "there is no such setting",
	} {
		_, findings, err := config.Load(config.Source{Env: "dev", Root: root, Environ: []string{variable + "=word1234"}, Folder: "/x"})
		if err != nil {
			t.Fatal(err)
		}
		var lines []string
		for _, f := range findings {
			lines = append(lines, f.String())
		}
		said := strings.Join(lines, "\n")
		if want == "" && said != "" || !strings.Contains(said, want) || strings.Contains(said, "word1234") {
			t.Errorf("%s: %q, want %q", variable, said, want)
		}
	}
}

func TestOutside(t *testing.T) {
	t.Parallel()
	file := "server:\n  url: https://a.example/api\n"
	for name, c := range map[string]struct {
		file    string
		environ []string
		flags   map[string]string
		want    bool
	}{
		"file":               {file: file},
		"variable":           {file, []string{"FLOWMAGE_SERVER__URL=https://b.example/api"}, nil, true},
		"all of it":          {"", []string{"FLOWMAGE_SERVER={url: 'https://b.example/api'}"}, nil, true},
		"its pages only":     {file, []string{"FLOWMAGE_SERVER__UI=https://b.example"}, nil, false},
		"its pages, as map":  {file, []string{"FLOWMAGE_SERVER={ui: 'https://b.example'}"}, nil, false},
		"flag":               {file, nil, map[string]string{"server.url": "https://b.example/api"}, true},
		"an empty variable":  {file, []string{"FLOWMAGE_SERVER__URL="}, nil, false},
		"nothing":            {},
		"a name in brackets": {file: file + "project: <environment>\n"},
	} {
		env, _, err := config.Load(config.Source{
			Env: "dev", Root: fstest.MapFS{"envs/base.yaml": {Data: []byte("project: shop\n")}, "envs/dev.yaml": {Data: []byte(c.file)}}, Environ: c.environ, Flags: c.flags, Folder: "/x",
		})
		if err != nil || env.Outside("server.url") != c.want {
			t.Errorf("%s: %v, %v, server %s", name, env.Outside("server.url"), err, env.Server.URL)
		}
	}
}

func TestUses(t *testing.T) {
	t.Parallel()
	env, _, err := config.Load(config.Source{
		Env: "dev", Root: fstest.MapFS{"envs/base.yaml": {Data: []byte("project: shop\nenv:\n  A: '{{ $KEY }}'\n  B: '{{ $KEYS }}'\n")}, "envs/dev.yaml": {Data: []byte("tags: ['x{{ $KEY }}']\n")}}, Folder: "/x",
	})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, at := range env.Uses("KEY") {
		got = append(got, at.String())
	}
	if diff := cmp.Diff([]string{"envs/base.yaml:3", "envs/dev.yaml:1"}, got, cmp.Transformer("place", func(s string) string { return strings.Join(strings.SplitN(s, ":", 3)[:2], ":") })); diff != "" {
		t.Error(diff)
	}
}
