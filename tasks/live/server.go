package live

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"github.com/flowmage/flowmage/tasks/ownership"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/receipt"
)

// atOnce runs the functions side by side and gives the error of the first one in the list that failed, so that the same trouble is
// told in the same words each time.
func atOnce(reads []func() error) error {
	errs := make([]error, len(reads))
	var group sync.WaitGroup
	for i, read := range reads {
		group.Go(func() { errs[i] = read() })
	}
	group.Wait()
	return cmp.Or(errs...)
}

// supported gives the server's version, or the error for one that is too old.
func supported(ctx context.Context, api *prefect.Client) (string, prefect.Release, error) {
	release, err := api.Release(ctx)
	if err != nil {
		return "", release, err
	}
	version, err := api.Version(ctx) // which the client knows by now
	return version, release, cmp.Or(err, release.Supported())
}

func distinct(words []string) []string {
	return slices.Compact(slices.Sorted(slices.Values(words)))
}

// recall reads the receipts when one of the wanted deployments is there without the tag: only then do they matter to a plan.
func recall(ctx context.Context, api *prefect.Client, l *plan.Live, owner ownership.Owner, desired []plan.Desired) error {
	untagged := slices.ContainsFunc(desired, func(d plan.Desired) bool {
		have := l.Find(d.Flow.Name, d.Name)
		return have != nil && !owner.Owns(have.Tags) && len(owner.Others(have.Tags)) == 0
	})
	if !untagged || l.Known != nil {
		return nil
	}
	known, err := receipt.Recall(ctx, api, owner)
	l.Known = known.IDs()
	return err
}

// AutomationsOf gives all automations that run a deployment, by that deployment's id, when any of the desired ones may have some.
func AutomationsOf(ctx context.Context, api *prefect.Client, desired []plan.Desired) (map[string][]prefect.Automation, error) {
	if !slices.ContainsFunc(desired, plan.Desired.Automated) {
		return map[string][]prefect.Automation{}, nil
	}
	return AllAutomations(ctx, api)
}

// AllAutomations gives all automations that run a deployment, by that deployment's id.
func AllAutomations(ctx context.Context, api *prefect.Client) (map[string][]prefect.Automation, error) {
	found, err := api.Automations(ctx)
	if err != nil {
		return nil, err
	}
	out := map[string][]prefect.Automation{}
	for _, a := range found {
		if len(a.Actions) == 0 {
			continue
		}
		if id, ok := a.Actions[0]["deployment_id"].(string); ok && a.Actions[0]["type"] == "run-deployment" {
			out[id] = append(out[id], a)
		}
	}
	return out, nil
}
