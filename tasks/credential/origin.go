package credential

import (
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"github.com/flowmage/flowmage/tasks/pattern"
)

const (
	http  = "http"
	https = "https"
)

// Origin is scheme, host and port, in the one spelling that all addresses of it have.
type Origin struct {
	Scheme string
	Host   string // small letters; an IPv6 address without brackets
	Port   string
}

// cloud is Prefect Cloud's API.
var cloud = Origin{https, "api.prefect.cloud", "443"} //nolint:gochecknoglobals // a constant

// plain is an address of which every program makes the same host: no user, no dot at the end, no letters beyond ASCII, no zone, no
// escapes, and nothing but a path behind it. What differs from it is no address for a credential.
var plain = pattern.New(`^([Hh][Tt][Tt][Pp][Ss]?)://(\[[0-9A-Fa-f:.]+\]|[0-9A-Za-z_](?:[0-9A-Za-z._-]*[0-9A-Za-z_])?)(?::([1-9][0-9]{0,4}))?(/[^\s\\]*)?$`)

// OriginOf gives the origin of an address; false when it can't be told for certain.
func OriginOf(address string) (Origin, bool) {
	address = strings.TrimSpace(address)
	part := plain.FindStringSubmatch(address)
	if _, err := url.Parse(address); err != nil || part == nil {
		return Origin{}, false
	}
	o := Origin{strings.ToLower(part[1]), strings.ToLower(part[2]), part[3]}
	if o.Port == "" {
		o.Port = standard(o.Scheme)
	}
	if n, err := strconv.Atoi(o.Port); err != nil || n > 65535 {
		return Origin{}, false
	}
	if inside, six := strings.CutPrefix(o.Host, "["); six {
		ip, err := netip.ParseAddr(strings.TrimSuffix(inside, "]"))
		if err != nil || !ip.Is6() {
			return Origin{}, false
		}
		o.Host = ip.String()
	}
	return o, true
}

func standard(scheme string) string {
	if scheme == https {
		return "443"
	}
	return "80"
}

// String gives the origin as people write it.
func (o Origin) String() string { return o.Scheme + "://" + o.Short() }

// Short gives host and port, the port only where it is not the scheme's own.
func (o Origin) Short() string {
	host := o.Host
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if o.Port != standard(o.Scheme) {
		host += ":" + o.Port
	}
	return host
}

// Loopback tells whether a host is this machine by its very name: 127.0.0.0/8, ::1 or localhost. Another name may lead here today and
// elsewhere tomorrow.
func Loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && (ip.Is4() && ip.IsLoopback() || ip == netip.IPv6Loopback())
}

// Machine gives a host in the one spelling that all names of it have, so that it can be compared: this machine has several.
func Machine(host string) string {
	if Loopback(host) {
		return "localhost"
	}
	return strings.ToLower(host)
}

// Loopback tells whether the origin is on this machine.
func (o Origin) Loopback() bool { return Loopback(o.Host) }

// Exposed tells whether others could read what goes there.
func (o Origin) Exposed() bool { return o.Scheme != https && !o.Loopback() }

// Same tells whether two addresses have one scheme, host and port. Those that can't be told for certain are the same only letter by letter.
func Same(a, b string) bool {
	one, readable := OriginOf(a)
	other, too := OriginOf(b)
	if !readable || !too {
		return strings.TrimSpace(a) == strings.TrimSpace(b)
	}
	return one == other
}
