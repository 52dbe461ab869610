package session

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/credential"
	"github.com/flowmage/flowmage/tasks/document"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/secret"
	"github.com/flowmage/flowmage/tasks/tree"
)

// HideSecrets hides every value that is a secret by the name of its setting or variable.
func HideSecrets(s *Session, env config.Env) {
	for _, text := range env.Hidden() {
		if ownSecret(s, text) {
			s.Console.Hide(text)
		}
	}
	for name, value := range s.Environ.all() {
		place := name == "PWD" || name == "OLDPWD" || name == "SSH_AUTH_SOCK" || name == credential.For // no secrets, whatever their names say
		if !place && secret.Named([]string{name}) {
			s.Console.Hide(value)
		}
	}
	_, _ = Secrets(s, env) // the files that the settings name
}

// Secrets gives what {{ $NAME }} stands for: the process's variable, else the content of the file that the settings name, without the
// last line's end. What is a secret by its name, and all that comes from files, is hidden from whatever is printed from then on. Files that
// can't be read are findings.
func Secrets(s *Session, env config.Env) (func(name string) (string, bool), finding.List) {
	if s.Untrusted { // what nobody fills in, nobody gives away
		return func(name string) (string, bool) { return "{{ $" + name + " }}", true }, nil
	}
	values := map[string]string{}
	var findings finding.List
	for _, name := range env.SecretNames() {
		if _, set := s.Environ.Lookup(name); set {
			continue
		}
		file := env.Secrets[name]
		data, err := secretFile(s, file)
		if err != nil {
			key := "secrets." + name
			at := env.Origin(key)
			at.Key = key
			findings = append(findings, finding.Finding{
				Code: "secret-file", Severity: finding.Error, Position: at, Message: fmt.Sprintf("the file %s with the value of $%s can't be read", file, name),
				Why: tree.Reason(err).Error(), Fix: tree.Next(err, "write it") + ", or set the variable " + name,
			})
			continue
		}
		values[name] = strings.TrimRight(string(data), "\r\n")
		s.Console.Hide(values[name])
	}
	return func(name string) (string, bool) {
		value, set := s.Environ.Lookup(name)
		if set && value != "" && !writable(s, env, name) {
			s.withheld.Store(name, true)
			return secret.Mask, true // told by unwritable, or by withheldElsewhere
		}
		if set && (env.Secrets[name] != "" || secret.Named([]string{name})) {
			s.Console.Hide(value)
		}
		if !set {
			value, set = values[name]
		}
		return value, set
	}, findings
}

// MisplacedCredentials finds texts that would write a credential for Prefect into what goes to a server that must not have it. text is a hand-written
// manifest that stands in file; without one the settings count.
func MisplacedCredentials(s *Session, env config.Env, file, text string) finding.List {
	var out finding.List
	for name, value := range s.Environ.all() {
		if value == "" || writable(s, env, name) {
			continue
		}
		for _, at := range placesOf(env, name, file, text) {
			out = append(out, credentialPlace(name, at))
		}
	}
	return out
}

const misplacedCode = "credential-place"

func credentialPlace(variable string, at finding.Position) finding.Finding {
	return finding.Finding{
		Code: misplacedCode, Severity: finding.Error, Position: at, Message: "$" + variable + " would be written to a server to which it may not be sent",
		Why: "it is a credential for Prefect: docs/security.md#credentials", Fix: "store it in a block there, and write {{ prefect.blocks.secret.NAME }}",
	}
}

// WithheldCredentials finds credentials that were asked for by what no setting says: a template of the repository's own, or a file beside flows.
func WithheldCredentials(s *Session, told finding.List) finding.List {
	var out finding.List
	s.withheld.Range(func(name, _ any) bool {
		f := credentialPlace(fmt.Sprint(name), finding.Position{})
		if !slices.ContainsFunc(told, func(t finding.Finding) bool { return t.Code == f.Code && t.Message == f.Message }) {
			out = append(out, f)
		}
		return true
	})
	return out
}

func placesOf(env config.Env, variable, file, text string) []finding.Position {
	if file == "" {
		return env.Uses(variable)
	}
	var out []finding.Position
	number := 0
	for line := range strings.Lines(text) {
		number++
		for _, m := range document.Variable.FindAllStringSubmatch(line, -1) {
			if m[1] == variable {
				out = append(out, finding.Position{File: file, Line: number})
			}
		}
	}
	return out
}

// Shared leaves out the findings about secrets in files that git does not keep: those are one person's own.
func (s *Session) Shared(ctx context.Context, list finding.List) finding.List {
	var files []string
	for _, f := range list {
		if f.Code == config.LiteralCode && !slices.Contains(files, f.Position.File) {
			files = append(files, f.Position.File)
		}
	}
	if len(files) == 0 {
		return list
	}
	tracked, err := s.Git.Tracked(ctx, files...)
	if err != nil { // no repository yet; the files will be shared when there is one
		return list
	}
	return slices.DeleteFunc(slices.Clone(list), func(f finding.Finding) bool {
		return f.Code == config.LiteralCode && !tracked[filepath.ToSlash(s.Relative(s.File(f.Position.File)))]
	})
}

// concealEnviron hides what is secret among the variables of the process, whoever prints it: a child, a server, a step.
func concealEnviron(s *Session) {
	for name, value := range s.Environ.all() {
		if name == "SSH_AUTH_SOCK" || name == credential.For { // no secrets, whatever their names say
			continue
		}
		for _, part := range secret.Parts(name, value) {
			if secret.Distinct(part) {
				s.Console.Hide(part)
			}
		}
	}
}

// concealSettings hides the secrets that stand in settings themselves, wherever they turn up.
func concealSettings(s *Session, env config.Env) {
	for _, part := range env.Literals() {
		if secret.Distinct(part) && ownSecret(s, part) {
			s.Console.Hide(part)
		}
	}
}

// ownSecret tells whether a text of a setting may be hidden in all that is printed. A stranger's may not: who can have texts hidden would choose
// some of our own, such as a warning's. Nor is a sentence a secret, or anything that holds a text of ours together, unless it
// has the form of one, as a private key has.
func ownSecret(s *Session, text string) bool {
	return !s.Untrusted && (secret.Looks(text) || !strings.ContainsFunc(text, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune("\"'`", r)
	}))
}
