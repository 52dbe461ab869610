// Package credential decides to which server a credential goes, and to which it does not.
//
// Start with [Judge]. It gets plain values, who has written which address and which credential, and answers for each credential. The rule:
//
//   - an API key goes to Prefect Cloud over https, and nothing more has to be said; an auth string, which is of no use there, never does;
//   - otherwise a credential goes to scheme, host and port of the address that stands beside it. One without an address beside it goes where
//     an address outside of the repository leads, and to no address that only a file of the repository names;
//   - both may be widened by naming a host on purpose, see [ParseNamed];
//   - nothing goes over plain http to another machine, and nothing from outside where the repository says which certificates are good.
//
// Nothing here reads files, variables or the network; origin.go compares addresses, refusal.go says what to do.
package credential

import (
	"slices"
)

// Place tells who has written a value. The zero value is the one that is trusted less.
type Place int

const (
	// Repository is all that a commit can change: envs/, .env, prefect.toml, pyproject.toml, a certificate beside them.
	Repository Place = iota
	// Outside is what whoever runs the command has said: variables of the process, flags, files of their own.
	Outside
)

// Kind is one of the things that let somebody in.
type Kind int

// The kinds. Headers count as credentials, all of them: a proxy in front of a server lets in by them.
const (
	APIKey Kind = iota + 1
	AuthString
	Headers
)

// Source is a credential, without its value.
type Source struct {
	Kind  Kind
	Name  string // as people know it: "PREFECT_API_KEY in the environment"
	Place Place
	// Beside is the address that stands in the same place, which is the one that the credential was given for. Empty when there is none.
	Beside string
}

// Address is the address of an API, and who says so.
type Address struct {
	URL   string
	Name  string // the place of the address: "envs/prod.yaml:3"
	Place Place
}

// Trust is something that makes the connection trust other certificates than the system does: a CA's file, or verification switched off.
type Trust struct {
	Name  string
	Place Place // of the setting, or of the file that it names: the one that is trusted less

	Variable string // by which somebody names another file
	Off      bool   // nothing is verified
}

// Case is all that the rule looks at.
type Case struct {
	Server  Address   // where requests will go
	Others  []Address // further addresses that are known
	Named   []Named   // hosts that were named on purpose
	Sources []Source
	Trust   []Trust
}

// Answer is what becomes of a credential.
type Answer int

// The answers. Those after Belongs are refusals: somebody meant the credential for this server, and it must not go there.
const (
	// Goes to the server.
	Goes Answer = iota + 1
	// Belongs elsewhere: it stays here, and nothing is wrong.
	Belongs
	// Plain would show it to everybody on the way.
	Plain
	// Unreadable is an address that other programs may read as another one.
	Unreadable
	// Unnamed is a server that only the repository names.
	Unnamed
	// Loose is a server whose certificate is checked as the repository likes.
	Loose
)

// Keyed tells whether the address is Prefect Cloud's, which takes an API key and no auth string.
func Keyed(address string) bool {
	to, ok := OriginOf(address)
	return ok && to == cloud
}

// Refused tells whether the answer must stop the command.
func (a Answer) Refused() bool { return a > Belongs }

// Judge answers for each of the case's sources, in their order.
func Judge(c Case) []Answer {
	out := make([]Answer, 0, len(c.Sources))
	for _, s := range c.Sources {
		out = append(out, c.judge(s))
	}
	return out
}

func (c Case) judge(s Source) Answer {
	to, readable := OriginOf(c.Server.URL)
	given := readable && c.given(s, to)
	switch {
	case s.Kind == AuthString && to == cloud:
		return Belongs
	case !given && s.Beside != "" && s.Beside != c.Server.URL:
		return Belongs
	case !readable:
		return Unreadable
	case to.Exposed():
		return Plain
	case !given:
		return Unnamed
	case to.Scheme == https && s.Place == Outside && c.loose() >= 0:
		return Loose
	default:
		return Goes
	}
}

// given tells whether a credential was given for an origin.
func (c Case) given(s Source, to Origin) bool {
	if s.Kind == APIKey && to == cloud {
		return true
	}
	if slices.ContainsFunc(c.Named, func(n Named) bool { return slices.Contains(n.origins, to) }) {
		return true
	}
	if s.Beside != "" {
		own, ok := OriginOf(s.Beside)
		return ok && own == to
	}
	return slices.ContainsFunc(append([]Address{c.Server}, c.Others...), func(a Address) bool {
		own, ok := OriginOf(a.URL)
		return ok && a.Place == Outside && own == to
	})
}

// loose gives what the repository trusts in place of the system; -1 for nothing.
func (c Case) loose() int {
	return slices.IndexFunc(c.Trust, func(t Trust) bool { return t.Place == Repository })
}
