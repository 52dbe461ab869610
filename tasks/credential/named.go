package credential

import (
	"strings"

	"github.com/flowmage/flowmage/tasks/fault"
)

// Named is a host that was named on purpose, as one to which credentials may go.
type Named struct {
	text    string
	origins []Origin
}

// ParseNamed reads a list of hosts, parted by commas or blanks. Each names one port of one host:
//
//	prefect.example.com         https on port 443
//	prefect.example.com:4200    https on that port
//	https://prefect.example.com scheme, host and port as written
//
// Of this machine (localhost, 127.0.0.1, [::1]) the first two mean http, too. There are no wildcards, and no paths.
func ParseNamed(list string) ([]Named, error) {
	var out []Named
	for _, text := range strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' || r == '\n' || r == '\r' }) {
		n := Named{text: text}
		schemes := []string{""}
		if !strings.Contains(text, "://") {
			schemes = []string{https + "://", http + "://"}
		}
		for _, scheme := range schemes {
			if o, ok := OriginOf(scheme + text); ok && bare(text) && (scheme != http+"://" || o.Loopback()) {
				n.origins = append(n.origins, o)
			}
		}
		if len(n.origins) == 0 {
			return nil, unusable(text)
		}
		out = append(out, n)
	}
	return out, nil
}

// bare tells whether no path follows.
func bare(text string) bool {
	if at := strings.Index(text, "://"); at >= 0 {
		text = text[at+3:]
	}
	return !strings.Contains(text, "/")
}

func unusable(text string) error {
	f := &fault.Error{
		Code: fault.Usage, What: For + " names no host", Where: For + " in the environment",
		Why:  "a host, host:port or https://host:port was expected, without user, path or wildcard",
		Next: "write " + For + "=prefect.example.com; several are parted by commas",
	}
	if o, ok := OriginOf(text); ok { // of the text itself nothing is repeated: it may hold a password
		f.Next = "write " + For + "=" + o.String()
	}
	return f
}

// near gives what was named of the same host with another port or scheme, for whoever wonders why that does not do.
func near(named []Named, to Origin) (string, bool) {
	for _, n := range named {
		for _, o := range n.origins {
			if o.Host == to.Host {
				return o.String(), true
			}
		}
	}
	return "", false
}
