package credential

import (
	"slices"
	"strings"
)

// For is the variable that names hosts to which credentials may go.
const For = "FLOWMAGE_CREDENTIALS_FOR"

const prefix = "FLOWMAGE_"

// kinds are the kinds by their names in a sentence, Prefect's own variables for them, and the ends of the variables with one environment's own.
var kinds = map[Kind]struct{ name, general, suffix string }{ //nolint:gochecknoglobals // a constant table
	APIKey:     {"API key", "PREFECT_API_KEY", "_API_KEY"},
	AuthString: {"auth string", "PREFECT_API_AUTH_STRING", "_AUTH_STRING"},
	Headers:    {"custom headers", "PREFECT_CLIENT_CUSTOM_HEADERS", "_HEADERS"},
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
func Public(environ []string) []string {
	return slices.DeleteFunc(slices.Clone(environ), func(pair string) bool {
		name, _, _ := strings.Cut(pair, "=")
		return Private(strings.ToUpper(name))
	})
}
