package check_test

import (
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/check"
	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/flow"
)

// What is wrong with a flow's name counts where the flow is deployed; two of one name where both are.
func TestUndeployed(t *testing.T) {
	t.Parallel()
	const head = "from prefect import flow\n"
	root := fstest.MapFS{
		"a/one.py":  {Data: []byte(head + "@flow\ndef extract(): ...\n@flow(name=made())\ndef odd(): ...\n")},
		"b/two.py":  {Data: []byte(head + "@flow\ndef extract(): ...\n")},
		"c/line.py": {Data: []byte(head + "def g(): ...\nx = flow(g, name=made()); y = flow(g, name='ok/'); z = flow(g, name='fine')\n")},
	}
	const both, computedA, computedC, illegal = "flow-name-duplicate a/one.py:3", "flow-name-computed a/one.py:5", "flow-name-computed c/line.py:3", "flow-name-illegal c/line.py:3"
	for settings, want := range map[string][]string{
		"":                                     {both, computedA, "flow-name-duplicate b/two.py:3", computedC, illegal},
		"flows: {b: {naming: \"b-{flow}\"}}\n": {"warning " + both, computedA, "warning flow-name-duplicate b/two.py:3", computedC, illegal},
		"flows: {b: {enabled: false}}\n":       {computedA, computedC, illegal},
		"enabled: false\n":                     nil,
		"enabled: false\nflows: {b: {enabled: true}}\n":           nil,
		"enabled: false\nflows: {extract: {enabled: true}}\n":     {both, "flow-name-duplicate b/two.py:3"},
		"enabled: false\nflows: {odd: {enabled: true}}\n":         {computedA},
		"enabled: false\nflows: {x: {enabled: true}}\n":           {computedC},
		"flows: {y: {enabled: false}, a: {enabled: false}}\n":     {computedC},
		"flows: {x: {enabled: false}, one.py: {enabled: true}}\n": {both, computedA, "flow-name-duplicate b/two.py:3", illegal},
	} {
		env, _, err := config.Load(config.Source{Env: "dev", Root: fstest.MapFS{"envs/base.yaml": {Data: []byte("project: shop\n" + settings)}}})
		if err != nil {
			t.Fatal(err)
		}
		r, err := flow.Scan(t.Context(), root, flow.Options{})
		if err != nil {
			t.Fatal(err)
		}
		before := len(r.Findings)
		all := check.Undeployed(env, r.Flows, r.Findings)
		if len(all) != before {
			t.Errorf("%q: %d of %d findings", settings, len(all), before)
		}
		var got []string
		for _, x := range check.Deployed(all) {
			word := ""
			if x.Severity != finding.Error {
				word = x.Severity.String() + " "
			}
			got = append(got, word+x.Code+" "+x.Position.String())
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", settings, diff)
		}
	}
}
