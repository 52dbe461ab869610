package prefect

import (
	"strings"

	"github.com/flowmage/flowmage/tasks/credential"
)

// Own gives the settings with the credentials that are one environment's own, FLOWMAGE_<ENV>_API_KEY, …_AUTH_STRING and …_HEADERS, in place of
// the general ones. Key and auth string are two ways of saying who one is, so either takes the place of both. Such a variable is set for
// this program alone, and never read from a file.
func (s Settings) Own(environ []string, environment string) (Settings, error) {
	set := environmentOf(environ)
	own := func(k credential.Kind) Setting[string] {
		name := credential.Own(environment, k)
		if v := strings.TrimSpace(set[name]); v != "" {
			return Setting[string]{v, name + " in the environment", FromOwn}
		}
		return Setting[string]{}
	}
	key, auth := own(credential.APIKey), own(credential.AuthString)
	if key.Set() || auth.Set() {
		s.APIKey, s.AuthString = key, auth
	}
	if headers := own(credential.Headers); headers.Set() {
		var err error
		if s.Headers, err = headersOf(nil, headers); err != nil {
			return Settings{}, err
		}
	}
	return s, nil
}
