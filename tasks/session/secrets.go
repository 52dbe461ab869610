package session

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/credential"
	"github.com/flowmage/flowmage/tasks/document"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/secret"
	"github.com/flowmage/flowmage/tasks/tree"
)

// Values are what {{ $NAME }} stands for in an environment's settings. With the zero value nothing stands for anything.
type Values struct {
	lookup   func(name string) (string, bool)
	withheld *sync.Map // names of variables that were asked for, and whose values must not go where they would have gone
}

// Lookup gives what a name stands for.
func (v Values) Lookup(name string) (string, bool) {
	if v.lookup == nil {
		return "", false
	}
	return v.lookup(name)
}

// Secrets gives what {{ $NAME }} stands for: the process's variable, else the content of the file that the settings name, without the
// last line's end. What is a secret by its name, and all that comes from files, is hidden from whatever is printed from then on. A credential
// for Prefect that may not go to the environment's server is masked. Files that can't be read are findings.
func Secrets(s *Session, env config.Env) (Values, finding.List) {
	if s.stance.Untrusted { // what nobody fills in, nobody gives away
		return Values{lookup: func(name string) (string, bool) { return "{{ $" + name + " }}", true }}, nil
	}
	files, findings := secretFiles(s, env)
	withheld := &sync.Map{}
	return Values{withheld: withheld, lookup: func(name string) (string, bool) {
		value, set := s.Environ.Lookup(name)
		if set && value != "" && !writable(s, env, name) {
			withheld.Store(name, true)
			return secret.Mask, true // told by MisplacedCredentials, or by Withheld
		}
		if set && (env.Secrets[name] != "" || secret.Named([]string{name})) {
			s.Console.Hide(value)
		}
		if !set {
			value, set = files[name]
		}
		return value, set
	}}, findings
}

// secretFiles reads the files that the settings name as secrets, but for those that a variable takes the place of.
func secretFiles(s *Session, env config.Env) (map[string]string, finding.List) {
	out := map[string]string{}
	var findings finding.List
	for _, name := range env.SecretNames() {
		if _, set := s.Environ.Lookup(name); set {
			continue
		}
		file := env.Secrets[name]
		data, err := secretFile(s, file)
		if err != nil {
			key := "secrets." + name
			at := env.Origin(key).Position
			at.Key = key
			findings = append(findings, catalogue.New("secret-file", finding.Everything(), finding.Finding{
				Position: at, Message: fmt.Sprintf("the file %s with the value of $%s can't be read", file, name),
				Why: tree.Reason(err).Error(), Fix: tree.Next(err, "write it") + ", or set the variable " + name,
			}))
			continue
		}
		out[name] = strings.TrimRight(string(data), "\r\n")
		s.Console.Hide(out[name])
	}
	return out, findings
}

// writable tells whether a variable may be written into what goes to the environment's server. One that holds a credential for Prefect may
// where the credential itself goes, and nowhere else.
func writable(s *Session, env config.Env, variable string) bool {
	if credential.KindOf(variable) == 0 {
		return true
	}
	at, err := s.Locate(env)
	return err == nil && slices.Contains(at.variables, variable)
}

// MisplacedCredentials finds texts that would write a credential for Prefect into what goes to a server that must not have it. text is a
// hand-written manifest that stands in file; without one the settings count.
func MisplacedCredentials(s *Session, env config.Env, file, text string) finding.List {
	var out finding.List
	for name, value := range s.Environ.All() {
		if value == "" || writable(s, env, name) {
			continue
		}
		places := env.Uses(name)
		if file != "" {
			places = placesIn(file, text, name)
		}
		for _, at := range places {
			out = append(out, misplaced(name, at))
		}
	}
	return out
}

// Withheld finds credentials that were asked for by what no setting says: a template of the repository's own, or a file beside flows. Those in
// told are left out. All that asks must have done so before.
func (v Values) Withheld(told finding.List) finding.List {
	if v.withheld == nil {
		return nil
	}
	var out finding.List
	v.withheld.Range(func(name, _ any) bool {
		f := misplaced(fmt.Sprint(name), config.Use{Scope: finding.Everything()})
		if !told.Tells(f) {
			out = append(out, f)
		}
		return true
	})
	return out
}

func misplaced(variable string, at config.Use) finding.Finding {
	return catalogue.New("credential-place", at.Scope, finding.Finding{
		Position: at.Position, Message: "$" + variable + " would be written to a server to which it may not be sent",
		Fix: "store it in a block there, and write {{ prefect.blocks.secret.NAME }}",
	})
}

// placesIn gives the lines of a file that take a variable, {{ $NAME }}.
func placesIn(file, text, variable string) []config.Use {
	var out []config.Use
	number := 0
	for line := range strings.Lines(text) {
		number++
		for _, name := range document.Variables(line) {
			if name == variable {
				out = append(out, config.Use{Position: finding.Position{File: file, Line: number}, Scope: finding.Everything()})
			}
		}
	}
	return out
}
