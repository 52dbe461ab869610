package prefect

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/flowmage/flowmage/tasks/pattern"

	"github.com/flowmage/flowmage/tasks/fault"
)

// Health checks that the address leads to a Prefect API and that it answers. Credentials are not checked (3.2.7 and newer).
func (c *Client) Health(ctx context.Context) error {
	k := call{method: http.MethodGet, path: "/health", limit: healthTimeout}
	var healthy any
	k.out = &healthy
	got, err := c.do(ctx, k)
	if err != nil {
		return err
	}
	if healthy != true {
		return c.foreign(k, got, nil)
	}
	return nil
}

// CloudVersion is what [Client.Version] says of Prefect Cloud, which has no release number.
const CloudVersion = "cloud"

// Version gives the server's release as it writes it, such as 3.8.8 or 3.8.4.dev6+local; [ParseRelease] reads it. It needs
// credentials where the server has any. A client asks once.
func (c *Client) Version(ctx context.Context) (string, error) {
	if c.IsCloud() {
		return CloudVersion, nil
	}
	if known := c.version.Load(); known != nil {
		return *known, nil
	}
	version, err := get[string](ctx, c, "/admin/version")
	if err == nil {
		c.version.Store(&version)
	}
	return version, err
}

// Release is [Client.Version] in numbers.
func (c *Client) Release(ctx context.Context) (Release, error) {
	version, err := c.Version(ctx)
	if err != nil {
		return Release{}, err
	}
	return ParseRelease(version)
}

// UISettings is what the server tells its own web pages.
type UISettings struct {
	// APIURL is where the pages look for the API. A server started on another port than 4200 without being told so in
	// PREFECT_SERVER_API_PORT has it wrong, and its UI looks empty.
	APIURL       string   `json:"api_url"`
	Auth         string   `json:"auth"` // "BASIC", or empty
	AvailableUIs []string `json:"available_uis"`
	V1BaseURL    string   `json:"v1_base_url"`
	V2BaseURL    string   `json:"v2_base_url"`
}

// UISettings asks the server's root, not the API. Servers without a UI, and Cloud, answer an error; servers before 3.6 or so leave
// out what they don't know.
func (c *Client) UISettings(ctx context.Context) (UISettings, error) {
	var s UISettings
	_, err := c.do(ctx, call{method: http.MethodGet, path: "/ui-settings", root: true, out: &s, limit: healthTimeout})
	return s, err
}

// ServerSettings is the part of a server's own settings that tells how it is built and what it leaves undone. The kind of database is
// not visible; a server of several processes needs Postgres and names Redis as its broker.
type ServerSettings struct {
	Server struct {
		API struct {
			Host string `json:"host"`
			Port int    `json:"port"`
		} `json:"api"`
		Events struct {
			Broker string `json:"messaging_broker"`
		} `json:"events"`
		Concurrency struct {
			LeaseStorage string `json:"lease_storage"`
		} `json:"concurrency"`
		Docket struct {
			URL string `json:"url"`
		} `json:"docket"`
		Services map[string]json.RawMessage `json:"services"` // mostly objects with "enabled"
	} `json:"server"`
}

// SingleProcess tells whether the server keeps its messages in memory, as one on SQLite does: several processes could not share them.
func (s ServerSettings) SingleProcess() bool {
	return strings.HasPrefix(s.Server.Docket.URL, "memory:") || strings.HasSuffix(s.Server.Events.Broker, ".memory")
}

// Off tells whether a background service is switched off, such as scheduler or late_runs.
func (s ServerSettings) Off(service string) bool {
	have := struct {
		Enabled bool `json:"enabled"`
	}{true}
	raw, known := s.Server.Services[service]
	return known && json.Unmarshal(raw, &have) == nil && !have.Enabled
}

// ServerSettings asks a self-hosted server how it is set up.
func (c *Client) ServerSettings(ctx context.Context) (ServerSettings, error) {
	return get[ServerSettings](ctx, c, "/admin/settings")
}

// UIBase gives the address of the UI in front of the links: of Cloud its UI's host, of a server the API's address without
// /api. For the newer of a server's two UIs add [UISettings.V2BaseURL].
func UIBase(apiURL string) string {
	api := strings.TrimRight(apiURL, "/")
	if rest, ok := strings.CutPrefix(api, "https://api.prefect.cloud/api"); ok {
		rest = strings.Replace(rest, "/accounts/", "/account/", 1)
		return "https://app.prefect.cloud" + strings.Replace(rest, "/workspaces/", "/workspace/", 1)
	}
	return strings.TrimSuffix(api, "/api")
}

// DeploymentLink gives the page of a deployment (Prefect: utilities/urls.py; the same for links below).
func DeploymentLink(uiBase, id string) string { return link(uiBase, "deployments/deployment", id) }

// FlowRunLink gives the page of a flow run.
func FlowRunLink(uiBase, id string) string { return link(uiBase, "runs/flow-run", id) }

// FlowLink gives the page of a flow.
func FlowLink(uiBase, id string) string { return link(uiBase, "flows/flow", id) }

// ArtifactLink gives the page with the history of an artifact's key.
func ArtifactLink(uiBase, key string) string { return link(uiBase, "artifacts/key", key) }

func link(base, page, id string) string { return strings.TrimRight(base, "/") + "/" + page + route(id) }

// Release is a server's version in numbers. Cloud is newer than every number.
type Release struct {
	Major, Minor, Patch int
	Cloud               bool
}

// Oldest is the first release whose schedules have slugs, without which an edit can't leave their pauses alone.
func Oldest() Release { return Release{Major: 3, Minor: 2} }

// Leases is the first release with concurrency leases, which make a lock that outlives no holder.
func Leases() Release { return Release{Major: 3, Minor: 4, Patch: 9} }

var releaseForm = pattern.New(`^v?(\d+)\.(\d+)(?:\.(\d+))?`)

// ParseRelease reads what [Client.Version] gives. Suffixes such as .dev6+local, 0rc1 and +12.gabc are ignored.
func ParseRelease(version string) (Release, error) {
	if version == CloudVersion {
		return Release{Cloud: true}, nil
	}
	m := releaseForm.FindStringSubmatch(version)
	if m == nil {
		return Release{}, &fault.Error{
			Code: fault.Server, What: fmt.Sprintf("the server calls itself version %q, which is no Prefect release", version),
			Next: "check that the API URL leads to a Prefect 3 server",
		}
	}
	var n [3]int
	for i := range n {
		n[i], _ = strconv.Atoi(m[i+1]) // digits or empty
	}
	return Release{Major: n[0], Minor: n[1], Patch: n[2]}, nil
}

// AtLeast tells whether r is that release or a newer one.
func (r Release) AtLeast(than Release) bool {
	if r.Cloud || than.Cloud {
		return r.Cloud
	}
	return cmp.Or(cmp.Compare(r.Major, than.Major), cmp.Compare(r.Minor, than.Minor), cmp.Compare(r.Patch, than.Patch)) >= 0
}

// String gives 3.8.8, or cloud.
func (r Release) String() string {
	if r.Cloud {
		return CloudVersion
	}
	return fmt.Sprintf("%d.%d.%d", r.Major, r.Minor, r.Patch)
}

// Supported gives a fault for a server that this client can't work with: older than 3.2, or of another major version.
func (r Release) Supported() error {
	var why, next string
	switch {
	case r.Cloud:
		return nil
	case r.Major > 3:
		why, next = "this tool speaks the API of Prefect 3", "look for a newer release of this tool"
	case !r.AtLeast(Oldest()):
		why = "before 3.2.0 schedules have no slugs, so an edit would undo the pauses that people set"
		next = "upgrade the server to 3.2.0 or newer: pip install -U prefect, then prefect server database upgrade -y"
	default:
		return nil
	}
	return &fault.Error{Code: fault.Server, What: "the server runs Prefect " + r.String(), Why: why, Next: next}
}
