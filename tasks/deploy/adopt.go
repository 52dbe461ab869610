package deploy

import (
	"context"

	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/prefect"
)

// foreignCode is the finding that blocks a deployment because somebody else's has its name.
const foreignCode = "foreign-deployment"

// Adoptable gives the deployments that block ours because they lack our tag.
func (p Plan) Adoptable() []Action {
	var out []Action
	for _, a := range p.Actions {
		for _, r := range a.Reasons {
			if a.Op == Blocked && a.ID != "" && r.Code == foreignCode && r.Severity == finding.Error {
				out = append(out, a)
				break
			}
		}
	}
	return out
}

// Adopt makes somebody else's deployments ours by adding our tag; nothing else of them changes. The next plan shows what is
// different.
func Adopt(ctx context.Context, api *prefect.Client, owner Owner, list []Action) Result {
	var r Result
	for _, a := range list {
		o := Outcome{Op: Adopted, Name: a.Name, Flow: a.Flow, ID: a.ID}
		if o.Err = ctx.Err(); o.Err == nil {
			o.Err = adopt(ctx, api, owner, a.ID)
		}
		if o.Err != nil {
			o.Failure = o.Err.Error()
		}
		r.Outcomes = append(r.Outcomes, o)
	}
	return r
}

func adopt(ctx context.Context, api *prefect.Client, owner Owner, id string) error {
	d, err := api.Deployment(ctx, id)
	if err != nil || owner.Owns(d.Tags) {
		return err
	}
	return api.UpdateDeployment(ctx, id, map[string]any{fieldTags: append(d.Tags, owner.Tag())})
}
