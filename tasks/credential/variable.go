package credential

import (
	"strings"

	"github.com/flowmage/flowmage/tasks/environ"
	"github.com/flowmage/flowmage/tasks/fault"
)

// For is the variable that names hosts to which credentials may go.
const For = "FLOWMAGE_CREDENTIALS_FOR"

const prefix = "FLOWMAGE_"

// kinds are the kinds by Prefect's own variables for them, and the ends of the variables with one environment's own.
var kinds = map[Kind]struct{ general, suffix string }{ //nolint:gochecknoglobals // a constant table
	APIKey:     {"PREFECT_API_KEY", "_API_KEY"},
	AuthString: {"PREFECT_API_AUTH_STRING", "_AUTH_STRING"},
	Headers:    {"PREFECT_CLIENT_CUSTOM_HEADERS", "_HEADERS"},
}

// General gives Prefect's variable for a kind.
func General(k Kind) string { return kinds[k].general }

// Own gives the variable with an environment's own credential of a kind: FLOWMAGE_PROD_API_KEY.
func Own(environment string, k Kind) string {
	return prefix + strings.ToUpper(strings.ReplaceAll(environment, "-", "_")) + kinds[k].suffix
}

// OwnedBy tells of which of the environments a variable holds a credential; several are spelled alike where names differ in - and _ only.
func OwnedBy(variable string, environments []string) []string {
	var out []string
	for _, e := range environments {
		for k := range kinds {
			if Own(e, k) == variable {
				out = append(out, e)
			}
		}
	}
	return out
}

// Private tells whether a variable has the form of one with an environment's own credential, whether or not there is such an
// environment. A variable with two underscores in a row is a setting.
func Private(variable string) bool {
	rest, ok := strings.CutPrefix(variable, prefix)
	if !ok || strings.Contains(rest, "__") {
		return false
	}
	for _, k := range kinds {
		if name, ok := strings.CutSuffix(rest, k.suffix); ok && name != "" {
			return true
		}
	}
	return false
}

// KindOf gives the kind of credential that a variable holds, Prefect's own or an environment's; 0 for any other variable.
func KindOf(variable string) Kind {
	for kind, k := range kinds {
		if variable == k.general || Private(variable) && strings.HasSuffix(variable, k.suffix) {
			return kind
		}
	}
	return 0
}

// Public gives an environment, as os.Environ does, without any environment's own credentials: those are for this program alone, and no
// program that it starts needs them.
func Public(variables environ.List) []string {
	return variables.Without(func(name string) bool { return Private(strings.ToUpper(name)) })
}

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
