package prefect

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"strings"
)

// cause is why an attempt brought no answer.
type cause int

const (
	causeLost    cause = iota // the connection broke; the server may have acted
	causeDial                 // no connection came about; nothing was sent
	causeName                 // the host's name does not exist
	causeSlow                 // the time-out; the server may have acted
	causeTLS                  // certificate or handshake
	causeForeign              // what answers speaks no HTTP
	causeOurs                 // our own refusal
)

func causeOf(err error) cause {
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
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return true
	}
	op, ok := errors.AsType[*net.OpError](err)
	return ok && (op.Op == "dial" || op.Op == "proxyconnect")
}

func isTLS(err error) bool {
	if errors.Is(err, http.ErrSchemeMismatch) || isCertificate(err) {
		return true
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return true
	}
	_, ok := errors.AsType[tls.AlertError](err)
	// The alert that the other side sends is an unexported type.
	return ok || strings.Contains(err.Error(), "remote error: tls:")
}

func isCertificate(err error) bool {
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return true
	}
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return true
	}
	_, ok := errors.AsType[x509.HostnameError](err)
	return ok
}
