// Package prefect is a client for the REST API of Prefect 3, self-hosted (3.2 and newer) and Cloud. It holds the API and nothing
// else: no console, no environment of the process, no opinion on what should be deployed.
//
// Start with [New] and [Options]; [Discover] reads what a Prefect user already has set. One method is one request, except
// where its comment says that it reads all pages. deployments.go, flows.go, pools.go, runs.go and server.go have the
// methods; call.go is the way every request takes: transport.go adds headers and credentials, csrf.go the token, retry.go
// decides whether to try again, apierror.go and fault_*.go turn what went wrong into errors. stream.go alone goes another way: it hears
// of a run's states as they come.
//
// Every error is a *fault.Error that says what to do next, or the context's own error. An answer that refuses the request
// wraps an [*APIError], and [IsNotFound] tells the commonest one.
//
// Repeating a request is safe for all methods here, and for this reason: reads change nothing; flows and deployments are
// created by name and exist once; PATCH and DELETE name what they change; schedules are unique by slug; a flow run carries an
// idempotency key, always. Where the repetition of a request whose answer was lost finds the work already done (a 404 after
// DELETE, a 409 after a create) the method says so by succeeding.
package prefect

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/secret"
	"github.com/flowmage/flowmage/tasks/tree"
)

// How long one attempt may take unless [Options] say otherwise. A healthy server on SQLite stalls all its writes for up to 64 s
// when two of its writers wait for each other.
const (
	readTimeout   = 35 * time.Second // twice this outlasts the 64 s for which SQLite can stall
	writeTimeout  = 75 * time.Second
	healthTimeout = 10 * time.Second
	dialTimeout   = 10 * time.Second
)

// Options say which server and how to speak to it. Only URL is needed.
type Options struct {
	// URL is the API's address: http://127.0.0.1:4200/api, or https://api.prefect.cloud/api/accounts/…/workspaces/….
	URL string
	// APIKey is Prefect Cloud's key (Bearer). AuthString is a self-hosted server's user:password (Basic); it wins over APIKey.
	APIKey, AuthString string
	// Headers are added to every request. User-Agent and the two CSRF headers can't be set, as in Prefect's own client.
	Headers map[string]string
	// CAFile is a PEM file whose certificates are trusted instead of the system's.
	CAFile string
	// CAVariable is the variable that names such a file for this server, for errors. Empty means PREFECT_API_SSL_CERT_FILE.
	CAVariable string
	// Insecure accepts any certificate.
	Insecure bool
	// Timeout bounds one attempt. Zero means 35 s for reads and 75 s for writes.
	Timeout time.Duration
	// Trace is called after every HTTP exchange, repeated and failed ones included, possibly from several goroutines at once.
	Trace func(Request)
	// Ended tells that the server's process is gone, so that the server is waited for only as long as somebody may take who starts it again.
	// Nil means that nobody knows.
	Ended func(context.Context) bool
	// Patience bounds the waits that the server asks for. Nil means [DefaultPatience] for each request.
	Patience *Patience
	// Await is called when a request begins, with what says what is waited for at any later moment; what comes back is called at its end. It is
	// for telling people, who should not wonder. Nil tells nobody.
	Await func(what func() string) (done func())
	// Start says how the server is started, for errors. Empty means Prefect's own command.
	Start string
	// Version is the program's, for the User-Agent. Empty means "dev".
	Version string
	// Proxy chooses the proxy of a request. Nil means the usual HTTP_PROXY, HTTPS_PROXY and NO_PROXY of the process.
	Proxy func(*http.Request) (*url.URL, error)
}

// Request tells of one HTTP exchange.
type Request struct {
	Method   string
	Path     string // below the API's address, without query: /deployments/filter
	Status   int    // 0 when no answer came
	Duration time.Duration
	Sent     int64 // bytes of the body
	Received int64 // bytes of the answer's body, uncompressed
	Attempt  int   // from 1
	Err      error // why no answer came
}

// Client speaks to one server. It may be used from several goroutines.
type Client struct {
	base      *url.URL
	transport *transport
	elsewhere *http.Transport // for other hosts: its trust and proxy are the same
	timeout   time.Duration
	token     string // for streams, which take credentials in a message
	csrf      csrf
	ended     func(context.Context) bool // never nil
	ca        string                     // the variable that names a CA's file
	start     string
	patience  *Patience
	await     func(what func() string) (done func())
	busy      atomic.Int64
	reached   atomic.Bool // an answer came, so the address is right; until the server is away for good
	version   atomic.Pointer[string]

	// For tests: the time, what to do with a wait, and the jitter in [0,1).
	now    func() time.Time
	pause  func(time.Duration) time.Duration
	random func() float64
}

// New gives a client. Nothing is sent yet. A bad address or certificate file is a *fault.Error with code Usage.
func New(o Options) (*Client, error) {
	base, err := parseURL(o.URL)
	if err != nil {
		return nil, err
	}
	tlsConfig, err := trust(o)
	if err != nil {
		return nil, err
	}
	header := headersFor(o)
	if err := checkHeaders(header); err != nil {
		return nil, err
	}
	proxy := o.Proxy
	if proxy == nil {
		proxy = http.ProxyFromEnvironment
	}
	dialer := &net.Dialer{Timeout: dialTimeout, KeepAlive: 30 * time.Second}
	pool := &http.Transport{
		Proxy:               proxy,
		DialContext:         dialer.DialContext,
		TLSClientConfig:     tlsConfig,
		TLSHandshakeTimeout: 10 * time.Second,
		ForceAttemptHTTP2:   true,
		MaxIdleConnsPerHost: 16,
		// The server closes an idle connection after 5 s; staying below it avoids sending into a closed one.
		IdleConnTimeout: 4 * time.Second,
	}
	c := &Client{
		base: base, timeout: o.Timeout, token: cmp.Or(o.AuthString, o.APIKey), ended: o.Ended, patience: o.Patience, await: o.Await, now: time.Now, random: rand.Float64,
		ca:    cmp.Or(o.CAVariable, caVariable),
		start: cmp.Or(o.Start, "start the server there (prefect server start), or "+nextURL),
	}
	if c.ended == nil {
		c.ended = func(context.Context) bool { return false }
	}
	c.transport = &transport{origin: origin(base), header: header, trace: o.Trace, pool: pool}
	c.elsewhere = pool
	if o.secret() && base.Scheme == "http" {
		c.transport.pool, err = private(base, pool)
	}
	if err != nil {
		return nil, err
	}
	return c, nil
}

// URL gives the API's address without a slash at the end.
func (c *Client) URL() string { return c.base.String() }

// IsCloud tells whether the address is one of Prefect Cloud's: it names an account and a workspace.
func (c *Client) IsCloud() bool { return strings.Contains(c.base.Path, "/accounts/") }

// Busy counts the answers so far by which the server said that it can't keep up: 429 and 503.
func (c *Client) Busy() int64 { return c.busy.Load() }

// ServerTime gives a moment of this machine's clock by the server's, exact to about a second; false before the first answer, and of
// a server that does not tell the time.
func (c *Client) ServerTime(local time.Time) (time.Time, bool) {
	skew := c.transport.skew.Load()
	if skew == nil {
		return time.Time{}, false
	}
	return local.Add(*skew), true
}

// Now is the time by which the server stamps signs of life: that of its own clock, or of this machine's if it does not tell.
func (c *Client) Now() time.Time {
	now := time.Now()
	if theirs, told := c.ServerTime(now); told {
		return theirs
	}
	return now
}

// Close closes idle connections. The client stays usable.
func (c *Client) Close() {
	c.transport.pool.CloseIdleConnections()
	c.elsewhere.CloseIdleConnections()
}

// CheckURL tells whether an address can be that of an API; its error is the one of [New].
func CheckURL(address string) error {
	_, err := parseURL(address)
	return err
}

func parseURL(text string) (*url.URL, error) {
	bad := func(why string) error {
		return &fault.Error{
			Code: fault.Usage, What: fmt.Sprintf("%q is no address of a Prefect API", secret.Address(text)), Why: why,
			Next: "write it like http://127.0.0.1:4200/api (`server.url` in envs/<env>.yaml, or PREFECT_API_URL)",
		}
	}
	if strings.TrimSpace(text) == "" {
		return nil, bad("it is empty")
	}
	u, err := url.Parse(strings.TrimSpace(text))
	switch {
	case err != nil:
		return nil, bad("it can't be parsed as a URL")
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, bad("it must start with http:// or https://")
	case u.Hostname() == "":
		return nil, bad("it has no host")
	case secret.InAddress(text):
		return nil, bad("credentials don't belong into it: put user:password into PREFECT_API_AUTH_STRING")
	case u.RawQuery != "" || u.Fragment != "" || u.ForceQuery:
		return nil, bad("something follows its path, after a ? or #")
	}
	u.Path, u.RawPath = strings.TrimRight(u.Path, "/"), strings.TrimRight(u.RawPath, "/")
	return u, nil
}

// caVariable is Prefect's own for a CA's file.
const caVariable = "PREFECT_API_SSL_CERT_FILE"

func trust(o Options) (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: o.Insecure} //nolint:gosec // G402: the user asked for it
	if o.CAFile == "" {
		return config, nil
	}
	bad := func(why string, err error) error {
		return &fault.Error{
			Code: fault.Usage, What: "the certificate file can't be used", Where: o.CAFile, Why: why, Err: err,
			Next: "let " + cmp.Or(o.CAVariable, caVariable) + " name a PEM file with the CA's certificate, or unset it",
		}
	}
	pem, err := tree.Outside(o.CAFile, tree.Parameters)
	if err != nil {
		return nil, bad("", tree.Reason(err))
	}
	config.RootCAs = x509.NewCertPool()
	if !config.RootCAs.AppendCertsFromPEM(pem) {
		return nil, bad("there is no PEM certificate in it", nil)
	}
	return config, nil
}
