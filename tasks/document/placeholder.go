package document

import (
	"fmt"
	"strings"

	"github.com/flowmage/flowmage/tasks/pattern"
)

// variable finds {{ $NAME }}, a variable of the environment; the name is its group (Prefect: utilities/templating).
var variable = pattern.New(`\{\{\s*\$+([\w.\-\[\]]+)\s*\}\}`)

// How people begin the placeholder of a variable, and how Prefect wants all of it.
var (
	begun      = pattern.New(`\{\{\s*\$|\{\{\s*\{\w+\}`)
	wellFormed = pattern.New("^" + variable.String())
	identifier = pattern.New(`\w+`)
)

// Malformed gives the name of the first variable in a text whose placeholder Prefect does not know, because it has a default, braces, blanks
// after the $, or no end: Prefect would store such a text as it stands.
func Malformed(s string) (name string, found bool) {
	for _, at := range begun.FindAllStringIndex(s, -1) {
		if wellFormed.MatchString(s[at[0]:]) {
			continue
		}
		if name = identifier.FindString(s[at[0]:]); name == "" {
			name = "NAME"
		}
		return name, true
	}
	return "", false
}

// Defaulted tells whether the name in a placeholder looks like a name with something behind it, such as a default: Prefect looks it up as a
// whole. head is the name alone.
func Defaulted(name string) (head string, is bool) {
	if i := strings.IndexAny(name, "-.["); i >= 0 {
		return name[:i], true
	}
	return name, false
}

// VariableFix says how a variable is given.
func VariableFix(name string) string {
	return fmt.Sprintf("write {{ $%[1]s }}, and set %[1]s where the command runs; Prefect knows no default in a placeholder", name)
}

// Fill gives a text with the values of variables in place of their placeholders, and the names of those that are not set, which become empty.
func Fill(s string, environ func(string) (string, bool)) (filled string, unset []string) {
	if !strings.Contains(s, "{{") {
		return s, nil
	}
	filled = Replace(s, func(name, _ string) string {
		value, set := environ(name)
		if !set {
			unset = append(unset, name)
		}
		return value
	})
	return filled, unset
}

// Replace gives a text with another one in place of each {{ $NAME }}; whole is the placeholder as it stands.
func Replace(s string, with func(name, whole string) string) string {
	return variable.ReplaceAllStringFunc(s, func(whole string) string { return with(variable.FindStringSubmatch(whole)[1], whole) })
}

// Variables gives the names of the variables in a text, as often as they stand there.
func Variables(s string) []string {
	all := variable.FindAllStringSubmatch(s, -1)
	out := make([]string, 0, len(all))
	for _, found := range all {
		out = append(out, found[1])
	}
	return out
}

// Texts gives a value of JSON in which each text that is no key is another one.
func Texts(v any, change func(string) string) any {
	switch x := v.(type) {
	case string:
		return change(x)
	case map[string]any:
		out := make(map[string]any, len(x))
		for k, e := range x {
			out[k] = Texts(e, change)
		}
		return out
	case []any:
		out := make([]any, 0, len(x))
		for _, e := range x {
			out = append(out, Texts(e, change))
		}
		return out
	default:
		return v
	}
}

// FillValue gives a value of JSON with variables filled in.
func FillValue(v any, environ func(string) (string, bool)) any {
	return Texts(v, func(s string) string {
		filled, _ := Fill(s, environ)
		return filled
	})
}
