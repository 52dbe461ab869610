package session

import (
	"fmt"

	"github.com/flowmage/flowmage/tasks/credential"
	"github.com/flowmage/flowmage/tasks/environ"
	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/secret"
)

// admission decides what goes along with requests to one server: which of the credentials that somebody has set, and which certificates are
// believed. The rule is package credential's; its facts are collected here, and what was kept back is told.
type admission struct {
	root    string // of the repository
	environ environ.List
	env     string           // the environment's name
	found   prefect.Settings // what somebody has set
	server  credential.Address

	Location // with the options that come of it
}

// admit fills in the location's options and warnings. Its error is a refusal: somebody meant a credential for this server, and it must not go there.
func (a *admission) admit() error {
	if err := prefect.CheckURL(a.server.URL); err != nil {
		return err
	}
	c, err := a.facts()
	if err != nil {
		return err
	}
	if err := credential.Refusal(c, a.env); err != nil {
		return err
	}
	a.Options = prefect.Options{URL: a.server.URL, Timeout: a.found.Timeout.Value}
	a.certify()
	for i, answer := range credential.Judge(c) {
		source := c.Sources[i]
		switch {
		case answer == credential.Goes:
			a.give(source.Kind)
		case source.Kind == credential.AuthString && credential.Keyed(a.server.URL):
			a.Warnings = append(a.Warnings, source.Name+" is not sent to Prefect Cloud, which takes an API key and no auth string")
		case a.applies() || !credential.Same(source.Beside, a.found.URL.Value): // else it is told with that address
			a.Warnings = append(a.Warnings, fmt.Sprintf("%s was given for %s and is not sent to %s", source.Name, secret.Address(source.Beside), a.server.URL))
		}
	}
	return nil
}

// applies tells whether what somebody has set is about this server: it stands beside this server's address, or beside none.
func (a *admission) applies() bool {
	return !a.found.URL.Set() || credential.Same(a.found.URL.Value, a.server.URL)
}

// facts collects what the rule for credentials wants to know of the server.
func (a *admission) facts() (credential.Case, error) {
	named, _ := a.environ.Lookup(credential.For)
	hosts, err := credential.ParseNamed(named)
	if err != nil {
		return credential.Case{}, err
	}
	c := credential.Case{Server: a.server, Named: hosts, Trust: a.trust()}
	variable := ""
	if a.found.URL.Set() && a.found.URL.From == prefect.FromEnvironment {
		variable = a.found.URL.Value
		c.Others = append(c.Others, credential.Address{URL: variable, Name: a.found.URL.Origin, Place: credential.Outside})
	}
	profile := placeOf(a.root, a.found.ProfileFile)
	if a.found.ProfileURL != "" {
		c.Others = append(c.Others, credential.Address{URL: a.found.ProfileURL, Name: a.found.ProfileFile, Place: profile})
	}
	for _, x := range credentialsIn(a.found) {
		if x.kind == credential.Headers && len(a.found.Headers.Value) == 0 {
			continue
		}
		source := credential.Source{Kind: x.kind, Name: x.origin, Place: credential.Outside}
		switch x.from {
		case prefect.FromEnvironment:
			source.Beside = variable
		case prefect.FromProfile:
			source.Name, source.Place, source.Beside = credential.General(x.kind)+" of "+x.origin, profile, a.found.ProfileURL
		case prefect.FromOwn: // it says for which environment it is, and nothing of a host
		}
		c.Sources = append(c.Sources, source)
	}
	return c, nil
}

// give adds a credential to the options, and notes which variable it came from.
func (a *admission) give(kind credential.Kind) {
	var from prefect.From
	switch kind {
	case credential.APIKey:
		a.Options.APIKey, from = a.found.APIKey.Value, a.found.APIKey.From
	case credential.AuthString:
		a.Options.AuthString, from = a.found.AuthString.Value, a.found.AuthString.From
	case credential.Headers:
		a.Options.Headers, from = a.found.Headers.Value, a.found.Headers.From
	}
	switch from {
	case prefect.FromEnvironment:
		a.variables = append(a.variables, credential.General(kind))
	case prefect.FromOwn:
		a.variables = append(a.variables, credential.Own(a.env, kind))
	case prefect.FromProfile: // no variable holds it
	}
}

// given is a credential that somebody has set, without its value.
type given struct {
	kind   credential.Kind
	origin string
	from   prefect.From
}

// credentialsIn lists the credentials that are set.
func credentialsIn(found prefect.Settings) []given {
	var out []given
	for _, x := range []given{
		{credential.APIKey, found.APIKey.Origin, found.APIKey.From},
		{credential.AuthString, found.AuthString.Origin, found.AuthString.From},
		{credential.Headers, found.Headers.Origin, found.Headers.From},
	} {
		if x.origin != "" {
			out = append(out, x)
		}
	}
	return out
}
