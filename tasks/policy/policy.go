// Package policy holds the rules that a team adds to the built-in ones: each is an expression in CEL that must be true of what it is over, a flow, a
// deployment, the environment or the plan.
//
// Start with [Read], which gives the policies of a repository's folder policies/ and what is wrong with them. [Judge] holds them against subjects and
// gives findings as any other rule does; what becomes of those is for package verdict. compile.go turns an expression into a program and tells where it
// is wrong, input.go says what expressions see, example.go runs the examples that stand beside a policy.
//
// An expression has no effect and no way out: it sees its input alone, and what it may cost is bounded (see [Judge]).
package policy

import (
	"cel.dev/cel-go/cel"

	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/setting"
)

// Folder is where policies lie, beside envs/.
const Folder = "policies"

// Policy is a rule of the repository's own.
type Policy struct {
	Code       string    `koanf:"code"`
	Level      string    `koanf:"severity"`
	Over       string    `koanf:"over"`
	Expression string    `koanf:"expression"`
	Message    string    `koanf:"message"`
	Telling    string    `koanf:"message_expression"` // CEL that gives the message
	Why        string    `koanf:"why"`
	Fix        string    `koanf:"fix"`
	Examples   []Example `koanf:"examples"`

	At      finding.Position `koanf:"-"` // of its code
	holds   cel.Program
	telling cel.Program // nil: Message is all that is said
}

// Example is a test of a policy.
type Example struct {
	Name    string         `koanf:"name"`
	Input   map[string]any `koanf:"input"` // what differs from [Empty]
	Refused bool           `koanf:"refused"`
	Message string         `koanf:"message"` // what is said then; empty: anything

	At finding.Position `koanf:"-"`
}

// Severity is how bad it is where the policy does not hold.
func (p Policy) Severity() finding.Severity {
	if s, known := finding.SeverityOf(p.Level); known {
		return s
	}
	return finding.Error
}

// Rule gives the policy as all rules are known.
func (p Policy) Rule() finding.Rule {
	return finding.Rule{Severity: p.Severity(), Needs: needs(p.Over), Means: p.Message, Why: p.Why}
}

// needs says what is looked at.
func needs(over string) finding.Needs {
	switch over {
	case setting.OverFlow:
		return finding.Source | finding.Settings
	case setting.OverEnvironment:
		return finding.Settings
	case setting.OverPlan:
		return finding.Source | finding.Settings | finding.Server
	default:
		return finding.Source | finding.Settings | finding.Manifest
	}
}

// Rules gives policies as a catalogue.
func Rules(list []Policy) finding.Catalogue {
	out := make(finding.Catalogue, len(list))
	for _, p := range list {
		out[p.Code] = p.Rule()
	}
	return out
}

// Of gives those that are over something.
func Of(list []Policy, over string) []Policy {
	var out []Policy
	for _, p := range list {
		if p.Over == over {
			out = append(out, p)
		}
	}
	return out
}
