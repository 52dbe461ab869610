package verify

import (
	"context"
	"fmt"
	"time"

	"github.com/flowmage/flowmage/tasks/ladder"
	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/wait"
)

// The rungs of the UI.
const (
	rungSettings = "UI settings"
	rungUIAPI    = "UI's API address"
	rungCORS     = "UI may use the API"
)

// rungVisible is the rung that tells how long it took until the UI shows what was deployed.
const rungVisible = "visible in the UI"

// visibleWithin is what is promised: a change shows in the UI within this.
const visibleWithin = 30 * time.Second

// UI checks that the pages of each UI the server has are served, that the API's address which they will use leads to this server
// and lets them in, and that the deployments show there.
func UI(v View, shown Shown) ladder.Ladder {
	if v.API.IsCloud() {
		return ladder.Ladder{{Name: rungSettings, Needs: []string{rungAPI}, Look: func(context.Context) (ladder.Seen, error) {
			return ladder.Seen{Detail: "Prefect Cloud's own: " + v.UI}, nil
		}}}
	}
	u := &ui{View: v, shown: shown}
	steps := ladder.Ladder{
		{Name: rungSettings, Needs: []string{rungAPI}, Look: u.read},
		{Name: rungUIAPI, Needs: []string{rungSettings, rungCredentials}, Look: u.sameAPI},
		{Name: rungCORS, Needs: []string{rungUIAPI}, Look: u.allowed},
		{Name: "UI pages", Needs: []string{rungSettings}, Look: u.pages},
	}
	if len(shown.IDs) > 0 {
		steps = append(steps,
			ladder.Step{Name: "deep link", Needs: []string{"UI pages"}, Look: u.deepLink},
			ladder.Step{Name: rungVisible, Needs: []string{rungCORS, "deep link"}, Look: u.visible})
	}
	return steps
}

// visible asks what a freshly loaded page asks, where it will ask, until everything is there.
func (u *ui) visible(ctx context.Context) (ladder.Seen, error) {
	have, want := 0, len(u.shown.IDs)
	all, err := wait.Until(ctx, visibleWithin, 250*time.Millisecond, func() (bool, error) {
		list, err := u.API.Deployments(ctx, prefect.DeploymentFilter{IDs: u.shown.IDs})
		have = len(list)
		return have == want, err
	})
	switch {
	case err != nil:
		return ladder.Seen{}, err
	case !all:
		return ladder.Wrong(fmt.Sprintf("%d of %d deployments don't show within %s", want-have, want, visibleWithin),
			"somebody deleted them, or the server reads from a copy of its database that is behind",
			fmt.Sprintf("mage deploy:status -env=%s tells what is there", u.Env))
	}
	detail := fmt.Sprintf("%d of %d deployments", have, want)
	if !u.shown.Since.IsZero() {
		detail += fmt.Sprintf(", %.1f s after the server's answer", time.Since(u.shown.Since).Seconds())
	}
	return ladder.Seen{Detail: detail}, nil
}
