package verify

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/secret"
)

// The rungs of the way to the server, by which others stand on them.
const (
	rungAddress     = "address"
	rungName        = "name service"
	rungConnection  = "connection"
	rungTLS         = "TLS"
	rungAPI         = "Prefect's API"
	rungCredentials = "credentials"
	rungVersion     = "version"
)

// Server is the server that is looked at.
type Server struct {
	API    *prefect.Client
	Origin string // where its address came from
	UI     string // the UI's address, as links begin
	Env    string // the environment, for the commands in next steps

	Patience time.Duration // how long new runs are waited for; 0 is 15 s
}

// clock gives the time by which the server stamps signs of life: by its own clock, or by this machine's if it does not tell.
func clock(api *prefect.Client) time.Time {
	now := time.Now()
	if theirs, told := api.ServerTime(now); told {
		return theirs
	}
	return now
}

// Reach is the way to the server: address, name, connection, TLS, API, credentials, version. Credentials come before the version
// because a server that has any tells its version to nobody else.
func Reach(s Server) Ladder {
	secure := s.API.Address().Scheme == "https"
	ladder := Ladder{
		{rungAddress, nil, s.address},
		{rungName, []string{rungAddress}, s.lookup},
		{rungConnection, []string{rungName}, s.dial},
	}
	below := rungConnection
	if secure {
		ladder = append(ladder, step{rungTLS, []string{rungConnection}, s.handshake})
		below = rungTLS
	}
	return append(ladder,
		step{rungAPI, []string{below}, s.health},
		step{rungCredentials, []string{rungAPI}, s.credentials},
		step{rungVersion, []string{rungCredentials}, s.version},
	)
}

func (s Server) address(context.Context) (seen, error) {
	text := s.API.URL()
	if s.Origin != "" {
		text += " from " + s.Origin
	}
	proxy, err := s.API.Proxy()
	if err != nil {
		return wrong("the proxy's address can't be used", err.Error(), "correct HTTP_PROXY or HTTPS_PROXY, or list the server in NO_PROXY")
	}
	if proxy != nil {
		text += " through the proxy " + secret.Address(proxy.String())
	}
	return seen{detail: text}, nil
}

// target is where connections go: to the server, or to the proxy in front of it.
func (s Server) target() *url.URL {
	if proxy, err := s.API.Proxy(); err == nil && proxy != nil {
		return proxy
	}
	return s.API.Address()
}

// proxied puts a failure on the way to the proxy down to the proxy.
func (s Server) proxied(err error) (seen, error) {
	proxy, _ := s.API.Proxy()
	if proxy == nil {
		return seen{}, err
	}
	return wrong("the proxy "+secret.Address(proxy.String())+" can't be reached", err.Error(),
		"correct HTTP_PROXY or HTTPS_PROXY, or list "+s.API.Address().Hostname()+" in NO_PROXY")
}

func (s Server) lookup(ctx context.Context) (seen, error) {
	host := s.target().Hostname()
	found, err := s.API.Lookup(ctx, host)
	if err != nil {
		return s.proxied(err)
	}
	return seen{detail: host + " is " + strings.Join(found[:min(3, len(found))], ", ")}, nil
}

func (s Server) dial(ctx context.Context) (seen, error) {
	to := s.target()
	if err := s.API.Dial(ctx, to); err != nil {
		return s.proxied(err)
	}
	return seen{detail: to.Host + " accepts connections"}, nil
}

// expiring is how near a certificate's end deserves a word.
const expiring = 14 * 24 * time.Hour

func (s Server) handshake(ctx context.Context) (seen, error) {
	if proxy, err := s.API.Proxy(); err == nil && proxy != nil {
		return seen{detail: "made through the proxy, seen with the next rung"}, nil
	}
	state, err := s.API.Handshake(ctx)
	if err != nil {
		return seen{}, err
	}
	got := seen{detail: tls.VersionName(state.Version)}
	if len(state.PeerCertificates) > 0 {
		end := state.PeerCertificates[0].NotAfter
		got.detail += ", certificate until " + end.Format(time.DateOnly)
		if left := time.Until(end); left < expiring {
			got.reservation = fmt.Sprintf("the certificate ends in %d days", int(left.Hours()/24))
			got.next = "renew the certificate of " + s.API.Address().Host
		}
	}
	return got, nil
}

func (s Server) health(ctx context.Context) (seen, error) {
	if s.API.IsCloud() {
		return seen{detail: "Prefect Cloud"}, nil
	}
	return seen{detail: "GET /health says true"}, s.API.Health(ctx)
}

func (s Server) credentials(ctx context.Context) (seen, error) {
	pools, err := s.API.WorkPools(ctx)
	if err != nil {
		return seen{}, err
	}
	return seen{detail: fmt.Sprintf("they let us read; work pools: %d", len(pools))}, nil
}

func (s Server) version(ctx context.Context) (seen, error) {
	text, err := s.API.Version(ctx)
	if err != nil {
		return seen{}, err
	}
	release, err := prefect.ParseRelease(text)
	if err != nil {
		return seen{}, err
	}
	if !release.AtLeast(prefect.Leases()) {
		return seen{
			detail: "Prefect " + text, reservation: "a server before 3.4.9 has no leases, so the lock between deploys is weaker",
			next: "upgrade the server to 3.4.9 or newer",
		}, release.Supported()
	}
	return seen{detail: "Prefect " + text}, release.Supported()
}
