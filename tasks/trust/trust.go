// Package trust says whether a repository's own programs may be started, and keeps what lies in an untrusted one from being found.
//
// A pull request of a stranger is a repository whose every file the stranger has written. Start with [Of], which tells such a repository by what
// stands outside of it: variables of the process, and the event file of the CI system. [Surroundings] gives the environment in which nothing of
// the repository is found as a program or as somebody's configuration. [Ways] is the list of all that could start a program of the repository
// otherwise, and of how each is shut off; docs/security.md prints it, and a test walks it. [Bases] names the commit whose guards count in place
// of those that the pull request has written.
package trust

import (
	"fmt"
	"strings"

	"github.com/flowmage/flowmage/tasks/environ"
	"github.com/flowmage/flowmage/tasks/fault"
)

// Variable decides from outside: 1 for a repository that is not trusted, 0 for one that is, whatever the CI system says. It is never read from a
// file of the repository.
const Variable = "FLOWMAGE_UNTRUSTED"

// Stance is what holds for a repository. The zero value trusts it.
type Stance struct {
	Untrusted bool
	Reason    string // who says so, as the end of a sentence; empty for a trusted one
}

// Of gives the stance towards the repository at root. What the variable says counts; without it the repository is untrusted when a CI system says
// that this is a fork's pull request, or when it should say whose it is and can't. The error is a *fault.Error of code Usage for a value that is
// neither yes nor no.
func Of(environ []string, root string) (Stance, error) {
	v := variables(environ)
	said := map[bool]bool{}
	for _, value := range v.all(Variable) {
		switch strings.ToLower(value) {
		case "":
		case "1", "true", "yes", "on":
			said[true] = true
		case "0", "false", "no", "off":
			said[false] = true
		default:
			return Stance{Untrusted: true}, &fault.Error{
				Code: fault.Usage, What: fmt.Sprintf("%s is %q; nothing was run", Variable, value), Next: "set it to 1, or to 0 to trust the repository; or unset it",
			}
		}
	}
	switch {
	case said[true]:
		return Stance{true, "-untrusted or " + Variable + " says so"}, nil
	case said[false]:
		return Stance{}, nil
	}
	for _, reason := range []string{v.github(root), v.gitlab()} {
		if reason != "" {
			return Stance{true, reason}, nil
		}
	}
	return Stance{}, nil
}

// variables is a process's environment, as os.Environ gives it.
type variables []string

// all gives every value of a name, which is compared in any case, as settings' variables are.
func (v variables) all(name string) []string {
	var out []string
	for n, x := range environ.List(v).All() {
		if strings.EqualFold(n, name) {
			out = append(out, strings.TrimSpace(x))
		}
	}
	return out
}

// get gives the last value of a name, as systems do.
func (v variables) get(name string) string {
	if all := v.all(name); len(all) > 0 {
		return all[len(all)-1]
	}
	return ""
}
