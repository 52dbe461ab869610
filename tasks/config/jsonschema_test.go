package config_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"github.com/flowmage/flowmage/tasks/config"
)

// shipped gives the schema in the repository, for whole files or for flow.yaml.
func shipped(t *testing.T, fragment string) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	schema, err := c.Compile("../../envs/schema.json" + fragment)
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// valid tells whether an editor with the schema would accept the text.
func valid(t *testing.T, schema *jsonschema.Schema, text []byte) error {
	t.Helper()
	var v any
	if err := yaml.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	if v == nil {
		v = map[string]any{}
	}
	return schema.Validate(v)
}

// The files that ship name the schema in their first line, and fit it.
func TestShippedFilesFitTheSchema(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../envs/*.yaml")
	if err != nil || len(files) < 4 {
		t.Fatal(files, err)
	}
	schema := shipped(t, "")
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.HasPrefix(text, []byte("# yaml-language-server: $schema=schema.json\n")) {
			t.Errorf("%s does not name the schema", file)
		}
		if err := valid(t, schema, text); err != nil {
			t.Errorf("%s: %v", file, err)
		}
		// What people uncomment must fit too.
		if err := valid(t, schema, uncommented(text)); err != nil {
			t.Errorf("%s with its examples: %v", file, err)
		}
	}
}

// setting is the start of a line that sets something.
var setting = regexp.MustCompile(`^ *[a-z_0-9]+:\s`)

// uncommented turns lines such as `# key: value` into lines that count.
func uncommented(text []byte) []byte {
	var out []byte
	for line := range bytes.Lines(text) {
		if rest, ok := bytes.CutPrefix(bytes.TrimLeft(line, " "), []byte("# ")); ok && setting.Match(rest) {
			line = append(line[:bytes.IndexByte(line, '#')], rest...)
		} else if ok {
			continue
		}
		out = append(out, line...)
	}
	return out
}

// What the schema refuses, Load refuses too, and the other way round for names and types.
func TestSchemaAgreesWithLoad(t *testing.T) {
	t.Parallel()
	whole, flow := shipped(t, ""), shipped(t, "#/$defs/flow")
	for text, want := range map[string]bool{
		"":                                     true,
		"tags: [a]\n+tags: [b]":                true,
		"concurrency: 1":                       true,
		"kinds: [python, container]":           true,
		"flows: {a: {enabled: false}}":         true,
		"server:":                              true,
		"parameters: {a: {b: [1, null]}}":      true,
		"schedules: [{interval: PT1H}]":        true,
		"containers: auto":                     true,
		"tags: a":                              false,
		"concurrency: 0":                       false,
		"concurrency: many":                    false,
		"kinds: [pod]":                         false,
		"concurency: 1":                        false,
		"flows: {a: {server: {}}}":             false,
		"server: x":                            false,
		"env: {A: 1}":                          false,
		"prune: 1":                             false,
		"schedules: [{corn: x}]":               false,
		"containers: sometimes":                false,
		"flows: {a: {environments: prod}}":     false,
		"image: {pull: now}":                   false,
		"code: {git: {repository: [a]}}":       false,
		"guards: {branches: main}":             false,
		"pools: {python: {type: docker}}":      false,
		"+prune: true":                         false,
		"flows: {a: {+tags: [x]}}":             true,
		"code: {git: {pin: branch}}":           true,
		"guards: {branches: [main]}":           true,
		"pools: {container: {type: docker}}":   true,
		"job_variables: {a: 1}":                true,
		"secrets: {A: [x]}":                    false,
		"flows: {a: {schedules: [{cron: 5}]}}": false,
	} {
		if got := valid(t, whole, []byte(text)) == nil; got != want {
			t.Errorf("schema, %s: %v", text, got)
		}
		_, findings, err := config.Load(trial{file: text}.source())
		if err != nil {
			t.Fatal(err)
		}
		errors := 0
		for _, f := range findings {
			if f.Code == "key-duplicate" { // JSON Schema can't say that a key and its + exclude each other
				continue
			}
			errors++
		}
		if got := errors == 0; got != want {
			t.Errorf("Load, %s: %v", text, findings)
		}
	}
	if err := valid(t, flow, []byte("environments: [prod]\ntags: [a]")); err != nil {
		t.Error(err)
	}
	if valid(t, flow, []byte("server: {url: x}")) == nil {
		t.Error("flow.yaml may hold a server")
	}
}
