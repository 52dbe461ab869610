package config

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/setting"
)

const rulesKey = "rules"

// Rulings say what becomes of the findings of rules, by code. Of several that are for a file the last one counts.
type Rulings map[string][]Ruling

// Ruling is the severity of a rule's findings.
type Ruling struct {
	Severity string   `koanf:"severity"` // of a finding, or setting.Off
	Paths    []string `koanf:"paths"`    // globs and folders; nil: everywhere
}

// Of gives the severity that the findings of a rule have in a file, or setting.Off; false where the settings don't say.
func (r Rulings) Of(code, file string) (severity string, said bool) {
	for _, one := range slices.Backward(r[code]) {
		if one.Paths == nil || slices.ContainsFunc(one.Paths, func(p string) bool { return covers(p, file) }) {
			return one.Severity, true
		}
	}
	return "", false
}

// covers tells whether a glob means a file, or a folder above it.
func covers(glob, file string) bool {
	glob = strings.TrimSuffix(strings.TrimPrefix(glob, "./"), "/")
	for _, pattern := range []string{glob, glob + "/**"} {
		if ok, err := doublestar.Match(pattern, file); ok && err == nil {
			return true
		}
	}
	return false
}

// settled gives rulings in which none waits to be appended any more.
func (r Rulings) settled() Rulings {
	for code, list := range r {
		if plain, plus := strings.CutPrefix(code, "+"); plus {
			delete(r, code)
			r[plain] = slices.Concat(r[plain], list)
		}
	}
	return r
}

// ruled holds the rulings against the rules that there are: each must be for one of them, and none can make an error that stays one less.
func ruled(e Env, rules func() finding.Catalogue) finding.List {
	if rules == nil || len(e.Rules) == 0 {
		return nil
	}
	known := rules()
	near := known.Near()
	var out finding.List
	for _, code := range slices.Sorted(maps.Keys(e.Rules)) {
		key := setting.Show([]string{rulesKey, code})
		at := e.Origin(key).Keyed(key)
		rule, there := known[code]
		if !there {
			out = append(out, catalogue.New("rule-unknown", finding.Everything(), finding.Finding{
				Position: at, Message: fmt.Sprintf("there is no rule %q", code), Fix: finding.Meant(near(code), "mage verify:rules lists them"),
			}))
			continue
		}
		if weaker := e.weaker(code); weaker != "" && rule.Firm && rule.Severity == finding.Error {
			out = append(out, catalogue.New("rule-firm", finding.Everything(), finding.Finding{
				Position: at, Message: fmt.Sprintf("%s is %s, and an error of %s stays an error", key, weaker, code),
				Fix: "remove it, and correct what the rule tells of; mage verify:rules " + code + " explains it",
			}))
		}
	}
	return out
}

// weaker gives a severity below an error that the settings give a rule anywhere; "" for none.
func (e Env) weaker(code string) string {
	for _, one := range e.Rules[code] {
		if one.Severity != finding.Error.String() {
			return one.Severity
		}
	}
	return ""
}

// rulingWords shows what settings hold for a rule; another value stays as it is.
func rulingWords(v any) any {
	list, _ := v.([]any)
	if len(list) == 0 {
		return v
	}
	one, is := list[0].(map[string]any)
	if len(list) == 1 && len(one) == 1 {
		return one["severity"]
	}
	if text, err := json.Marshal(v); is && err == nil {
		return string(text)
	}
	return v
}
