package prefect

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/flowmage/flowmage/tasks/credential"
	"github.com/flowmage/flowmage/tasks/fault"
)

// The CSRF headers, which nobody but csrf.go sets.
const (
	csrfHeader     = "Prefect-Csrf-Token"
	csrfFromHeader = "Prefect-Csrf-Client"
)

// What ends an attempt besides the network's own errors.
var (
	errSlow      = errors.New("the attempt took too long")
	errElsewhere = errors.New("a request to another host was not sent")
)

// transport is one HTTP exchange: it adds our headers, reads the whole answer and reports to the trace. An answer that breaks
// off counts as no answer, so that the retry policy sees it.
type transport struct {
	pool   *http.Transport
	origin string      // scheme and host that credentials may go to
	header http.Header // ours and the user's, credentials among them
	trace  func(Request)
	skew   atomic.Pointer[time.Duration] // how far the server's clock is ahead of ours
}

// attemptKey carries the *attempts of a request in its context.
type attemptKey struct{}

// RoundTrip implements http.RoundTripper.
func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if origin(r.URL) != t.origin {
		return nil, fmt.Errorf("%w: %s instead of %s", errElsewhere, origin(r.URL), t.origin)
	}
	outer, limit := r.Context(), readTimeout
	if a, ok := attemptsOf(outer); ok {
		limit = a.limit
	}
	ctx, cancel := context.WithTimeout(outer, limit)
	defer cancel()
	r = r.Clone(ctx)
	maps.Copy(r.Header, t.header)
	start := time.Now()
	resp, err := t.pool.RoundTrip(r)
	var body []byte
	if err == nil {
		body, err = readBody(resp)
	}
	if err != nil && ctx.Err() != nil && outer.Err() == nil {
		err = fmt.Errorf("%w: %w", errSlow, err)
	}
	t.report(r, resp, len(body), time.Since(start), err)
	if err != nil {
		return nil, err
	}
	// After every 500 and 503 Prefect's server closes the connection without saying so. Letting go of it here spares the next
	// request a reset.
	if resp.StatusCode >= http.StatusInternalServerError {
		t.pool.CloseIdleConnections()
	}
	if date, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		t.skew.Store(new(time.Until(date)))
	}
	resp.Body = wholeBody{bytes.NewReader(body), body}
	return resp, nil
}

func (t *transport) report(r *http.Request, resp *http.Response, received int, took time.Duration, err error) {
	if t.trace == nil {
		return
	}
	told := Request{
		Method: r.Method, Path: r.URL.Path, Duration: took,
		Sent: max(r.ContentLength, 0), Received: int64(received), Attempt: 1, Err: err,
	}
	if a, ok := attemptsOf(r.Context()); ok {
		told.Path, told.Attempt = a.route, a.number
	}
	if err == nil {
		told.Status = resp.StatusCode
	}
	t.trace(told)
}

func attemptsOf(ctx context.Context) (*attempts, bool) {
	a, ok := ctx.Value(attemptKey{}).(*attempts)
	return a, ok
}

// headersFor gives what every request carries. There must be no Accept-Encoding: net/http then asks for gzip and unpacks it.
// The User-Agent is not made to look like Prefect's own, because the server switches compatibility behaviour on that.
func headersFor(o Options) http.Header {
	h := http.Header{}
	for name, value := range o.Headers {
		h.Set(name, value)
	}
	h.Del("Accept-Encoding")
	h.Del(csrfHeader)
	h.Del(csrfFromHeader)
	h.Set("User-Agent", "flowmage/"+cmp.Or(o.Version, "dev"))
	h.Set("Accept", "application/json")
	switch {
	case o.AuthString != "":
		h.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(o.AuthString)))
	case o.APIKey != "":
		h.Set("Authorization", "Bearer "+o.APIKey)
	}
	return h
}

// checkHeaders finds what net/http would refuse with each request. Values are not shown: they may be secrets.
func checkHeaders(h http.Header) error {
	for _, name := range slices.Sorted(maps.Keys(h)) {
		bad := &fault.Error{Code: fault.Usage, What: fmt.Sprintf("the header %q can't be sent", name)}
		bad.Next = "correct it in PREFECT_CLIENT_CUSTOM_HEADERS"
		if name == "Authorization" {
			bad.Next = "take line breaks and other odd characters out of PREFECT_API_KEY"
		}
		odd := func(r rune) bool { return r <= ' ' || r >= 0x7f || strings.ContainsRune(`()<>@,;:\"/[]?={}`, r) }
		if name == "" || strings.ContainsFunc(name, odd) {
			bad.Why = "its name has characters that no header's name may have"
			return bad
		}
		if strings.ContainsFunc(h.Get(name), func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) {
			bad.Why = "its value has a line break or another control character"
			return bad
		}
	}
	return nil
}

func origin(u *url.URL) string { return u.Scheme + "://" + u.Host }

// secret tells whether requests carry something that nobody else may read.
func (o Options) secret() bool { return o.APIKey != "" || o.AuthString != "" || len(o.Headers) > 0 }

// private gives the connections for credentials over plain http: to this machine only, through no proxy. Whoever calls has judged them by
// package credential; here is the last place where they can be kept back.
func private(base *url.URL, pool *http.Transport) (*http.Transport, error) {
	if to, ok := credential.OriginOf(base.String()); ok && !to.Exposed() {
		pool = pool.Clone()
		dialer := &net.Dialer{Timeout: dialTimeout, Control: stayHere}
		pool.Proxy, pool.DialContext = nil, dialer.DialContext
		return pool, nil
	}
	return nil, &fault.Error{
		Code: fault.Refused, What: "credentials are not sent by plain http", Where: base.String(),
		Why: "everybody on the way could read them; that is allowed to this machine only", Next: "give the server https",
	}
}

// stayHere refuses connections that leave this machine. A name such as localhost is what the system's files make of it.
func stayHere(_, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil || !credential.Loopback(to.Addr().Unmap().String()) {
		return fmt.Errorf("%w: credentials would leave this machine by plain http, to %s", errElsewhere, address)
	}
	return nil
}
