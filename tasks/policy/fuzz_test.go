package policy_test

import (
	"strings"
	"testing"
	"time"

	"github.com/flowmage/flowmage/tasks/policy"
)

// whole is what every input may take: what takes longer hangs.
const whole = 5 * time.Second

// soon fails where something takes too long.
func soon(t *testing.T, do func()) {
	t.Helper()
	began := time.Now()
	do()
	if took := time.Since(began); took > whole {
		t.Errorf("it took %v", took)
	}
}

// Whatever a file of policies holds, reading, trying and judging it comes to an end, and what is wrong has a place in it.
func FuzzRead(f *testing.F) {
	f.Add(owner)
	f.Add(over(`size(deployment.tags) == 1`, "    examples: [{input: {deployment: {tags: [1, 1.5, .inf, 99999999999999999999]}}, refused: true}]\n"))
	f.Add("policies: [{code: a, over: plan, expression: \"\\\"\\\\\", message: b}]")
	f.Add("policies: &a [*a]")
	f.Fuzz(func(t *testing.T, text string) {
		soon(t, func() {
			list, findings := policy.Read(repository(text), builtin)
			lines := 1
			for _, r := range text {
				if strings.ContainsRune("\n\r\u0085\u2028\u2029", r) { // where YAML ends lines
					lines++
				}
			}
			for _, x := range findings {
				if x.Position.File != "policies/shop.yaml" || x.Position.Line > lines || x.Message == "" {
					t.Errorf("%+v in %d lines", x, lines)
				}
			}
			policy.Try(list)
			policy.Judge(list, []policy.Subject{subject(nil)})
		})
	})
}

// Whatever an expression is, compiling and evaluating it comes to an end.
func FuzzExpression(f *testing.F) {
	for _, text := range []string{
		`deployment.tags.exists(t, t.startsWith("owner:"))`, `deployment.tags.all(a, deployment.tags.all(b, deployment.tags.all(c, a + b == c)))`,
		`deployment.name.matches("(a+)+$")`, `[1, 2, 3].map(x, x * 2).filter(x, x > 2) == [4, 6]`, `has(deployment.job_variables.image) ? true : false`,
		`timestamp("2024-01-01T00:00:00Z") - duration("1h") > timestamp(0)`, `{"a": deployment}["a"].tags == []`, `((((((((true))))))))`, `"\u200b" in deployment.tags`, `dyn(1) == dyn("1")`,
	} {
		f.Add(text)
	}
	tags := make([]any, 0, 100)
	for range 100 {
		tags = append(tags, strings.Repeat("a", 100))
	}
	f.Fuzz(func(t *testing.T, text string) {
		if strings.ContainsAny(text, "\n\r\x00") {
			t.Skip()
		}
		soon(t, func() {
			list, _ := policy.Read(repository(over(text, "")), builtin)
			policy.Judge(list, []policy.Subject{subject(map[string]any{"tags": tags, "name": strings.Repeat("a", 10_000)})})
		})
	})
}
