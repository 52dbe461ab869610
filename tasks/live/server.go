package live

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"github.com/flowmage/flowmage/tasks/ownership"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/prefect"
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
	version, err := api.Version(ctx)
	if err != nil {
		return "", prefect.Release{}, err
	}
	release, err := prefect.ParseRelease(version)
	if err != nil {
		return "", prefect.Release{}, err
	}
	return version, release, release.Supported()
}

func distinct(words []string) []string {
	words = slices.Clone(words)
	slices.Sort(words)
	return slices.Compact(words)
}

// strangersIn gives the ids of flows of the owner's deployments whose names are not known yet.
func strangersIn(l plan.Live, owner ownership.Owner) []string {
	var out []string
	for _, d := range l.Deployments {
		if _, known := l.Flows[d.FlowID]; !known && owner.Owns(d.Tags) {
			out = append(out, d.FlowID)
		}
	}
	return distinct(out)
}
