package session

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/credential"
	"github.com/flowmage/flowmage/tasks/local"
	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/secret"
)

// Location is where an environment's server is, and what may be sent there.
type Location struct {
	Origin   string          // where its address came from, for people
	UI       string          // the UI's address; empty for the embedded server
	Embedded *local.Local    // the embedded environment, if the server is that one's; else nil
	Options  prefect.Options // for a client; without address and auth string for the embedded server, which has them once it is started
	Warnings []string        // of what was kept back, in whole sentences

	variables []string // whose credentials are among the options
}

// Locate finds the server's address and the credentials that may go there; it neither asks nor starts the server. What the settings name comes
// first; dev alone falls back to what a Prefect user has set (PREFECT_API_URL, the active profile), and then to the embedded server. The error
// is a refusal where somebody meant a credential for this server and it must not go there.
func (s *Session) Locate(env config.Env) (Location, error) {
	found, err := discover(s, env.Name)
	if err != nil {
		return Location{}, err
	}
	server, ui := addressOf(s, env, found)
	if server.URL == "" {
		return embedded(s, env, found), nil
	}
	a := admission{
		root: s.Root, environ: s.Environ, env: env.Name, found: found, server: server,
		Location: Location{Origin: server.Name, UI: ui, Warnings: found.Warnings},
	}
	if err := a.admit(); err != nil {
		return Location{}, err
	}
	if !a.applies() {
		a.Warnings = append(a.Warnings, a.ignored())
	}
	return a.Location, nil
}

// discover reads what a Prefect user has set, with the environment's own credentials, and hides all that is secret of it.
func discover(s *Session, environment string) (prefect.Settings, error) {
	for name, value := range s.Environ.All() {
		switch k := credential.KindOf(name); {
		case k == credential.APIKey || k == credential.AuthString:
			hideCredential(s, strings.TrimSpace(value))
		case name == "PREFECT_API_URL" || name == "PREFECT_UI_URL" || strings.HasSuffix(strings.ToUpper(name), "_PROXY"):
			hidePasswords(s, value)
		}
	}
	found, err := prefect.Discover(s.Environ)
	if err != nil {
		return found, err
	}
	for _, address := range []string{found.URL.Value, found.ProfileURL, found.UIURL.Value} {
		hidePasswords(s, address)
	}
	found, err = found.Own(s.Environ, environment)
	hideCredential(s, found.APIKey.Value)
	hideCredential(s, found.AuthString.Value)
	for name, value := range found.Headers.Value {
		if secret.Named([]string{name}) || secret.Looks(value) {
			hideCredential(s, value)
		}
	}
	return found, err
}

// addressOf gives the address of a server that is not the embedded one, who has written it, and the address of its UI.
func addressOf(s *Session, env config.Env, found prefect.Settings) (server credential.Address, ui string) {
	switch {
	case env.Server.URL != "":
		server = credential.Address{URL: env.Server.URL, Name: env.Place("server.url")}
		if env.Outside("server.url") {
			server.Place = credential.Outside
		}
		return server, env.Server.Dashboard()
	case found.URL.Set():
		server = credential.Address{URL: found.URL.Value, Name: found.URL.Origin, Place: credential.Outside}
		if found.URL.From == prefect.FromProfile {
			server.Place = placeOf(s.Root, found.ProfileFile)
		}
		return server, cmp.Or(found.UIURL.Value, prefect.UIBase(found.URL.Value))
	default:
		return credential.Address{}, ""
	}
}

// embedded is the location of the embedded server. Credentials of other servers must not go there.
func embedded(s *Session, env config.Env, found prefect.Settings) Location {
	at := Location{Origin: "embedded in .flowmage/", Embedded: s.Embedded(env), Warnings: found.Warnings}
	for _, x := range credentialsIn(found) {
		if x.from == prefect.FromOwn {
			at.Warnings = append(at.Warnings, fmt.Sprintf("%s is not used: the server of %s is the embedded one", x.origin, env.Name))
		}
	}
	at.Options = prefect.Options{
		Timeout: found.Timeout.Value, Ended: at.Embedded.Ended,
		Start: "mage env:up starts the embedded server again, and mage env:logs tells why it ended; then run the command again",
	}
	return at
}

// ignored says that the address which a Prefect user has set is not the environment's.
func (a *admission) ignored() string {
	with := ", with its credentials"
	if o := a.Options; o.APIKey != "" || o.AuthString != "" || len(o.Headers) > 0 {
		with = ""
	}
	return fmt.Sprintf("%s (%s) is not %s's server and is ignored%s; %s names %s",
		secret.Address(a.found.URL.Value), a.found.URL.Origin, a.env, with, a.server.Name, a.server.URL)
}
