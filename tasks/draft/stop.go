package draft

import (
	"cmp"
	"fmt"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/finding"
)

// Stop is the error for a draft in which nothing is left to do, or nil.
func (d *Draft) Stop(strict bool) error {
	switch {
	case d.broken:
		return d.BlockedFault("nothing was written")
	case len(d.Blocked) > 0 && (strict || len(d.Desired) == 0):
		return d.BlockedFault("nothing was written")
	case len(d.Flows) == 0 && !d.byHand && d.Findings.HasErrors():
		return d.BlockedFault("nothing was written")
	case len(d.Flows) == 0 && !d.byHand:
		return &fault.Error{
			Code: fault.Findings, What: "no flows were found", Where: fmt.Sprint(d.Env.Paths),
			Why: "no Python file there has a function decorated with Prefect's @flow", Next: "add one; docs/flows.md shows how",
		}
	default:
		return nil
	}
}

func (d *Draft) BlockedFault(effect string) error {
	names := make([]string, 0, len(d.Blocked))
	for _, b := range d.Blocked {
		names = append(names, cmp.Or(b.Name, b.entrypoint, "a deployment without a name"))
	}
	what := "the settings or flows have errors"
	if d.byHand {
		what = "the manifest has errors"
	}
	if len(names) > 0 {
		what = "blocked by errors: " + finding.Names(names)
	}
	return &fault.Error{Code: fault.Findings, What: what, Why: effect, Next: "correct what is listed above; `mage verify` checks without deploying"}
}

func (d *Draft) Imageless() []string {
	var out []string
	for _, b := range d.Blocked {
		if d.withoutImage[b.entrypoint] {
			out = append(out, b.Name)
		}
	}
	return out
}
