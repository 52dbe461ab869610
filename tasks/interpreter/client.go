package interpreter

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
)

// AuthVariable is where Prefect's programs find the auth string.
const AuthVariable = "PREFECT_API_AUTH_STRING"

// headersAsText is the first release of Prefect that takes custom headers as a text in JSON's quotes.
const headersAsText = "3.5.0"

// headersVariable is where Prefect's programs find custom headers.
const headersVariable = "PREFECT_CLIENT_CUSTOM_HEADERS"

// ClientEnviron is the environment for a program of Prefect's that talks to the server at address, an empty one for none; more are further
// variables, as NAME=VALUE, which win. Whatever decides where it sends what, and which certificates it believes, is always there: Prefect would
// read what is not set from .env, prefect.toml or pyproject.toml in the folder where it runs, which is the repository's. Empty is "none" for
// Prefect, too.
func (i *Installation) ClientEnviron(env Env, address string, more []string) Variables {
	v := i.Environ(env)
	v = v.With("PREFECT_API_URL", address).With("PREFECT_API_KEY", "").With(AuthVariable, "").With(headersVariable, "{}").
		With("PREFECT_API_TLS_INSECURE_SKIP_VERIFY", "false").
		With("PREFECT_API_SSL_CERT_FILE", v.Get("SSL_CERT_FILE")). // Prefect's own default
		All(more)
	if headers := v.Get(headersVariable); strings.HasPrefix(headers, "{") && !Before(env.Prefect, headersAsText) {
		// Prefect adds an object in a file to one in a variable, but a text in the variable counts alone.
		if text, err := json.Marshal(headers); err == nil {
			v = v.With(headersVariable, string(text))
		}
	}
	return v
}

// Before compares releases of Prefect by their three numbers.
func Before(release, than string) bool {
	numbers := func(text string) (n [3]int) {
		_, _ = fmt.Sscanf(text, "%d.%d.%d", &n[0], &n[1], &n[2]) // what is missing counts as zero
		return n
	}
	a, b := numbers(release), numbers(than)
	return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1]), cmp.Compare(a[2], b[2])) < 0
}
