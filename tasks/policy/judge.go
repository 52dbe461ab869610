package policy

import (
	"fmt"
	"strings"

	"cel.dev/cel-go/cel"

	"github.com/flowmage/flowmage/tasks/finding"
)

// Subject is something that policies judge: its input, and what a finding about it says of where it is.
type Subject struct {
	Name     string
	Scope    finding.Scope
	Position finding.Position
	Input    Input // laid over [Empty]
}

// Verdict is what a policy has against a subject, by its index; below zero: against all of them.
type Verdict struct {
	Subject int
	Finding finding.Finding
}

// Findings gives the findings of verdicts.
func Findings(list []Verdict) finding.List {
	out := make(finding.List, 0, len(list))
	for _, v := range list {
		out = append(out, v.Finding)
	}
	return out
}

// Judge holds policies against subjects, which must be of what they are over. One look may cost 500 000 of CEL's units, and all looks of a policy
// together 20 million: an expression that wants more, or that fails, is a finding of the policy's own code, since nobody knows what it would have said.
func Judge(list []Policy, subjects []Subject) []Verdict {
	var out []Verdict
	for _, p := range list {
		rules, spent := finding.Catalogue{p.Code: p.Rule()}, uint64(0)
		for i, s := range subjects {
			message, cost := p.judged(s.Input)
			if spent += cost; spent > dearest {
				out = append(out, Verdict{-1, rules.New(p.Code, finding.Everything(), finding.Finding{
					Position: p.At, Message: fmt.Sprintf("the expression is stopped: for %d subjects it costs more than the %d steps that a policy may take", len(subjects), dearest),
					Fix: "make it simpler; docs/policies.md#costs",
				})})
				break
			}
			if message == "" {
				continue
			}
			out = append(out, Verdict{i, rules.New(p.Code, s.Scope, finding.Finding{Position: s.Position, Subject: s.Name, Message: message, Fix: plain(p.Fix)})})
		}
	}
	return out
}

// judged gives what the policy has against an input, "" for nothing, and what it has cost to know.
func (p Policy) judged(in Input) (message string, cost uint64) {
	v, cost, err := run(p.holds, in)
	switch holds, is := v.(bool); {
	case err != nil:
		return "can't be judged by the policy at " + p.At.String() + ": " + reason(err), cost
	case !is:
		return fmt.Sprintf("can't be judged by the policy at %s: its expression gives no true or false, but %s", p.At, described(v)), cost
	case holds:
		return "", cost
	case p.telling == nil:
		return plain(p.Message), cost
	}
	told, more, err := run(p.telling, in)
	text, _ := told.(string)
	if text = plain(text); err != nil || text == "" {
		text = plain(p.Message)
	}
	return text, cost + more
}

// run evaluates a program.
func run(program cel.Program, in Input) (any, uint64, error) {
	v, details, err := program.Eval(map[string]any(in))
	var cost uint64
	if c := details.ActualCost(); c != nil {
		cost = *c
	}
	if err != nil {
		return nil, cost, err
	}
	return v.Value(), cost, nil
}

// reason puts CEL's words for what has failed into ours.
func reason(err error) string {
	text := strings.Join(strings.Fields(err.Error()), " ")
	if strings.Contains(text, "actual cost limit exceeded") {
		return fmt.Sprintf("its expression is stopped after the %d steps that it may take", costliest)
	}
	if key, is := strings.CutPrefix(text, "no such key: "); is {
		return "there is no key " + key + " (has(…) asks whether there is one)"
	}
	return text
}

func described(v any) string {
	switch v.(type) {
	case string:
		return "a text"
	case nil:
		return "nothing"
	default:
		return fmt.Sprintf("a %T", v)
	}
}

// longestMessage is how many characters of a message are told.
const longestMessage = 500

// plain brings a message onto one line of some length.
func plain(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if r := []rune(text); len(r) > longestMessage {
		return string(r[:longestMessage]) + "…"
	}
	return text
}
