package verify

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/flowmage/flowmage/tasks/credential"
	"github.com/flowmage/flowmage/tasks/ladder"
	"github.com/flowmage/flowmage/tasks/prefect"
)

// Shown says which deployments the UI must show, and since when.
type Shown struct {
	IDs   []string
	Since time.Time // when the server accepted the last write; zero: nothing was written just now
}

// ui is a server's UI, as its settings tell once they were read.
type ui struct {
	View
	shown    Shown
	settings prefect.UISettings
	told     *url.URL // the API's address by these settings
}

// nextPort says how a server learns its own port: it does not by --port.
const nextPort = "start the server with PREFECT_SERVER_API_PORT=%s in its environment (--port alone doesn't tell the UI), or with PREFECT_SERVER_UI_API_URL=%s"

func (u *ui) read(ctx context.Context) (ladder.Seen, error) {
	settings, err := u.API.UISettings(ctx)
	if err != nil {
		return ladder.Wrong("the server has no UI", err.Error(), "start it with PREFECT_SERVER_UI_ENABLED=true; behind a proxy, let /ui-settings through")
	}
	u.settings = settings
	if u.told, err = url.Parse(settings.APIURL); err != nil || settings.APIURL == "" {
		return ladder.Wrong(fmt.Sprintf("the UI is told the API address %q", settings.APIURL), "that is no address", u.nextAddress())
	}
	return ladder.Seen{Detail: strings.Join(u.kinds(), " and ") + " at " + u.UI}, nil
}

// kinds are the UIs that there are; servers before 3.6 don't tell, and have the first one.
func (u *ui) kinds() []string {
	if len(u.settings.AvailableUIs) == 0 {
		return []string{"v1"}
	}
	return slices.Sorted(slices.Values(u.settings.AvailableUIs))
}

// root is the address of one of the UIs.
func (u *ui) root(kind string) string {
	base := u.settings.V1BaseURL
	if kind == "v2" {
		base = u.settings.V2BaseURL
	}
	return strings.TrimSuffix(u.UI, "/") + strings.TrimSuffix(base, "/")
}

func (u *ui) nextAddress() string {
	return fmt.Sprintf(nextPort, portOf(u.API.Address()), u.API.URL())
}

func portOf(u *url.URL) string {
	return cmp.Or(u.Port(), map[string]string{"https": "443"}[u.Scheme], "80")
}

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
	case page.Scheme == "https" && theirs.Scheme == "http" && !credential.Loopback(theirs.Hostname()):
		return ladder.Wrong("the pages come by https and look for the API at "+detail, "browsers refuse such a mix, so the pages stay empty", u.nextAddress())
	case credential.Loopback(theirs.Hostname()) && !credential.Loopback(ours.Hostname()):
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
	return portOf(a) == portOf(b) && a.Scheme == b.Scheme && credential.Machine(a.Hostname()) == credential.Machine(b.Hostname())
}
