package credential

import (
	"fmt"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/fault"
)

// Refusal gives the error for a case in which a credential must not go where it was meant to go, or nil. Nobody is asked and nothing was sent,
// so it is no matter of the server: code Refused. environment is for the names of variables.
func Refusal(c Case, environment string) error {
	answers := Judge(c)
	at := slices.IndexFunc(answers, Answer.Refused)
	if at < 0 {
		return nil
	}
	var names []string
	for i, a := range answers {
		if a == answers[at] {
			names = append(names, c.Sources[i].Name)
		}
	}
	to, readable := OriginOf(c.Server.URL)
	f := &fault.Error{Code: fault.Refused, Where: c.Server.Name, What: strings.Join(names, " and ") + ": not sent to " + to.String()}
	if !readable {
		f.What = strings.Join(names, " and ") + ": not sent"
	}
	switch answers[at] {
	case Plain:
		f.Why = "by plain http everybody on the way could read it; that is allowed to this machine only (127.0.0.1, [::1], localhost)"
		f.Next = "give the server https, or reach it through a tunnel: ssh -L 4200:127.0.0.1:4200 " + to.Host + ", and http://127.0.0.1:4200/api as its address"
	case Unreadable:
		f.Why = "of the server's address not every program makes the same host"
		f.Next = "write it as https://host/api or https://host:port/api: no user, no dot behind the name, ASCII letters (xn--… for others), no zone"
	case Loose:
		f.Why, f.Next = loose(c.Trust[c.loose()])
	case Unnamed, Goes, Belongs:
		f.Why, f.Next = unnamed(c, c.Sources[at], to, environment)
	}
	return f
}

func loose(t Trust) (why, next string) {
	next = "keep the CA's certificate outside of the repository, and let " + t.Variable + " name it there"
	if t.Off {
		next = "have certificates verified: export PREFECT_API_TLS_INSECURE_SKIP_VERIFY=false"
	}
	return t.Name + " decides which certificates are good, and it is the repository's: who can change it could read what is sent", next
}

// unnamed explains the usual set-up of a CI job, a key among its secrets and the address in a file, and gives the lines to add.
func unnamed(c Case, s Source, to Origin, environment string) (why, next string) {
	why = "that address stands in the repository only, and whoever can change it could have the credential sent to a server of theirs"
	if other, ok := near(c.Named, to); ok {
		why += "; " + For + " names " + other + ", which is another one"
	}
	next = fmt.Sprintf(`if it is the right server, name it beside the credential: export %[1]s=%[2]s
GitHub Actions, at the job:    env: {%[1]s: "%[2]s"}
GitLab CI, at the job:         variables: {%[1]s: "%[2]s"}
FLOWMAGE_SERVER__URL=%[3]s does as well. If it is not meant for %[4]s, unset it`,
		For, to.Short(), c.Server.URL, environment)
	if !strings.Contains(s.Name, Own(environment, s.Kind)) {
		next += fmt.Sprintf("; %s holds one for %s alone", Own(environment, s.Kind), environment)
	}
	return why, next
}
