package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/document"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/secret"
	"github.com/flowmage/flowmage/tasks/setting"
)

// told gives the path by which a value is judged to be a secret. Settings that only say where one is have names that sound like one.
func told(path []string) []string {
	if path[0] == "secrets" || len(path) == 3 && path[0] == "code" && path[2] == "credentials" {
		return nil
	}
	return path
}

// revealed finds secrets in what stands below path: those that are written into files, and those that go where nobody would take them
// for one, so that plans and receipts would show them.
func (e Env) revealed(v any, path []string) finding.List {
	var out finding.List
	each(v, path, len(path) > 0 && secret.Named(told(path)), func(path []string, named bool, text string) {
		if !named && !strings.Contains(text, "{{") && !secret.Looks(text) {
			return // nearly all
		}
		path = listed(path)
		key := setting.Show(path)
		at := e.Origin(key)
		f, found := Literal(e.scope(path), key, text, secret.Named(told(path)))
		if f.Position = at.Position; found && !strings.HasPrefix(at.File, "<") && e.Shared(at.File) {
			out = append(out, f)
		}
		if f, found := e.Misplaced(key, path, text); found {
			f.Position = at.Position
			out = append(out, f)
		}
	})
	return out
}

// listed gives the path of the list for one of its elements, which stands where the list does; any other as it is.
func listed(path []string) []string {
	if last := len(path) - 1; setting.IsIndex(path[last]) {
		return path[:last]
	}
	return path
}

// Texts calls found for every text among the settings, with its path.
func (e Env) Texts(found func(path []string, text string)) {
	each(e.values, nil, false, func(path []string, _ bool, text string) { found(path, text) })
}

// each calls found for every text below path. named says that a name on the way to it sounds like a secret.
func each(v any, path []string, named bool, found func(path []string, named bool, text string)) {
	switch t := v.(type) {
	case string:
		found(path, named, t)
	case map[string]any:
		for key, child := range t {
			at := setting.Below(path, key)
			each(child, at, named || secret.Named(at[len(at)-1:]) && told(at) != nil, found)
		}
	case []any:
		for i, child := range t {
			each(child, setting.Below(path, setting.Index(i)), named, found)
		}
	}
}

// Shared tells whether others have a file too, so that what it holds is no secret any more.
func (e Env) Shared(file string) bool { return e.sharing == nil || e.sharing(file) }

// Literal reports a text that is a secret, or may be one because it is named so. The finding has no position yet.
func Literal(scope finding.Scope, key, text string, named bool) (finding.Finding, bool) {
	f := catalogue.New("secret-literal", scope, finding.Finding{
		Message: key + " holds a secret",
		Fix:     "take it out, change it where it is used, and write \"{{ prefect.blocks.secret.NAME }}\" or \"{{ $NAME }}\": docs/settings.md#secrets",
	})
	if secret.Looks(text) {
		return f, true
	}
	f.Severity, f.Message = finding.Warning, key+" looks like a secret, by its name"
	return f, named && text != "" && !strings.Contains(text, "{{")
}

// Misplaced reports a secret variable in a text where nothing says that it is one: what hides secrets goes by names and forms. The finding names
// the text by its key, and has no position yet.
func (e Env) Misplaced(key string, path []string, text string) (finding.Finding, bool) {
	name, found := e.unhidden(path, text)
	return catalogue.New("secret-place", e.scope(path), finding.Finding{
		Message: fmt.Sprintf("%s takes the secret $%s, but its name does not say so", key, name),
		Fix:     "give it a name with password, token, secret or key in it, or use a block: {{ prefect.blocks.secret.NAME }}",
	}), found
}

// unhidden gives the secret variable in a text at path whose value would not be hidden there.
func (e Env) unhidden(path []string, text string) (name string, found bool) {
	if secret.Named(path) {
		return "", false
	}
	for _, name := range document.Variables(text) {
		if _, file := e.Secrets[name]; !file && !secret.Named([]string{name}) {
			continue
		}
		const sample = "s4mple0123456789"
		shown, _ := secret.Masked(document.Replace(text, func(other, whole string) string {
			if other == name {
				return sample
			}
			return whole
		}), path).(string)
		if strings.Contains(shown, sample) {
			return name, true
		}
	}
	return "", false
}

// Literals gives what the settings themselves hold of secrets, piece by piece.
func (e Env) Literals() []string {
	var out []string
	each(e.values, nil, false, func(_ []string, named bool, text string) {
		out = append(out, secret.Known(text, named)...)
	})
	return out
}

// SecretNames gives the variables whose values come from files, sorted.
func (e Env) SecretNames() []string { return slices.Sorted(maps.Keys(e.Secrets)) }
