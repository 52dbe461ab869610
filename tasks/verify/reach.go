package verify

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/flowmage/flowmage/tasks/ladder"
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

// Reach is the way to the server: address, name, connection, TLS, API, credentials, version. Credentials come before the version
// because a server that has any tells its version to nobody else.
func Reach(v View) ladder.Ladder {
	secure := v.API.Address().Scheme == "https"
	steps := ladder.Ladder{
		{Name: rungAddress, Needs: nil, Look: v.address},
		{Name: rungName, Needs: []string{rungAddress}, Look: v.lookup},
		{Name: rungConnection, Needs: []string{rungName}, Look: v.dial},
	}
	below := rungConnection
	if secure {
		steps = append(steps, ladder.Step{Name: rungTLS, Needs: []string{rungConnection}, Look: v.handshake})
		below = rungTLS
	}
	return append(steps,
		ladder.Step{Name: rungAPI, Needs: []string{below}, Look: v.health},
		ladder.Step{Name: rungCredentials, Needs: []string{rungAPI}, Look: v.credentials},
		ladder.Step{Name: rungVersion, Needs: []string{rungCredentials}, Look: v.version},
	)
}

func (v View) address(context.Context) (ladder.Seen, error) {
	text := v.API.URL()
	if v.Origin != "" {
		text += " from " + v.Origin
	}
	proxy, err := v.API.Proxy()
	if err != nil {
		return ladder.Wrong("the proxy's address can't be used", err.Error(), "correct HTTP_PROXY or HTTPS_PROXY, or list the server in NO_PROXY")
	}
	if proxy != nil {
		text += " through the proxy " + secret.Address(proxy.String())
	}
	return ladder.Seen{Detail: text}, nil
}

// target is where connections go: to the server, or to the proxy in front of it.
func (v View) target() *url.URL {
	if proxy, err := v.API.Proxy(); err == nil && proxy != nil {
		return proxy
	}
	return v.API.Address()
}

// proxied puts a failure on the way to the proxy down to the proxy.
func (v View) proxied(err error) (ladder.Seen, error) {
	proxy, _ := v.API.Proxy()
	if proxy == nil {
		return ladder.Seen{}, err
	}
	return ladder.Wrong("the proxy "+secret.Address(proxy.String())+" can't be reached", err.Error(),
		"correct HTTP_PROXY or HTTPS_PROXY, or list "+v.API.Address().Hostname()+" in NO_PROXY")
}

func (v View) lookup(ctx context.Context) (ladder.Seen, error) {
	host := v.target().Hostname()
	found, err := v.API.Lookup(ctx, host)
	if err != nil {
		return v.proxied(err)
	}
	return ladder.Seen{Detail: host + " is " + strings.Join(found[:min(3, len(found))], ", ")}, nil
}

func (v View) dial(ctx context.Context) (ladder.Seen, error) {
	to := v.target()
	if err := v.API.Dial(ctx, to); err != nil {
		return v.proxied(err)
	}
	return ladder.Seen{Detail: to.Host + " accepts connections"}, nil
}

// expiring is how near a certificate's end deserves a word.
const expiring = 14 * 24 * time.Hour

func (v View) handshake(ctx context.Context) (ladder.Seen, error) {
	if proxy, err := v.API.Proxy(); err == nil && proxy != nil {
		return ladder.Seen{Detail: "made through the proxy, seen with the next rung"}, nil
	}
	state, err := v.API.Handshake(ctx)
	if err != nil {
		return ladder.Seen{}, err
	}
	got := ladder.Seen{Detail: tls.VersionName(state.Version)}
	if len(state.PeerCertificates) > 0 {
		end := state.PeerCertificates[0].NotAfter
		got.Detail += ", certificate until " + end.Format(time.DateOnly)
		if left := time.Until(end); left < expiring {
			got.Reservation = fmt.Sprintf("the certificate ends in %d days", int(left.Hours()/24))
			got.Next = "renew the certificate of " + v.API.Address().Host
		}
	}
	return got, nil
}

func (v View) health(ctx context.Context) (ladder.Seen, error) {
	if v.API.IsCloud() {
		return ladder.Seen{Detail: "Prefect Cloud"}, nil
	}
	return ladder.Seen{Detail: "GET /health says true"}, v.API.Health(ctx)
}

func (v View) credentials(ctx context.Context) (ladder.Seen, error) {
	pools, err := v.API.WorkPools(ctx)
	if err != nil {
		return ladder.Seen{}, err
	}
	return ladder.Seen{Detail: fmt.Sprintf("they let us read; work pools: %d", len(pools))}, nil
}

func (v View) version(ctx context.Context) (ladder.Seen, error) {
	text, err := v.API.Version(ctx)
	if err != nil {
		return ladder.Seen{}, err
	}
	release, err := prefect.ParseRelease(text)
	if err != nil {
		return ladder.Seen{}, err
	}
	got := ladder.Seen{Detail: "Prefect " + text}
	if !release.AtLeast(prefect.Leases()) {
		got.Reservation, got.Next = "a server before 3.4.9 has no leases, so the lock between deploys is weaker", "upgrade the server to 3.4.9 or newer"
	}
	return got, release.Supported()
}
