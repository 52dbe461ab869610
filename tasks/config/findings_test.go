package config_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/config"
)

// update writes the golden files anew.
var update = os.Getenv("UPDATE") != ""

// trial is one set of settings with something to find. Base and file are the texts of envs/base.yaml and of the
// environment's file; without a project in base, one is put in front.
type trial struct {
	name    string
	env     string // dev unless set
	base    string
	file    string
	environ []string
	flags   map[string]string
	bare    bool // no project, no remote
	remote  string
}

func (c trial) source() config.Source {
	env, base := c.env, c.base
	if env == "" {
		env = "dev"
	}
	if !c.bare && !strings.Contains(base, "project:") {
		base = "project: robots\n" + base
	}
	return config.Source{
		Root: fstest.MapFS{
			"envs/base.yaml":        {Data: []byte(base)},
			"envs/" + env + ".yaml": {Data: []byte(c.file)},
			"flows/rpa1/flow.py":    {},
		},
		Env: env, Environ: c.environ, Flags: c.flags, Remote: func() string { return c.remote }, Folder: "/home/me/robots",
	}
}

// golden compares with testdata/<name>.golden, or writes it.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name+".golden")
	if update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

// story shows each trial with its input and everything that was found.
func story(t *testing.T, trials []trial) string {
	t.Helper()
	var b strings.Builder
	for _, c := range trials {
		fmt.Fprintf(&b, "### %s\n", c.name)
		for _, part := range []struct{ title, text string }{{"base", c.base}, {"file", c.file}, {"environ", strings.Join(c.environ, "\n")}} {
			if part.text != "" && len(part.text) < 500 {
				fmt.Fprintf(&b, "--- %s\n%s\n", part.title, strings.TrimRight(strings.ToValidUTF8(part.text, "?"), "\n"))
			}
		}
		for k, v := range c.flags {
			fmt.Fprintf(&b, "--- flag\n%s=%s\n", k, v)
		}
		b.WriteString("--- found\n")
		_, findings, err := config.Load(c.source())
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		for _, f := range findings {
			b.WriteString(f.String() + "\n")
		}
		b.WriteString("\n")
	}
	return b.String()
}

func TestFindingsOfYAML(t *testing.T) {
	t.Parallel()
	golden(t, "yaml", story(t, []trial{
		{name: "empty file is fine", file: ""},
		{name: "only a comment is fine", file: "# nothing\n"},
		{name: "empty document is fine", file: "---\n"},
		{name: "byte order mark is fine", file: "\xef\xbb\xbfprune: true\n"},
		{name: "CRLF is fine", file: "prune: true\r\ntags: [a]\r\n"},
		{name: "empty values count as not written", file: "server:\ntags:\nflows:\n  rpa1:\nconcurrency:\n"},
		{name: "missing colon", file: "prune true\ntags: [a]\n"},
		{name: "unclosed bracket", file: "tags: [a\nprune: true\n"},
		{name: "unclosed quote", file: "prune: true\npython: \"abc\n"},
		{name: "wrong indentation", file: "server:\n  url: http://x/api\n ui: http://x\n"},
		{name: "value with a colon", file: "python: a: b\n"},
		{name: "tab", file: "server:\n\turl: http://x/api\n"},
		{name: "tab further down", file: "prune: true\nflows:\n  rpa1:\n    enabled: true\n\t  tags: [a]\n"},
		{name: "two documents", file: "prune: true\n---\nprune: false\n"},
		{name: "duplicate key", file: "prune: true\ntags: [a]\nprune: false\n"},
		{name: "duplicate key below", file: "flows:\n  rpa1: {enabled: true}\n  rpa1: {enabled: false}\n"},
		{name: "list and its plus", file: "tags: [a]\n+tags: [b]\n"},
		{name: "not a mapping", file: "- a\n- b\n"},
		{name: "a single word", file: "hello\n"},
		{name: "UTF-16", file: "\xff\xfea\x00"},
		{name: "invalid UTF-8", file: "prune: true\n# caf\xe9\n"},
		{name: "control character", file: "prune: true\npython: a\x01b\n"},
		{name: "own tag", file: "parameters:\n  a: !vault x\n"},
		{name: "binary", file: "parameters:\n  a: !!binary aGk=\n"},
		{name: "unknown anchor", file: "tags: *none\n"},
		{name: "anchors and merge keys are fine", file: "flows:\n  rpa1: &robot\n    concurrency: 1\n  rpa2:\n    <<: *robot\n    enabled: false\n"},
		{name: "merge of a text", file: "flows:\n  rpa1:\n    <<: hello\n"},
		{name: "list as key", file: "parameters:\n  ? [a, b]\n  : 1\n"},
		{name: "empty key", file: "parameters:\n  \"\": 1\n  ~: 2\n"},
		{name: "control character in a key", file: "parameters:\n  \"a\\x1fb\": 1\n"},
		{name: "refers to itself", file: "parameters: &a\n  x: *a\n"},
		{name: "alias bomb", file: bomb(9)},
		{name: "deep", file: "parameters:\n  a: " + strings.Repeat("[", 100) + strings.Repeat("]", 100) + "\n"},
		{name: "huge", file: "# " + strings.Repeat("x", 10<<20)},
		{name: "traps", file: "parameters:\n  a: yes\n  b: on\n  c: 0777\n  d: 1:30\n  e: 2026-01-01\n  f: .nan\n  g: \"no\"\n  h: 0x1F\n"},
	}))
}

// bomb gives a text whose aliases stand for 9 to the power of levels nodes.
func bomb(levels int) string {
	var b strings.Builder
	b.WriteString("parameters:\n  a0: &a0 [x, x, x, x, x, x, x, x, x]\n")
	for i := range levels {
		ref := fmt.Sprintf("*a%d, ", i)
		fmt.Fprintf(&b, "  a%d: &a%d [%s]\n", i+1, i+1, strings.TrimSuffix(strings.Repeat(ref, 9), ", "))
	}
	return b.String()
}

func TestFindingsOfKeys(t *testing.T) {
	t.Parallel()
	golden(t, "keys", story(t, []trial{
		{name: "misspelt", file: "concurency: 1\n"},
		{name: "misspelt below", file: "server:\n  ulr: http://x/api\n"},
		{name: "misspelt in an override", file: "flows:\n  rpa1:\n    parameter: {a: 1}\n"},
		{name: "misspelt in a schedule", file: "schedules:\n  - corn: \"0 6 * * *\"\n"},
		{name: "belongs elsewhere", file: "url: http://x/api\ndescription: x\n"},
		{name: "nothing near", file: "colour: blue\n"},
		{name: "not there yet", file: "containers: auto\npools:\n  container: {name: x}\nkinds: [python, container]\n"},
		{name: "plus where no list is", file: "+prune: true\n+server: {url: http://x/api}\nflows:\n  rpa1:\n    +parameters: {a: 1}\nparameters:\n  +a: 1\n"},
		{name: "all at once", file: "a: 1\nprune: 3\nserver: x\ntags: x\n"},
	}))
}

func TestFindingsOfValues(t *testing.T) {
	t.Parallel()
	golden(t, "values", story(t, []trial{
		{name: "number for a text", file: "python: 3.12\nflows:\n  rpa1:\n    version: 1.0\n    description: true\n"},
		{name: "number in a list of texts", file: "tags: [a, 1, null]\n"},
		{name: "number for a variable of runs", file: "env:\n  A: 1\n  API_KEY: 12345\n  B:\n"},
		{name: "text for a list", file: "tags: nightly\n"},
		{name: "list for a text", file: "python: [a]\n"},
		{name: "text for a truth value", file: "prune: \"true\"\nenforce_parameter_schema: yes\n"},
		{name: "text for a mapping", file: "parameters: a\nflows: [rpa1]\n"},
		{name: "text for a number", file: "concurrency: \"1\"\n"},
		{name: "fraction for a number", file: "concurrency: 1.5\n"},
		{name: "number too large", file: "concurrency: 99999999999999999999\n"},
		{name: "concurrency", file: "concurrency: 0\nflows:\n  rpa1: {concurrency: -1}\n"},
		{name: "project", base: "project: my robots\n"},
		{name: "project for one environment", file: "project: other\n"},
		{name: "naming", file: "naming: \"{flo}-{kind}\"\n"},
		{name: "naming without flow", file: "naming: \"{kind}-{env}\"\n"},
		{name: "naming with a stray brace", file: "naming: \"{flow}-}\"\n"},
		{name: "naming with a slash", file: "naming: \"{flow}/{kind}\"\n"},
		{name: "kinds", file: "kinds: [pyhton]\n"},
		{name: "paths", file: "paths: [../other, /abs, flow]\n"},
		{name: "exclude", file: "exclude: [\"a[\"]\n"},
		{name: "pool", file: "pools:\n  python: {name: prefect-robots, type: docker, queue: a/b}\n"},
		{name: "code", file: "code:\n  directory: robots\n"},
		{name: "tags", file: "tags: [\"flowmage:x/dev\", \" \"]\n"},
		{name: "cron", file: "schedules:\n  - cron: \"0 6 * *\"\n  - cron: \"@daily\"\n  - cron: \"0 0 6 * * *\"\n"},
		{name: "schedule forms", file: "schedules:\n  - timezone: UTC\n  - {cron: \"0 6 * * *\", interval: 60}\n  - hello\n"},
		{name: "interval", file: "schedules:\n  - interval: 0\n  - interval: [1]\n  - interval: PT1H\n  - interval: 1:00:00\n  - interval: 0.5\n"},
	}))
}

func TestFindingsOfServers(t *testing.T) {
	t.Parallel()
	url := func(s string) trial { return trial{name: s, file: "server: {url: \"" + s + "\"}\n"} }
	golden(t, "server", story(t, []trial{
		{name: "missing in prod", env: "prod"},
		{name: "missing in staging, no python", env: "staging", file: "kinds: []\n"},
		{name: "complete", env: "prod", file: "server: {url: https://x/api}\ncode: {directory: /srv/x}\n"},
		{name: "complete on Windows", env: "prod", file: "server: {url: https://x/api}\ncode: {directory: 'C:\\robots'}\n"},
		{name: "http in prod", env: "prod", file: "server: {url: http://prefect:4200/api}\ncode: {directory: /srv/x}\n"},
		{name: "unreadable in prod", env: "prod", file: "server: [\n"},
		{name: "unusable in prod", env: "prod", file: "server: {url: x}\ncode: {directory: 3}\n"},
		{name: "unusable in prod, whole", env: "prod", file: "server: x\ncode: [x]\n"},
		url("prefect.example.com"), url("ftp://x/api"), url("https://prefect.example.com"), url("http://localhost:4200/dashboard"),
		url("https://user:hunter2@x.example.com/api"), url("https://x/api?y=1"), url("http://x/prefect/api/"),
		url("https://app.prefect.cloud/account/a-1/workspace/w-1/dashboard"), url("https://api.prefect.cloud/api"),
		url("https://api.prefect.cloud/api/accounts/a-1/workspaces/w-1"), url("http://[::1"),
		{name: "no project, remote", bare: true, remote: "git@github.com:acme/sales-robots.git"},
		{name: "no project, no remote", bare: true},
		{name: "no project, no remote, prod", bare: true, env: "prod", file: "server: {url: https://x/api}\ncode: {directory: /srv/x}\n"},
	}))
}

func TestFindingsOfVariables(t *testing.T) {
	t.Parallel()
	golden(t, "variables", story(t, []trial{
		{name: "ignored", environ: []string{"FLOWMAGE_TEST_X=1", "FLOWMAGE_SOAK=1", "PATH=/bin", "FLOWMAGE_PRUNE=", "FLOWMAGE=1", "nonsense"}},
		{name: "unknown", environ: []string{"FLOWMAGE_SERVER_URL=http://x/api", "FLOWMAGE_PRUEN=true", "FLOWMAGE_=1", "FLOWMAGE_COLOUR=x"}},
		{name: "wrong type", environ: []string{"FLOWMAGE_CONCURRENCY=many", "FLOWMAGE_SERVER=http://x/api", "FLOWMAGE_PRUNE=yes"}},
		{name: "bad value", environ: []string{"FLOWMAGE_SERVER__URL=localhost", "FLOWMAGE_CONCURRENCY=0"}},
		{name: "twice", environ: []string{"FLOWMAGE_PRUNE=true", "flowmage_prune=false"}},
		{name: "broken YAML", environ: []string{"FLOWMAGE_SCHEDULES=[{cron: x"}},
		{name: "unknown flag", flags: map[string]string{"server.ulr": "x"}},
		{name: "wrong flag", flags: map[string]string{"concurrency": "x"}},
	}))
}
