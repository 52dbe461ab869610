// Package setting declares the settings of an environment, each once: its key, what may stand there, who judges it, what it says to people. From
// these declarations follow how package config reads them, in files and in FLOWMAGE_ variables, the built-in defaults, the JSON Schema for
// editors ([JSONSchema]) and the tables of docs/settings.md ([Tables]).
//
// Start with declared.go. A new setting is a line there, and the field of config.Env or config.Fields that takes it.
package setting

import (
	"fmt"
	"strings"
	"sync"
)

// Form is the shape that a value must have.
type Form int

// The forms.
const (
	Text     Form = iota // a string
	Whole                // a whole number
	Truth                // true or false
	Interval             // a number of seconds, or a string
	Free                 // any JSON value
	Object               // a mapping with known keys
	Named                // a mapping whose keys the user chooses
	List                 // a list of one form; the only one to which a higher layer may append
)

// Spec says what may stand at a key.
type Spec struct {
	Form    Form
	Keys    map[string]Spec    // of an object
	Each    *Spec              // of named and list
	Exact   bool               // of named: names from variables keep their case
	Alone   bool               // of named: a name says something by itself, so its value must not be empty
	Dashed  bool               // of named: names have dashes, for which variables have underscores
	Single  bool               // of a list: one of it may stand there without brackets
	Short   string             // of an object: the key whose value may stand there alone
	Needed  []string           // of an object: keys that must be there
	Sole    bool               // of an object: no other layer is under it, so no list can be appended to
	Choices []string           // of a text: the only ones
	Least   int                // of a whole number, when above zero
	Example string             // the lines to write, for fixes and for the documentation
	Initial any                // what holds when nobody sets it; nil: nothing, or something that depends on others
	Rule    func(any) *Problem // judges a value of the right form

	help, fallback string // what it is and what holds without it, as docs/settings.md says it
}

// Problem is what a rule finds wrong.
type Problem struct {
	Code, Message, Fix string // Message goes on after the key: "must be …"
	Old, New           string // what the fix changes where the problem is, if it is safe to
	Warning            bool
}

// All is every setting that exists. Nobody may change it.
func All() Spec { return every() }

//nolint:gochecknoglobals // made once, because each command asks for it several times
var every = sync.OnceValue(func() Spec {
	all := tree(join(environment(), severities(), perFlow(), containers(), code(), guards(), scale()))
	one := OfFlow()
	flows := namesOf(one, "flows: {rpa1: {enabled: false}}")
	flows.help, flows.fallback = flowsHelp, none
	all.Keys[Flows] = flows
	return all
})

// OfFlow are the settings that `flows.<name>` may hold, for one flow.
func OfFlow() Spec {
	s := tree(join(perFlow(), containers(), code(), single()))
	s.Example = "rpa1: {enabled: false}"
	return s
}

// OfSchedule is what a schedule may hold.
func OfSchedule() Spec {
	s := tree(schedules())
	s.Example, s.Rule = `{cron: "0 6 * * 1-5"}`, scheduleRule
	return s
}

// Flows is the key of the settings of single flows.
const Flows = "flows"

// Initial gives the defaults that depend on nothing.
func Initial() map[string]any {
	out := map[string]any{}
	for key, s := range All().Keys {
		if s.Initial != nil {
			out[key] = s.Initial
		}
	}
	return out
}

// row declares one setting by its dotted key.
type row struct {
	key string
	Spec
	help, fallback string // an empty fallback beside an initial value is that value
}

func join(parts ...[]row) []row {
	var out []row
	for _, part := range parts {
		out = append(out, part...)
	}
	return out
}

// tree puts rows into the objects that their keys name.
func tree(rows []row) Spec {
	root := Spec{Form: Object, Keys: map[string]Spec{}}
	for _, r := range rows {
		s := r.Spec
		s.help, s.fallback = r.help, r.shown()
		root.put(strings.Split(r.key, "."), s)
	}
	return root
}

func (s Spec) put(path []string, value Spec) {
	if len(path) > 1 {
		s.Keys[path[0]].put(path[1:], value)
		return
	}
	if value.Form == Object {
		value.Keys = map[string]Spec{}
	}
	s.Keys[path[0]] = value
}

// The makers of specs. The example of an element is what stands between the brackets.

func oneOf(f Form, example string, rules ...func(any) *Problem) Spec {
	s := Spec{Form: f, Example: example}
	if len(rules) > 0 {
		s.Rule = rules[0]
	}
	return s
}

func textSetting(example string, rules ...func(any) *Problem) Spec {
	return oneOf(Text, example, rules...)
}

func truth(example string) Spec { return oneOf(Truth, example) }

func choice(example string, words ...string) Spec {
	return Spec{Form: Text, Example: example, Choices: words, Rule: choiceRule(words)}
}

func atLeast(least int, example string) Spec {
	return Spec{Form: Whole, Example: example, Least: least, Rule: leastRule(least)}
}

func object(example string) Spec { return Spec{Form: Object, Example: example} }

func listOf(each Spec, example string) Spec {
	return Spec{Form: List, Each: inside(each, example), Example: example}
}

func texts(example string, rules ...func(any) *Problem) Spec {
	return listOf(textSetting("", rules...), example)
}

func namesOf(each Spec, example string) Spec {
	return Spec{Form: Named, Each: inside(each, example), Example: example}
}

func values(example string) Spec { return namesOf(oneOf(Free, ""), example) }

// variables is a mapping of variables' names, whose case counts.
func variables(example string) Spec {
	s := namesOf(textSetting(""), example)
	s.Exact = true
	return s
}

func inside(each Spec, example string) *Spec {
	if each.Example == "" {
		_, value, _ := strings.Cut(example, ": ")
		each.Example = strings.Trim(value[1:len(value)-1], `"`)
		if strings.Count(each.Example, `"`) == 1 { // the end of a quoted text inside of a mapping
			each.Example += `"`
		}
	}
	return &each
}

func (s Spec) initially(v any) Spec {
	s.Initial = v
	return s
}

// shown gives what holds without a setting, as Markdown.
func (r row) shown() string {
	if r.fallback != "" || r.Initial == nil {
		return r.fallback
	}
	text := fmt.Sprint(r.Initial)
	if strings.Contains(text, "{") {
		text = `"` + text + `"`
	}
	return "`" + text + "`"
}
