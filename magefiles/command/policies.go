package command

import (
	"context"
	"fmt"
	"strings"

	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/draft"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/policy"
	"github.com/flowmage/flowmage/tasks/session"
)

// PoliciesOptions are the choices of verify:policies.
type PoliciesOptions struct {
	VerifyOptions
	Input bool // what policies see is printed, and none is tried
}

// VerifyPolicies tries the examples that stand beside policies, or shows what policies see.
func VerifyPolicies(ctx context.Context, s *session.Session, o PoliciesOptions) error {
	if o.Input {
		r, err := draft.From(ctx, s, draft.Options{Env: o.Env, Only: o.Only})
		if err != nil {
			return err
		}
		return s.Console.JSON(r.Seen())
	}
	return reported(s, o.VerifyOptions, func(v *reporting) error { return v.policies(ctx) })
}

func (v *reporting) policies(ctx context.Context) error {
	list, wrong := v.s.Policies(ctx)
	v.report.Home = policy.Folder
	v.report.Findings, v.report.Rules = append(append(finding.List{}, wrong...), policy.Try(list)...), v.s.AllRules(ctx)
	examples := 0
	for _, p := range list {
		examples += len(p.Examples)
	}
	if v.streams() {
		if text := v.report.Told(v.view()); text != "" {
			v.s.Console.Say("%s", strings.TrimSuffix(text, "\n"))
		}
	}
	if v.report.Findings.HasErrors() {
		return &fault.Error{Code: fault.Findings, What: "the policies are not in order", Next: "correct what is listed above"}
	}
	if v.streams() {
		v.s.Console.Printf("ok        %s, %s\n", counted(len(list), "policy", "policies"), console.Count(examples, "example"))
	}
	return nil
}

// counted gives a number with its noun.
func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
