package prefect

import (
	"cmp"
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/url"
	"time"
)

// The steps of the way to a server, one by one, for whoever wants to know which of them fails. Requests don't need them. The faults
// are those that a request would end with.

// wayTimeout bounds one step.
const wayTimeout = 10 * time.Second

// Proxy gives the proxy that requests to the API go through; nil when they go straight.
func (c *Client) Proxy() (*url.URL, error) {
	if c.transport.pool.Proxy == nil {
		return nil, nil //nolint:nilnil // none
	}
	r := &http.Request{Method: http.MethodGet, URL: c.base, Header: http.Header{}}
	return c.transport.pool.Proxy(r)
}

// Lookup resolves a host's name. Addresses are given back as they are.
func (c *Client) Lookup(ctx context.Context, host string) ([]string, error) {
	limited, cancel := context.WithTimeout(ctx, wayTimeout)
	defer cancel()
	found, err := net.DefaultResolver.LookupHost(limited, host)
	if err != nil {
		return nil, c.stopped(ctx, err)
	}
	return found, nil
}

// Dial connects to the host and port of an address, and hangs up. The address is the API's or its proxy's.
func (c *Client) Dial(ctx context.Context, to *url.URL) error {
	conn, err := c.connect(ctx, to)
	if err != nil {
		return c.stopped(ctx, err)
	}
	return conn.Close()
}

// Handshake makes a TLS connection to the API's host as requests do, and gives what was agreed.
func (c *Client) Handshake(ctx context.Context) (tls.ConnectionState, error) {
	conn, err := c.connect(ctx, c.base)
	if err != nil {
		return tls.ConnectionState{}, c.stopped(ctx, err)
	}
	defer conn.Close() //nolint:errcheck // nothing was written
	config := c.transport.pool.TLSClientConfig.Clone()
	config.ServerName = c.base.Hostname()
	secure := tls.Client(conn, config)
	limited, cancel := context.WithTimeout(ctx, wayTimeout)
	defer cancel()
	if err := secure.HandshakeContext(limited); err != nil {
		return tls.ConnectionState{}, c.stopped(ctx, err)
	}
	return secure.ConnectionState(), nil
}

// Elsewhere gives a client for another address, with the same trust and proxy, and without credentials and headers: those are for the
// host they were given for.
func (c *Client) Elsewhere(address string, timeout time.Duration) (*Client, error) {
	base, err := parseURL(address)
	if err != nil {
		return nil, err
	}
	other := &Client{
		base: base, elsewhere: c.elsewhere, timeout: timeout, now: c.now, random: c.random, pause: c.pause, patience: c.patience, await: c.await,
	}
	other.transport = &transport{origin: origin(base), header: headersFor(Options{}), pool: c.elsewhere}
	return other, nil
}

// Browser gives a client for pages, with the same trust and proxy and nothing else of ours. It follows redirects.
func (c *Client) Browser() *http.Client {
	return &http.Client{Transport: c.elsewhere, Timeout: wayTimeout}
}

// Address gives the API's address in parts.
func (c *Client) Address() *url.URL { return new(*c.base) }

func (c *Client) connect(ctx context.Context, to *url.URL) (net.Conn, error) {
	dialer := &net.Dialer{Timeout: wayTimeout}
	port := cmp.Or(to.Port(), map[string]string{"https": "443", "socks5": "1080"}[to.Scheme], "80")
	return dialer.DialContext(ctx, "tcp", net.JoinHostPort(to.Hostname(), port))
}

// stopped puts what went wrong on the way into the words of a request.
func (c *Client) stopped(ctx context.Context, err error) error {
	return c.unanswered(ctx, call{method: http.MethodGet, path: "/health", limit: wayTimeout}, &attempts{client: c, number: 1}, err)
}
