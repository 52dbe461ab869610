package session

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/credential"
	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/secret"
	"github.com/flowmage/flowmage/tasks/trust"
)

// CredentialsOf gives the variables by which Prefect's own programs get what a server asks for.
func CredentialsOf(o prefect.Options) []string {
	var out []string
	add := func(name, value string) {
		if value != "" {
			out = append(out, name+"="+value)
		}
	}
	add("PREFECT_API_KEY", o.APIKey)
	add("PREFECT_API_AUTH_STRING", o.AuthString)
	add("PREFECT_API_SSL_CERT_FILE", o.CAFile)
	if o.Insecure {
		add("PREFECT_API_TLS_INSECURE_SKIP_VERIFY", "true")
	}
	if len(o.Headers) > 0 {
		if text, err := json.Marshal(o.Headers); err == nil {
			add("PREFECT_CLIENT_CUSTOM_HEADERS", string(text))
		}
	}
	return out
}

// found reads what a Prefect user has set, with the environment's own credentials, and hides all of it.
func found(s *Session, environment string) (prefect.Settings, error) {
	for name, value := range s.Environ.all() {
		switch k := credential.KindOf(name); {
		case k == credential.APIKey || k == credential.AuthString:
			hide(s, strings.TrimSpace(value))
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
	hide(s, found.APIKey.Value)
	hide(s, found.AuthString.Value)
	for name, value := range found.Headers.Value {
		if secret.Named([]string{name}) || secret.Looks(value) {
			hide(s, value)
		}
	}
	return found, err
}

// hide hides a credential, its password alone, and what becomes of it in a request.
func hide(s *Session, value string) {
	_, password, _ := strings.Cut(value, ":")
	for _, text := range []string{value, password, base64.StdEncoding.EncodeToString([]byte(value))} {
		s.Console.Hide(text)
	}
}

func hidePasswords(s *Session, address string) {
	for _, text := range secret.Passwords(address) {
		s.Console.Hide(text)
	}
}

// admit gives located the options for a server with those credentials that may go there, and warnings of those that were kept back. Its error
// is a refusal: somebody meant a credential for this server, and it must not go there.
func admit(s *Session, at *Location, env config.Env, found prefect.Settings, server credential.Address) error {
	if err := prefect.CheckURL(server.URL); err != nil {
		return err
	}
	c, err := judged(s, found, server)
	if err != nil {
		return err
	}
	if err := credential.Refusal(c, env.Name); err != nil {
		return err
	}
	options := prefect.Options{URL: server.URL, Timeout: found.Timeout.Value}
	ours := !found.URL.Set() || credential.Same(found.URL.Value, server.URL)
	if ours {
		options.CAFile, options.Insecure = found.CAFile.Value, found.Insecure.Value
	} else { // what was set for another server says nothing of this one's certificate
		options.CAVariable = "SSL_CERT_FILE"
		options.CAFile, _ = s.Environ.Lookup(options.CAVariable)
		at.Warnings = append(at.Warnings, unverified(s, found, server)...)
	}
	for i, a := range credential.Judge(c) {
		source := c.Sources[i]
		switch {
		case a == credential.Goes:
			at.give(&options, env.Name, found, source.Kind)
		case source.Kind == credential.AuthString && credential.Keyed(server.URL):
			at.Warnings = append(at.Warnings, source.Name+" is not sent to Prefect Cloud, which takes an API key and no auth string")
		case ours || !credential.Same(source.Beside, found.URL.Value): // else it is told with that address
			at.Warnings = append(at.Warnings, fmt.Sprintf("%s was given for %s and is not sent to %s", source.Name, secret.Address(source.Beside), server.URL))
		}
	}
	at.Options = options
	return nil
}

// unverified says of what decides on the certificate of another server that it does not on this one's.
func unverified(s *Session, found prefect.Settings, server credential.Address) []string {
	if to, ok := credential.OriginOf(server.URL); !ok || to.Scheme != "https" {
		return nil
	}
	var out []string
	other := secret.Address(found.URL.Value)
	if usual, _ := s.Environ.Lookup("SSL_CERT_FILE"); usual == "" && found.CAFile.Set() {
		out = append(out, fmt.Sprintf("PREFECT_API_SSL_CERT_FILE (%s) was set for %s and is not used for %s; SSL_CERT_FILE=%s counts for every server",
			found.CAFile.Origin, other, server.URL, found.CAFile.Value))
	}
	if found.Insecure.Value {
		out = append(out, fmt.Sprintf("PREFECT_API_TLS_INSECURE_SKIP_VERIFY (%s) was set for %s; the certificate of %s is verified",
			found.Insecure.Origin, other, server.URL))
	}
	return out
}

// give adds a credential to the options, and notes which variable it came from.
func (at *Location) give(options *prefect.Options, env string, found prefect.Settings, kind credential.Kind) {
	var from prefect.From
	switch kind {
	case credential.APIKey:
		options.APIKey, from = found.APIKey.Value, found.APIKey.From
	case credential.AuthString:
		options.AuthString, from = found.AuthString.Value, found.AuthString.From
	case credential.Headers:
		options.Headers, from = found.Headers.Value, found.Headers.From
	}
	switch from {
	case prefect.FromEnvironment:
		at.admitted = append(at.admitted, credential.General(kind))
	case prefect.FromOwn:
		at.admitted = append(at.admitted, credential.Own(env, kind))
	case prefect.FromProfile: // no variable holds it
	}
}

// judged collects what the rule for credentials wants to know of a server.
func judged(s *Session, found prefect.Settings, server credential.Address) (credential.Case, error) {
	named, _ := s.Environ.Lookup(credential.For)
	hosts, err := credential.ParseNamed(named)
	if err != nil {
		return credential.Case{}, err
	}
	c := credential.Case{Server: server, Named: hosts}
	variable := ""
	if found.URL.Set() && found.URL.From == prefect.FromEnvironment {
		variable = found.URL.Value
		c.Others = append(c.Others, credential.Address{URL: variable, Name: found.URL.Origin, Place: credential.Outside})
	}
	profile := placeOfFile(s, found.ProfileFile)
	if found.ProfileURL != "" {
		c.Others = append(c.Others, credential.Address{URL: found.ProfileURL, Name: found.ProfileFile, Place: profile})
	}
	add := func(k credential.Kind, set prefect.Setting[string]) {
		if !set.Set() {
			return
		}
		x := credential.Source{Kind: k, Name: set.Origin, Place: credential.Outside}
		switch set.From {
		case prefect.FromEnvironment:
			x.Beside = variable
		case prefect.FromProfile:
			x.Name, x.Place, x.Beside = credential.General(k)+" of "+set.Origin, profile, found.ProfileURL
		case prefect.FromOwn: // it says for which environment it is, and nothing of a host
		}
		c.Sources = append(c.Sources, x)
	}
	add(credential.APIKey, found.APIKey)
	add(credential.AuthString, found.AuthString)
	if len(found.Headers.Value) > 0 {
		add(credential.Headers, prefect.Setting[string]{Value: "set", Origin: found.Headers.Origin, From: found.Headers.From})
	}
	c.Trust = system(s)
	if !found.URL.Set() || credential.Same(found.URL.Value, server.URL) {
		c.Trust = append(c.Trust, certificates(s, found, profile)...)
	}
	return c, nil
}

// system gives what says which certificates this machine trusts: Go and Python ask these variables whatever the server, and take them for
// the system's own.
func system(s *Session) []credential.Trust {
	var out []credential.Trust
	for _, name := range []string{"SSL_CERT_FILE", "SSL_CERT_DIR"} {
		list, _ := s.Environ.Lookup(name)
		for _, path := range filepath.SplitList(list) {
			if path != "" {
				out = append(out, credential.Trust{Name: path + " (" + name + " in the environment)", Place: placeOfFile(s, path), Variable: name})
			}
		}
	}
	return out
}

// certificates gives what makes the connection trust other certificates than the system does.
func certificates(s *Session, found prefect.Settings, profile credential.Place) []credential.Trust {
	var out []credential.Trust
	placeOf := func(from prefect.From) credential.Place {
		if from == prefect.FromProfile {
			return profile
		}
		return credential.Outside
	}
	if found.Insecure.Value {
		out = append(out, credential.Trust{Name: found.Insecure.Origin, Place: placeOf(found.Insecure.From), Off: true})
	}
	if found.CAFile.Set() {
		place := min(placeOf(found.CAFile.From), placeOfFile(s, found.CAFile.Value))
		out = append(out, credential.Trust{Name: found.CAFile.Value + " (" + found.CAFile.Origin + ")", Place: place, Variable: "PREFECT_API_SSL_CERT_FILE"})
	}
	return out
}

// placeOfFile tells whether a file or folder is the repository's: it lies in the work tree, or the way to it leads through it, or ends there. An empty path is
// Outside: nobody's file.
func placeOfFile(s *Session, file string) credential.Place {
	if file == "" {
		return credential.Outside
	}
	if !filepath.IsAbs(file) {
		file = filepath.Join(s.Root, file)
	}
	root, err := os.Stat(trust.Top(s.Root))
	if err != nil {
		return credential.Repository
	}
	target, err := filepath.EvalSymlinks(file)
	if err != nil {
		target = file // it does not exist, which is told when it is read
	}
	for _, path := range []string{file, target} {
		for at := path; ; at = filepath.Dir(at) {
			if folder, err := os.Stat(at); err == nil && os.SameFile(folder, root) {
				return credential.Repository
			}
			if at == filepath.Dir(at) {
				break
			}
		}
	}
	return credential.Outside
}

// writable tells whether a variable may be written into what goes to the environment's server. One that holds a credential for Prefect may
// where the credential itself goes, and nowhere else.
func writable(s *Session, env config.Env, variable string) bool {
	if credential.KindOf(variable) == 0 {
		return true
	}
	at, err := s.Locate(env)
	return err == nil && slices.Contains(at.admitted, variable)
}

// Direct gives the variables by which Prefect's own programs go to a server on this machine without a proxy, which would read what is sent by
// plain http. For the usual names of this machine package local sees to it.
func Direct(s *Session, address string) []string {
	to, ok := credential.OriginOf(address)
	if !ok || !to.Loopback() || to.Host == "127.0.0.1" || to.Host == "localhost" {
		return nil
	}
	var out []string
	for _, name := range []string{"NO_PROXY", "no_proxy"} {
		exempt, _ := s.Environ.Lookup(name)
		out = append(out, name+"="+strings.TrimPrefix(exempt+",127.0.0.1,localhost,"+to.Host, ","))
	}
	return out
}

// unsent says of an environment's own credentials that the embedded server gets none.
func unsent(env config.Env, found prefect.Settings) []string {
	var out []string
	say := func(from prefect.From, origin string) {
		if from == prefect.FromOwn {
			out = append(out, fmt.Sprintf("%s is not used: the server of %s is the embedded one", origin, env.Name))
		}
	}
	say(found.APIKey.From, found.APIKey.Origin)
	say(found.AuthString.From, found.AuthString.Origin)
	say(found.Headers.From, found.Headers.Origin)
	return out
}
