package command

import (
	"context"
	"fmt"
	"slices"

	"github.com/flowmage/flowmage/tasks/doctor"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/session"
)

// DoctorOptions are the choices of env:doctor.
type DoctorOptions struct {
	Env    string
	JSON   bool
	Bundle string // the file for a support archive
}

// Doctor finds out everything about an environment, starts and changes nothing, and tells what is wrong with what to do.
func Doctor(ctx context.Context, s *session.Session, o DoctorOptions) error {
	env, f, err := doctor.Examine(ctx, s, o.Env)
	if err != nil {
		return err
	}
	told := s.Law(ctx, env).Apply(doctor.Diagnose(f))
	slices.SortStableFunc(told, func(a, b finding.Finding) int { return int(b.Severity) - int(a.Severity) })
	if o.Bundle != "" {
		if err := doctor.Bundle(s, o.Bundle, env, f, told); err != nil {
			return err
		}
		s.Console.Say("written to %s; read it before you send it on", o.Bundle)
	}
	if o.JSON {
		err = s.Console.JSON(map[string]any{"facts": f, "findings": append(finding.List{}, told...)})
	} else {
		err = doctor.Print(s, f, told)
	}
	if err == nil && told.HasErrors() {
		err = &fault.Error{
			Code: fault.Findings, What: fmt.Sprintf("%d of %d troubles are errors", told.Count(finding.Error), len(told)), Next: "begin with the first one above: it may explain the others",
		}
	}
	return err
}
