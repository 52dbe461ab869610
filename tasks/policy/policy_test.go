package policy_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/policy"
)

// repository holds one file of policies.
func repository(text string) fstest.MapFS {
	return fstest.MapFS{"policies/shop.yaml": {Data: []byte(text)}}
}

func builtin() finding.Catalogue { return finding.Catalogue{"python-syntax": {}} }

// about gives findings in short: place, code and message.
func about(list finding.List) []string {
	var out []string
	for _, f := range list {
		out = append(out, fmt.Sprintf("%s [%s] %s", f.Position, f.Code, f.Message))
	}
	return out
}

const owner = `policies:
  - code: owner-missing
    over: deployment
    expression: deployment.tags.exists(t, t.startsWith("owner:"))
    message: has no tag owner:NAME
`

func TestRead(t *testing.T) {
	t.Parallel()
	foreign := []string{"policies/shop.yaml [policy-foreign] the file has no key \"policies\", and is passed over"}
	for name, one := range map[string]struct {
		text string
		want []string
	}{
		"fine":  {owner, nil},
		"empty": {"", nil},
		"plain expression": {
			strings.Replace(owner, `t.startsWith(`, `t.startWith(`, 1),
			[]string{"policies/shop.yaml:4:54 [policy-expression] owner-missing: there is no \"startWith\""},
		},
		"quoted": {
			strings.Replace(owner, `deployment.tags.exists(t, t.startsWith("owner:"))`, `"size(deploymnt.tags) > 0"`, 1),
			[]string{`policies/shop.yaml:4:23 [policy-expression] owner-missing: there is no "deploymnt"`},
		},
		"block": {
			strings.Replace(owner, `deployment.tags.exists(t, t.startsWith("owner:"))`, "|\n      environment.name != \"prod\" ||\n        deployment.tagz == []", 1),
			[]string{`policies/shop.yaml:6:19 [policy-expression] owner-missing: deployment has no key "tagz"`},
		},
		"folded": {
			strings.Replace(owner, `deployment.tags.exists(t, t.startsWith("owner:"))`, ">-\n      environment.name != \"prod\" ||\n      size(deployment.tags) >", 1),
			[]string{`policies/shop.yaml:6:30 [policy-expression] owner-missing: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}`},
		},
		"no truth": {
			strings.Replace(owner, `deployment.tags.exists(t, t.startsWith("owner:"))`, "size(deployment.tags)", 1),
			[]string{`policies/shop.yaml:4:17 [policy-expression] owner-missing: the expression gives int, and must give true or false`},
		},
		"another word": {
			strings.Replace(owner, "over: deployment", "over: flow", 1),
			[]string{`policies/shop.yaml:4:17 [policy-expression] owner-missing: there is no "deployment"`},
		},
		"own name of a word": {
			strings.Replace(strings.Replace(owner, "over: deployment", "over: plan", 1), `deployment.tags.exists(t, t.startsWith("owner:"))`, `plan.deployments.all(deployment, deployment.op != "delete")`, 1), nil,
		},
		"word taken over": {
			strings.Replace(strings.Replace(owner, "over: deployment", "over: plan", 1), `deployment.tags.exists(t, t.startsWith("owner:"))`, `plan.deployments.all(plan, plan.op != "delete")`, 1), nil,
		},
		"built in":   {strings.Replace(owner, "owner-missing", "python-syntax", 1), []string{"policies/shop.yaml:2:5 [policy-code] python-syntax is a built-in rule already"}},
		"twice":      {owner + strings.TrimPrefix(owner, "policies:\n"), []string{"policies/shop.yaml:6:5 [policy-code] owner-missing is the policy at policies/shop.yaml:2:5 already"}},
		"misspelt":   {strings.Replace(owner, "expression", "expresion", 1), []string{`policies/shop.yaml:4:5 [key-unknown] policies[0] has no key "expresion"`}},
		"no message": {strings.Replace(owner, "    message: has no tag owner:NAME\n", "", 1), []string{"policies/shop.yaml:2:5 [value-bad] policies[0] lacks message"}},
		"bad code":   {strings.Replace(owner, "owner-missing", "Owner Missing", 1), []string{`policies/shop.yaml:2:11 [value-bad] policies[0].code must be small letters and digits with single dashes, this is "Owner Missing"`}},
		"bad over":   {strings.Replace(owner, "over: deployment", "over: pod", 1), []string{`policies/shop.yaml:3:11 [value-bad] policies[0].over must be one of environment, flow, deployment, plan, this is "pod"`}},
		"kubernetes": {"apiVersion: kyverno.io/v1\nkind: Policy\nspec: {}\n---\napiVersion: v1\n", foreign},
		"half of it": {"kind: Policy\n", foreign},
		"top":        {"rules: []\n", foreign},
		"a list":     {"- a\n", foreign},
		"no YAML":    {"package shop\n\ndeny[x] { :\n", foreign},
		"half ours":  {"rules: []\npolicies: []\n", []string{`policies/shop.yaml:1:1 [key-unknown] the file has no key "rules"`}},
		"top typo":   {strings.Replace(owner, "policies:", "polices:", 1), []string{`policies/shop.yaml:1:1 [key-unknown] the file has no key "polices"`}},
		"cut off":    {owner + "  - {", []string{"policies/shop.yaml:6 [yaml-syntax] this is not valid YAML: did not find expected node content"}},
		"long":       {strings.Replace(owner, `deployment.tags`, strings.Repeat("true && ", 1100)+`deployment.tags`, 1), []string{`policies/shop.yaml:4:17 [policy-expression] owner-missing: the expression is longer than the 8000 characters that are read`}},
		"deep":       {strings.Replace(owner, `deployment.tags`, strings.Repeat("(", 2000)+`deployment.tags`, 1), []string{`policies/shop.yaml:4:17 [policy-expression] owner-missing: expression recursion limit exceeded: 60`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, findings := policy.Read(repository(one.text), builtin)
			if diff := cmp.Diff(one.want, about(findings)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// read gives policies with nothing wrong.
func read(t *testing.T, text string) []policy.Policy {
	t.Helper()
	list, findings := policy.Read(repository(text), builtin)
	if len(findings) > 0 {
		t.Fatal(about(findings))
	}
	return list
}

func over(expression, more string) string {
	return "policies:\n  - code: trial\n    over: deployment\n    message: is not so\n    expression: |\n      " + expression + "\n" + more
}

func subject(deployment map[string]any) policy.Subject {
	return policy.Subject{
		Name: "rpa1", Scope: finding.OfDeployment("rpa1"), Position: finding.Position{File: "flows/a.py", Line: 3},
		Input: policy.Empty().Over(map[string]any{"deployment": deployment}),
	}
}

func judged(list []policy.Policy, subjects []policy.Subject) finding.List {
	return policy.Findings(policy.Judge(list, subjects))
}

func TestJudge(t *testing.T) {
	t.Parallel()
	tags := map[string]any{"tags": []any{"nightly"}}
	for name, one := range map[string]struct {
		text  string
		input map[string]any
		want  []string
	}{
		"holds":          {over(`size(deployment.tags) == 1`, ""), tags, nil},
		"does not":       {over(`size(deployment.tags) == 2`, ""), tags, []string{"flows/a.py:3 [trial] is not so"}},
		"says more":      {over(`size(deployment.tags) == 2`, "    message_expression: '\"has \" + string(size(deployment.tags))'\n"), tags, []string{"flows/a.py:3 [trial] has 1"}},
		"says nothing":   {over(`size(deployment.tags) == 2`, "    message_expression: deployment.name\n"), tags, []string{"flows/a.py:3 [trial] is not so"}},
		"says no text":   {over(`size(deployment.tags) == 2`, "    message_expression: deployment.tags\n"), tags, []string{"flows/a.py:3 [trial] is not so"}},
		"no such key":    {over(`deployment.job_variables.image != ""`, ""), tags, []string{"flows/a.py:3 [trial] can't be judged by the policy at policies/shop.yaml:2:5: there is no key image (has(…) asks whether there is one)"}},
		"no truth":       {over(`deployment.name`, ""), tags, []string{"flows/a.py:3 [trial] can't be judged by the policy at policies/shop.yaml:2:5: its expression gives no true or false, but a text"}},
		"whole numbers":  {over(`deployment.concurrency_limit > 3`, ""), map[string]any{"concurrency_limit": int64(4)}, nil},
		"several lines":  {over(`false`, "    message_expression: '\"a\\n\\nb\"'\n"), tags, []string{"flows/a.py:3 [trial] a b"}},
		"a missing type": {over(`deployment.tags == null`, ""), tags, []string{"flows/a.py:3 [trial] is not so"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := judged(read(t, one.text), []policy.Subject{subject(one.input)})
			if diff := cmp.Diff(one.want, about(got)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// An expression without an end is stopped soon, for one subject and for many.
func TestCosts(t *testing.T) {
	t.Parallel()
	list := make([]any, 0, 300)
	for i := range 300 {
		list = append(list, fmt.Sprint("tag", i))
	}
	huge := map[string]any{"tags": list}
	endless := over("deployment.tags.all(a, deployment.tags.all(b, deployment.tags.all(c, deployment.tags.all(d, a + b + c + d != \"\"))))", "")
	began := time.Now()
	got := judged(read(t, endless), []policy.Subject{subject(huge)})
	if want := []string{"flows/a.py:3 [trial] can't be judged by the policy at policies/shop.yaml:2:5: its expression is stopped after the 500000 steps that it may take"}; !cmp.Equal(want, about(got)) {
		t.Error(cmp.Diff(want, about(got)))
	}
	many := make([]policy.Subject, 1000)
	for i := range many {
		many[i] = subject(huge)
	}
	got = judged(read(t, over("deployment.tags.all(a, deployment.tags.all(b, true))", "")), many)
	if len(got) != 1 || !strings.Contains(got[0].Message, "it costs more than the 20000000 steps") || got[0].Scope != finding.Everything() {
		t.Error(about(got))
	}
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("it took %v", took)
	}
	t.Log(time.Since(began))
}
