package config

import (
	"cmp"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/credential"
	"github.com/flowmage/flowmage/tasks/document"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/setting"
)

// credential judges a variable that holds one environment's own credential. Its value is no setting, and is not looked at here.
func (r *reader) credential(name string, root fs.FS) {
	names, err := List(root)
	if err != nil {
		return // told already
	}
	switch of := credential.OwnedBy(name, names); {
	case len(of) == 1:
	case len(of) > 1:
		r.report(nil, nil, setting.Problem{
			Code: "variable-ambiguous", Warning: true, Message: fmt.Sprintf("it is read for the environments %s: variables can't spell the difference", strings.Join(of, " and ")),
			Fix: "rename one of them",
		})
	default:
		var known []string
		for _, e := range names {
			for _, k := range []credential.Kind{credential.APIKey, credential.AuthString, credential.Headers} {
				known = append(known, credential.Own(e, k))
			}
		}
		near := finding.Nearest(name, known)
		if upper := strings.ToUpper(name); slices.Contains(known, upper) {
			near = upper
		} else if e := credentialAlias(name); slices.Contains(known, e) {
			near = e
		}
		r.report(nil, nil, setting.Problem{
			Code: "variable-unknown", Warning: true, Message: "there is no environment for this credential, so nothing reads it",
			Fix: finding.Meant(near, "the environments are "+strings.Join(names, ", ")),
		})
	}
}

// credentialAlias gives the variable with the environment's real name for one with its other name.
func credentialAlias(name string) string {
	for _, alias := range []string{"development", "production"} {
		if rest, ok := strings.CutPrefix(strings.ToUpper(name), prefix+strings.ToUpper(alias)+"_"); ok {
			return prefix + strings.ToUpper(canonical(alias)) + "_" + rest
		}
	}
	return ""
}

// Use is a setting that takes a variable: where it stands, and whom it is for.
type Use struct {
	finding.Position
	Scope finding.Scope
}

// Uses gives the settings that take a variable, {{ $NAME }}.
func (e Env) Uses(variable string) []Use {
	var out []Use
	each(e.values, nil, false, func(path []string, _ bool, text string) {
		if slices.Contains(document.Variables(text), variable) {
			path = listed(path)
			key := setting.Show(path)
			out = append(out, Use{e.Origin(key).Keyed(key), e.scope(path)})
		}
	})
	slices.SortFunc(out, func(a, b Use) int { return cmp.Compare(a.String(), b.String()) })
	return slices.Compact(out)
}

// Outside tells whether a setting was made by whoever runs the command, by a variable or a flag, and by no file of the repository.
func (e Env) Outside(key string) bool { return e.Origin(key).outside() }
