package policy_test

import (
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"github.com/flowmage/flowmage/tasks/policy"
)

// What an editor with the schema accepts and refuses, the reader does.
func TestSchemaAgreesWithRead(t *testing.T) {
	t.Parallel()
	schema, err := jsonschema.NewCompiler().Compile("../../policies/schema.json")
	if err != nil {
		t.Fatal(err)
	}
	const fine = "code: a, over: plan, expression: 'true', message: b"
	for text, want := range map[string]bool{
		"":                           true,
		"policies:":                  true,
		"policies: []":               true,
		"policies: [{" + fine + "}]": true,
		"policies: [{" + fine + ", severity: note, why: c, fix: d, message_expression: '\"e\"'}]": true,
		"policies: [{" + fine + ", why: }]":                                                    true,
		"policies: [{" + fine + ", examples: []}]":                                             true,
		"policies: [{" + fine + ", examples: [{refused: true}]}]":                              true,
		"policies: [{" + fine + ", examples: [{refused: true, input: {plan: {pools: [1]}}}]}]": true,
		"policies: {}":   false,
		"policies: [1]":  false,
		"policies: [{}]": false,
		"rules: []":      false,
		"+policies: []":  false,
		"policies: [{over: plan, expression: 'true', message: b}]":          false,
		"policies: [{code: , over: plan, expression: 'true', message: b}]":  false,
		"policies: [{code: a, over: pod, expression: 'true', message: b}]":  false,
		"policies: [{code: a, over: plan, expression: true, message: b}]":   false,
		"policies: [{code: a, over: plan, expression: 'true', message: 1}]": false,
		"policies: [{" + fine + ", severity: fatal}]":                       false,
		"policies: [{" + fine + ", severity: off}]":                         false,
		"policies: [{" + fine + ", messages: c}]":                           false,
		"policies: [{" + fine + ", examples: [{}]}]":                        false,
		"policies: [{" + fine + ", examples: [{refused: maybe}]}]":          false,
		"policies: [{" + fine + ", examples: {refused: true}}]":             false,
		"policies: [{" + fine + ", +examples: [{refused: true}]}]":          false,
		"policies: [{" + fine + ", examples: [{refused: true, input: 1}]}]": false,
	} {
		var v any
		if err := yaml.Unmarshal([]byte(text), &v); err != nil {
			t.Fatal(text, err)
		}
		if got := schema.Validate(v) == nil; got != want {
			t.Errorf("schema, %s: %v", text, got)
		}
		if _, findings := policy.Read(repository(text), builtin); (len(findings) == 0) != want {
			t.Errorf("Read, %s: %v", text, about(findings))
		}
	}
}
