//go:build e2e

package apply_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/live"
	"github.com/flowmage/flowmage/tasks/plan"
)

// What the server would refuse, or accept and crash on, is told before anything is written.
func TestPrecheck(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.apply(t, `deployments: [{name: first, entrypoint: "flows/f.py:f", work_pool: {name: "%POOL%"}}]`) // makes the pool
	variable := strings.ReplaceAll(b.pool, "-", "_")
	made, err := b.api.MakeVariable(t.Context(), variable, "x")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.api.RemoveVariable(context.WithoutCancel(t.Context()), made.ID); err != nil {
			t.Error(err)
		}
	})
	tests := map[string]struct {
		keys    string
		reasons []string
		notes   []string
	}{
		"well": {
			`parameters: {a: "{{ prefect.variables.` + variable + ` }}"}, work_pool: {name: "%POOL%", job_variables: {env: {A: b}, stream_output: false}}`, nil, nil,
		},
		"unknown job variable": {
			`work_pool: {name: "%POOL%", job_variables: {strem_output: true}}`, nil, []string{`has no job variable "strem_output", so it does nothing; did you mean stream_output?`},
		},
		"wrong types": {
			`work_pool: {name: "%POOL%", job_variables: {stream_output: "perhaps", env: {A: 1}}}`,
			[]string{"job variable env.A: got number, want string", "job variable stream_output: got string, want boolean"}, nil,
		},
		"missing references": {
			`parameters: {a: "x {{ prefect.variables.none }}", b: ["{{ prefect.blocks.secret.none }}"]}, work_pool: {name: "%POOL%"}`,
			[]string{"parameters refers to the block secret/none", "parameters refers to the variable none"}, nil,
		},
		"a block without a name": {
			`pull: [{step: {token: "{{ prefect.blocks.secret }}"}}], work_pool: {name: "%POOL%"}`, []string{"pull_steps refers to the block secret"}, nil,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, state := b.compare(t, `deployments: [{name: one, entrypoint: "flows/f.py:f", `+test.keys+`}]`)
			if err := live.Precheck(t.Context(), b.api, &p, state); err != nil {
				t.Fatal(err)
			}
			a := p.Actions[0]
			var reasons []string
			for _, f := range a.Reasons.Sorted() {
				reasons = append(reasons, f.Message)
			}
			begins := func(want, got []string) bool {
				if len(want) != len(got) {
					return false
				}
				for i := range want {
					if !strings.Contains(got[i], want[i]) {
						return false
					}
				}
				return true
			}
			if !begins(test.reasons, reasons) || !begins(test.notes, a.Notes) {
				t.Errorf("%s\n%s", cmp.Diff(test.reasons, reasons), cmp.Diff(test.notes, a.Notes))
			}
			if blocked := a.Op == plan.Blocked; blocked != (len(test.reasons) > 0) {
				t.Errorf("the operation is %s", a.Op)
			}
		})
	}
}
