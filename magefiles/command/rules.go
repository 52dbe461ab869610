package command

import (
	"context"
	"fmt"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/rulebook"
	"github.com/flowmage/flowmage/tasks/session"
)

// RulesOptions are the choices of verify:rules.
type RulesOptions struct {
	Code string // empty: all of them
	JSON bool
}

// VerifyRules lists the rules, or explains one.
func VerifyRules(ctx context.Context, s *session.Session, o RulesOptions) error {
	rules := s.AllRules(ctx)
	if o.Code != "" {
		one, known := rules[o.Code]
		if !known {
			return &fault.Error{
				Code: fault.Usage, What: fmt.Sprintf("there is no rule %q", o.Code), Next: finding.Meant(rules.Near()(o.Code), "mage verify:rules lists them"),
			}
		}
		rules = finding.Catalogue{o.Code: one}
	}
	list := rulebook.List(rules)
	switch {
	case o.JSON:
		return s.Console.JSON(map[string]any{"version": 1, "rules": list})
	case o.Code != "":
		s.Console.Printf("%s", list[0])
	default:
		s.Console.Printf("%s", rulebook.Table(list))
	}
	return nil
}
