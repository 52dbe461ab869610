package verify

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/flowmage/flowmage/tasks/ladder"
	"github.com/flowmage/flowmage/tasks/prefect"
)

// sameAPI checks that a browser which opens the UI will talk to the server that we talk to.
func (u *ui) sameAPI(ctx context.Context) (ladder.Seen, error) {
	theirs, ours := u.told, u.API.Address()
	page, err := url.Parse(u.UI)
	if err != nil {
		return ladder.Wrong(fmt.Sprintf("the UI's address %q can't be parsed", u.UI), err.Error(), "correct server.ui in envs/"+u.Env+".yaml")
	}
	detail := u.settings.APIURL
	switch {
	case sameServer(theirs, ours):
		if strings.TrimRight(theirs.Path, "/") != ours.Path {
			return ladder.Wrong("the pages look for the API at "+detail, "we use the path "+ours.Path, u.nextAddress())
		}
		return ladder.Seen{Detail: detail}, nil
	case page.Scheme == "https" && theirs.Scheme == "http" && !isLoopback(theirs.Hostname()):
		return ladder.Wrong("the pages come by https and look for the API at "+detail, "browsers refuse such a mix, so the pages stay empty", u.nextAddress())
	case isLoopback(theirs.Hostname()) && !isLoopback(ours.Hostname()):
		return ladder.Wrong("the pages look for the API at "+detail, "that is the browser's own machine: they work on the server's host and nowhere else", u.nextAddress())
	}
	return u.otherAddress(ctx, detail)
}

// otherAddress looks whether another address leads to the same server, as it may through a proxy.
func (u *ui) otherAddress(ctx context.Context, address string) (ladder.Seen, error) {
	what := "the pages look for the API at " + address + ", not at " + u.API.URL()
	other, err := u.API.Elsewhere(address, 5*time.Second)
	if err != nil {
		return ladder.Wrong(what, err.Error(), u.nextAddress())
	}
	if err := other.Health(ctx); err != nil {
		return ladder.Wrong(what, "nothing useful answers there: "+err.Error(), u.nextAddress())
	}
	if len(u.shown.IDs) == 0 {
		return ladder.Seen{
			Detail: address, Reservation: "that is another address than ours, and without a deployment it can't be told whether it is the same server",
			Next: "deploy something and run this again",
		}, nil
	}
	_, err = other.Deployment(ctx, u.shown.IDs[0])
	switch {
	case prefect.IsNotFound(err):
		return ladder.Wrong(what, "another Prefect server answers there, and the pages would show its data", u.nextAddress())
	case err != nil: // it wants credentials, which are only for the host they were given for
		return ladder.Seen{Detail: address, Reservation: "it can't be told whether that is the same server: " + err.Error(), Next: "open the UI and look"}, nil //nolint:nilerr // it is told
	default:
		return ladder.Seen{Detail: address + ", which is the same server"}, nil
	}
}

// sameServer compares host and port; the names of the loopback host count as one.
func sameServer(a, b *url.URL) bool {
	return portOf(a) == portOf(b) && a.Scheme == b.Scheme &&
		(strings.EqualFold(a.Hostname(), b.Hostname()) || isLoopback(a.Hostname()) && isLoopback(b.Hostname()))
}

func isLoopback(host string) bool {
	return slices.Contains([]string{"localhost", "127.0.0.1", "::1"}, strings.ToLower(host))
}
