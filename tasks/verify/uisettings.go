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
	at := u.API.Address()
	return fmt.Sprintf(nextPort, portOf(at), u.API.URL())
}

func portOf(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case u.Scheme == "https":
		return "443"
	default:
		return "80"
	}
}
