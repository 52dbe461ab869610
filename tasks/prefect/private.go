package prefect

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"

	"github.com/flowmage/flowmage/tasks/credential"
	"github.com/flowmage/flowmage/tasks/fault"
)

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
	if err != nil || !to.Addr().Unmap().IsLoopback() {
		return fmt.Errorf("%w: credentials would leave this machine by plain http, to %s", errElsewhere, address)
	}
	return nil
}
