package setting

import (
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/pattern"
)

// What a policy may be over.
const (
	OverEnvironment = "environment"
	OverFlow        = "flow"
	OverDeployment  = "deployment"
	OverPlan        = "plan"
)

// OfPolicies is what a file of policies may hold.
func OfPolicies() Spec {
	example := tree([]row{
		{"name", textSetting("name: no owner"), "what it shows", none},
		{"input", values("input: {deployment: {tags: [nightly]}}"), "what differs from an input with nothing in it", none},
		{"refused", truth("refused: true"), "whether the policy has something against it", ""},
		{"message", textSetting("message: has no tag owner:NAME"), "what it then says", "any"},
	})
	example.Example = "{input: {deployment: {tags: []}}, refused: true}"
	example = example.needing("refused")
	one := tree([]row{
		{"code", textSetting("code: owner-missing", policyCode), "the name of the rule: small letters with dashes", ""},
		{"severity", choice("severity: warning", "note", "warning", "error").initially("error"), "`note`, `warning` or `error`", ""},
		{"over", choice("over: deployment", OverEnvironment, OverFlow, OverDeployment, OverPlan), "what it judges, each by itself", ""},
		{"expression", textSetting(`expression: deployment.tags.exists(t, t.startsWith("owner:"))`, filledRule), "CEL that is true where all is well", ""},
		{"message", textSetting("message: has no tag owner:NAME", filledRule), "what is wrong, behind the name of what it is about", ""},
		{"message_expression", textSetting(`message_expression: '"has the image " + deployment.job_variables.image'`, filledRule), "CEL that gives the message", "`message`"},
		{"why", textSetting("why: nobody is called when it fails"), "what would happen", none},
		{"fix", textSetting("fix: add it under tags in envs/"), "what to do", none},
		{"examples", listOf(example, "examples: [{input: {deployment: {tags: []}}, refused: true}]"), "its tests", none},
	})
	one.Example = `{code: owner-missing, over: deployment, expression: "size(deployment.tags) > 1", message: has no tag}`
	one = one.needing("code", "over", "expression", "message")
	file := tree([]row{{"policies", listOf(one, "policies: [{code: owner-missing, over: deployment, expression: …, message: …}]"), "list of policies", ""}})
	file.Example, file.Sole = "policies: []", true
	return file
}

// needing gives a mapping in which keys must be there.
func (s Spec) needing(keys ...string) Spec {
	s.Needed, s.Sole = keys, true
	s.Rule = func(v any) *Problem {
		have := written(v, slices.Clone(keys)...)
		missing := slices.DeleteFunc(slices.Clone(keys), func(key string) bool { return slices.Contains(have, key) })
		if len(missing) == 0 {
			return nil
		}
		return bad("add "+strings.Join(missing, " and "), "lacks %s", strings.Join(missing, " and "))
	}
	return s
}

// ruleCode is the form that codes have.
var ruleCode = pattern.New(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)

func policyCode(v any) *Problem {
	return fits(v, ruleCode, "write code: owner-missing", "must be small letters and digits with single dashes, this is %q")
}

func filledRule(v any) *Problem {
	if s, _ := v.(string); strings.TrimSpace(s) == "" {
		return bad("write something, or remove the policy", "is empty")
	}
	return nil
}
