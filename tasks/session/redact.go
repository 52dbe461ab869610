package session

import (
	"encoding/base64"
	"strings"
	"unicode"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/credential"
	"github.com/flowmage/flowmage/tasks/secret"
)

// HideSecrets keeps out of whatever is printed from then on what is a secret by the name of its setting or variable, and the content of the
// files that settings name as secrets. It is for commands that show texts of others, such as logs.
func HideSecrets(s *Session, env config.Env) {
	for _, text := range env.Hidden() {
		if hideable(s, text) {
			s.Console.Hide(text)
		}
	}
	for name, value := range s.Environ.All() {
		if !public(name) && name != "PWD" && name != "OLDPWD" && secret.Named([]string{name}) {
			s.Console.Hide(value)
		}
	}
	_, _ = Secrets(s, env) // the files
}

// hideEnviron hides what is secret among the process's variables, whoever prints it: a child, a server, a step.
func hideEnviron(s *Session) {
	for name, value := range s.Environ.All() {
		if public(name) {
			continue
		}
		for _, part := range secret.Parts(name, value) {
			if secret.Distinct(part) {
				s.Console.Hide(part)
			}
		}
	}
}

// public tells of variables that hold no secret, whatever their names say.
func public(variable string) bool { return variable == "SSH_AUTH_SOCK" || variable == credential.For }

// hideLiterals hides the secrets that stand in the settings themselves.
func hideLiterals(s *Session, env config.Env) {
	for _, part := range env.Literals() {
		if secret.Distinct(part) && hideable(s, part) {
			s.Console.Hide(part)
		}
	}
}

// hideable tells whether a text of a setting may be hidden in all that is printed. A stranger's may not: who can have texts hidden would choose
// some of our own, such as a warning's. Nor is a sentence a secret, or anything with the marks that hold our own texts together, unless it
// has the form of one, as a private key has.
func hideable(s *Session, text string) bool {
	return !s.stance.Untrusted && (secret.Looks(text) || !strings.ContainsFunc(text, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune("\"'`", r)
	}))
}

// hideCredential hides a credential, its password alone, and what becomes of it in a request.
func hideCredential(s *Session, value string) {
	_, password, _ := strings.Cut(value, ":")
	for _, text := range []string{value, password, base64.StdEncoding.EncodeToString([]byte(value))} {
		s.Console.Hide(text)
	}
}

// hidePasswords hides the passwords in an address.
func hidePasswords(s *Session, address string) {
	for _, text := range secret.Passwords(address) {
		s.Console.Hide(text)
	}
}
