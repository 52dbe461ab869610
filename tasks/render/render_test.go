package render_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/manifest"
	"github.com/flowmage/flowmage/tasks/prerequisite"
	"github.com/flowmage/flowmage/tasks/render"
	"github.com/flowmage/flowmage/templates"
)

func environment(t *testing.T, text string) config.Env {
	t.Helper()
	env, findings, err := config.Load(config.Source{
		Root: fstest.MapFS{
			"envs/base.yaml": {Data: []byte("project: shop\n" + text)}, "envs/dev.yaml": {Data: []byte("{}\n")},
			"flows/a.py": {Data: []byte("")},
		},
		Env: "dev", Folder: "/srv/shop",
	})
	if err != nil || findings.HasErrors() {
		t.Fatal(err, findings)
	}
	return env
}

var options = render.Options{Owner: "owner", Declares: func(flow.Flow, string) bool { return true }}

var flows = []flow.Flow{
	{Name: "Second One", Function: "b", File: "flows/b/w.py", Entrypoint: "flows/b/w.py:b", Version: "v2", Description: "Do: \"b\"\n\nmore # text"},
	{Name: "first", Function: "a", File: "flows/a/w.py", Entrypoint: "flows/a/w.py:a", Version: "v1"},
}

// TestGolden compares a whole rendered file. UPDATE=1 writes it anew.
func TestGolden(t *testing.T) {
	t.Parallel()
	env := environment(t, `
tags: [team-a]
parameters: {limit: 10}
env: {LEVEL: debug}
flows:
  first:
    parameters: {region: "no", big: 1e6, none: null}
    schedules:
      - {cron: "0 6 * * *", timezone: Europe/Berlin}
    concurrency: 2
    enforce_parameter_schema: false
  second-one:
    schedules:
      - {interval: 60}
      - {rrule: "FREQ=DAILY", slug: daily, active: false, parameters: {limit: 1}}
    job_variables: {stream_output: true}
`)
	got, err := render.Prefect(fstest.MapFS{}, templates.FS, env, render.Deployments(env, flows, options))
	if err != nil {
		t.Fatal(err)
	}
	golden := filepath.Join("testdata", "prefect.yaml")
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(golden, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Error(diff)
	}
	m, findings := manifest.Parse("prefect.dev.yaml", got)
	if len(findings) > 0 || len(m.Deployments) != 2 {
		t.Error(findings)
	}
	again, err := render.Prefect(fstest.MapFS{}, templates.FS, env, render.Deployments(env, flows, options))
	if err != nil || !bytes.Equal(got, again) {
		t.Error("the same input gave another text")
	}
}

func TestNothingToDeploy(t *testing.T) {
	t.Parallel()
	env := environment(t, "flows: {first: {enabled: false}, second-one: {enabled: false}}\n")
	got, err := render.Prefect(fstest.MapFS{}, templates.FS, env, render.Deployments(env, flows, options))
	if err != nil {
		t.Fatal(err)
	}
	if m, findings := manifest.Parse("x", got); len(findings) > 0 || len(m.Deployments) > 0 {
		t.Errorf("%v %v\n%s", m, findings, got)
	}
}

func TestOwnTemplate(t *testing.T) {
	t.Parallel()
	env := environment(t, "")
	tests := map[string]struct{ template, want, where, next string }{
		"taken":          {"{{ .Project }} {{ .Env }} {{ len .Deployments }}\n", "shop dev 2\n", "", ""},
		"unknown field":  {"a\n{{ .Projekt }}\n", "", "templates/prefect.yaml.tmpl:2", "did you mean .Project?"},
		"unknown inside": {"{{ range .Deployments }}\n{{ yaml .Pool.Naem }}\n{{ end }}", "", "templates/prefect.yaml.tmpl:2", "did you mean .Name?"},
		"nothing near":   {"{{ .Colour }}", "", "templates/prefect.yaml.tmpl:1", "correct it"},
		"no such key":    {"{{ range .Deployments }}{{ .JobVariables.imgae }}{{ end }}", "", "templates/prefect.yaml.tmpl:1", "correct it"},
		"syntax":         {"a\nb\n{{ range }}\n", "", "templates/prefect.yaml.tmpl:3", "correct it"},
		"unknown func":   {"{{ toYaml .Env }}\n", "", "templates/prefect.yaml.tmpl:1", "functions are"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			own := fstest.MapFS{"templates/prefect.yaml.tmpl": {Data: []byte(test.template)}}
			got, err := render.Prefect(own, templates.FS, env, render.Deployments(env, flows, options))
			if string(got) != test.want {
				t.Errorf("got %q", got)
			}
			if test.where == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			f, ok := err.(*fault.Error) //nolint:errorlint // it is promised to be one
			if !ok || f.Code != fault.Findings || f.Where != test.where || !strings.Contains(f.Next, ".Deployments[].Pool.Name") || !strings.HasPrefix(f.Next, test.next) {
				t.Errorf("got %#v", err)
			}
		})
	}
}

// values gives deterministic values of every kind that JSON knows, with the texts that trip YAML readers.
func values(r *rand.Rand, depth int) any {
	traps := []string{
		"", "no", "Yes", "on", "null", "~", "1e3", "0777", "0x1f", "1:30", "2024-01-02", ".nan", "=", "<<", "- a", "a: b", "#x", " x ", "{{ x }}",
		"line\nbreak", "tab\t", "quote\"'", "back\\slash", "\u0085", "\u2028", "\ufeff", "\x7f", "emoji 🙂", "\x00\x1b", "%", "@", "`", "!x", "&a", "*a", "|", ">",
	}
	switch r.IntN(9 - min(depth, 2)) {
	case 0:
		return traps[r.IntN(len(traps))]
	case 1:
		return r.Int64N(1<<53) - 1<<52
	case 2:
		return []float64{0, 1.5, -2, 1e6, 1e22, 1e-7, math.MaxFloat64, math.SmallestNonzeroFloat64, r.NormFloat64()}[r.IntN(9)]
	case 3:
		return r.IntN(2) == 0
	case 4:
		return nil
	case 5, 6:
		text := make([]rune, r.IntN(8))
		for i := range text {
			text[i] = []rune{rune(r.IntN(0x250)), rune(r.IntN(0xd800)), rune(0x10000 + r.IntN(0xfffff))}[r.IntN(3)]
			if !utf8.ValidRune(text[i]) {
				text[i] = '?'
			}
		}
		return string(text)
	case 7:
		out := map[string]any{}
		for range r.IntN(4) {
			out[fmt.Sprint(values(r, 9))] = values(r, depth+1)
		}
		return out
	default:
		out := []any{}
		for range r.IntN(4) {
			out = append(out, values(r, depth+1))
		}
		return out
	}
}

// TestValuesSurvive renders random parameters and reads them back, with our reader and with the one that Prefect uses.
func TestValuesSurvive(t *testing.T) {
	t.Parallel()
	env := environment(t, "")
	r := rand.New(rand.NewPCG(1, 2))
	size := prerequisite.Size(300, 20_000)
	parameters := map[string]any{}
	for i := range size {
		parameters[fmt.Sprintf("p%d", i)] = values(r, 0)
	}
	one := render.Deployment{Name: "a", Entrypoint: "a.py:a", Parameters: parameters}
	text, err := render.Prefect(fstest.MapFS{}, templates.FS, env, []render.Deployment{one})
	if err != nil {
		t.Fatal(err)
	}
	m, findings := manifest.Parse("prefect.yaml", text)
	if findings.HasErrors() {
		t.Fatal(findings)
	}
	if diff := cmp.Diff(plain(t, parameters), plain(t, m.Deployments[0].Parameters)); diff != "" {
		t.Errorf("our reader: %s", diff)
	}
	interpreter := prerequisite.Python(t)
	cmd := exec.CommandContext(t.Context(), interpreter, filepath.Join("testdata", "load.py"))
	cmd.Stdin, cmd.Stderr = bytes.NewReader(text), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var theirs struct {
		Deployments []struct{ Parameters map[string]any }
	}
	if err := json.Unmarshal(out, &theirs); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(plain(t, parameters), theirs.Deployments[0].Parameters); diff != "" {
		t.Errorf("Prefect's reader: %s", diff)
	}
}

// isPlain gives values as encoding/json reads them.
func plain(t *testing.T, v map[string]any) map[string]any {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]any
	if err := json.Unmarshal(data, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestUnwritable(t *testing.T) {
	t.Parallel()
	for _, v := range []any{math.NaN(), math.Inf(1), map[int]int{1: 2}, func() {}} {
		one := render.Deployment{Name: "a", Parameters: map[string]any{"x": v}}
		if _, err := render.Prefect(fstest.MapFS{}, templates.FS, environment(t, ""), []render.Deployment{one}); err == nil {
			t.Errorf("%v was written", v)
		}
	}
}
