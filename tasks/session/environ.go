package session

import (
	"iter"
	"slices"
	"strings"
)

// Environ is the environment of a process in the form of os.Environ: NAME=value.
type Environ []string

// Lookup gives a variable's value: the last one where it is set more than once, as systems do.
func (e Environ) Lookup(name string) (string, bool) {
	for _, pair := range slices.Backward(e) {
		if k, v, ok := strings.Cut(pair, "="); ok && k == name {
			return v, true
		}
	}
	return "", false
}

// all gives the variables with their values, also those that a later one hides.
func (e Environ) all() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for _, pair := range e {
			if name, value, _ := strings.Cut(pair, "="); !yield(name, value) {
				return
			}
		}
	}
}

// exempt gives a variable that exempts hosts from proxies, for one more host and this machine.
func (e Environ) exempt(variable, host string) string {
	hosts, _ := e.Lookup(variable)
	return variable + "=" + strings.TrimPrefix(hosts+",127.0.0.1,localhost,"+host, ",")
}
