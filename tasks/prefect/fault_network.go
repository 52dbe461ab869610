package prefect

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"

	"github.com/flowmage/flowmage/tasks/fault"
)

// unanswered gives the fault for a request that brought no answer after all its attempts.
func (c *Client) unanswered(ctx context.Context, k call, a *attempts, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("%s %s: %w", k.method, k.path, ctx.Err())
	}
	if errors.Is(err, errTooLarge) {
		return c.tooLarge(k, plain(err))
	}
	f := &fault.Error{Code: fault.Server, Where: c.URL(), Err: plain(err), Next: nextURL}
	host := c.base.Host
	switch causeOf(err) {
	case causeName:
		f.What = "there is no host " + quote(c.base.Hostname())
		f.Next += ", or check the network's name service"
	case causeDial:
		f.What = "the Prefect server can't be reached: no connection to " + host
		f.Next = c.start
		if isRefused(err) {
			f.What = "the Prefect server can't be reached: nothing listens at " + host
		}
	case causeTLS:
		f.What, f.Next = tlsFault(host, c.ca, err)
	case causeSlow:
		f.What = fmt.Sprintf("the Prefect server did not answer %s %s within %s", k.method, k.path, c.timeoutOf(k))
		f.Next = "look whether the server is overloaded or hangs; PREFECT_API_REQUEST_TIMEOUT=<seconds> waits longer"
	case causeForeign:
		f.What = "what answers at " + host + " speaks no HTTP"
	case causeLost, causeOurs:
		f.What = fmt.Sprintf("the connection to the Prefect server broke during %s %s", k.method, k.path)
		f.Next = "look whether the server still runs, then run the command again"
		if c.ended(ctx) {
			f.Next = c.start
		}
	}
	if a.number > 1 {
		f.Why = fmt.Sprintf("%v (after %d attempts)", f.Err, a.number)
	}
	return f
}

// plain takes the method and address off an error of net/http; the fault says them already.
func plain(err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		return u.Err
	}
	return err
}

func tlsFault(host, ca string, err error) (what, next string) {
	what = "the connection to " + host + " can't be made secure"
	next = "check the certificate of the server, and that the port speaks TLS"
	switch {
	case errors.Is(err, http.ErrSchemeMismatch):
		return what + ": it speaks plain HTTP", "write the API URL with http:// instead of https://"
	case isType[x509.UnknownAuthorityError](err):
		return "the certificate of " + host + " is signed by nobody this machine trusts",
			"let " + ca + " name the CA's certificate (PEM)"
	case isType[x509.HostnameError](err):
		return "the certificate of " + host + " is for another name", nextURL + ": use a name that the certificate has"
	case isType[tls.RecordHeaderError](err):
		return what + ": it speaks no TLS", "write the API URL with http:// instead of https://, or with the right port"
	}
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](err); ok && invalid.Reason == x509.Expired {
		return "the certificate of " + host + " is expired or not valid yet", "renew the certificate, or set this machine's clock"
	}
	return what, next
}

func isType[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// errRefusedOnWindows is WSAECONNREFUSED; no other system has an error of that number.
const errRefusedOnWindows = syscall.Errno(10061)

// isRefused tells "nothing listens there" from other failures to connect.
func isRefused(err error) bool {
	op, ok := errors.AsType[*net.OpError](err)
	return ok && (errors.Is(op.Err, syscall.ECONNREFUSED) || errors.Is(op.Err, errRefusedOnWindows))
}

// attemptCause is why an attempt brought no answer.
type attemptCause int

const (
	causeLost    attemptCause = iota // the connection broke; the server may have acted
	causeDial                        // no connection came about; nothing was sent
	causeName                        // the host's name does not exist
	causeSlow                        // the time-out; the server may have acted
	causeTLS                         // certificate or handshake
	causeForeign                     // what answers speaks no HTTP
	causeOurs                        // our own refusal
)

func causeOf(err error) attemptCause {
	switch {
	case errors.Is(err, errSlow):
		return causeSlow
	case isTLS(err):
		return causeTLS
	case isName(err):
		return causeName
	case isDial(err):
		return causeDial
	}
	if n, ok := errors.AsType[net.Error](err); ok && n.Timeout() {
		return causeSlow
	}
	switch {
	case errors.Is(err, errElsewhere), errors.Is(err, errTooLarge):
		return causeOurs
	case strings.Contains(err.Error(), "malformed HTTP"): // net/http has no type for it
		return causeForeign
	default:
		return causeLost
	}
}

func isName(err error) bool {
	d, ok := errors.AsType[*net.DNSError](err)
	return ok && d.IsNotFound
}

func isDial(err error) bool {
	if isType[*net.DNSError](err) {
		return true
	}
	op, ok := errors.AsType[*net.OpError](err)
	return ok && (op.Op == "dial" || op.Op == "proxyconnect")
}

func isTLS(err error) bool {
	return errors.Is(err, http.ErrSchemeMismatch) || isCertificate(err) || isType[tls.RecordHeaderError](err) || isType[tls.AlertError](err) ||
		strings.Contains(err.Error(), "remote error: tls:") // the alert that the other side sends is an unexported type
}

func isCertificate(err error) bool {
	return isType[*tls.CertificateVerificationError](err) || isType[x509.UnknownAuthorityError](err) || isType[x509.HostnameError](err)
}
