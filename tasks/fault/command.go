package fault

import (
	"regexp"
	"strings"
)

// Flag is a flag of a command line. One that has no value and is not on is left out.
type Flag struct {
	Name, Value string
	On          bool // it stands without a value
}

// Command gives the command line of a target as it can be typed: for the next step of an [Error], and for receipts.
func Command(target string, flags ...Flag) string {
	words := []string{"mage", target}
	for _, f := range flags {
		switch {
		case f.Value != "":
			words = append(words, "-"+f.Name+"="+Typed(f.Value))
		case f.On:
			words = append(words, "-"+f.Name)
		}
	}
	return strings.Join(words, " ")
}

// special is what a shell would not take as it stands.
var special = regexp.MustCompile(`[^A-Za-z0-9_./:,=@%+-]`)

// Typed gives a word as a shell takes it.
func Typed(word string) string {
	if word == "" || special.MatchString(word) {
		return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
	}
	return word
}
