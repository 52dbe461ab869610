// Package environ reads a process's environment, which systems hand over as a list of NAME=value. A name may stand there more than once; the
// last one counts, as for the C library that reads it.
//
// Start with [List].
package environ

import (
	"iter"
	"maps"
	"runtime"
	"slices"
	"strings"
)

// List is an environment in the form of os.Environ.
type List []string

// Same tells whether two names are those of one variable for the system.
func Same(a, b string) bool { return a == b || runtime.GOOS == "windows" && strings.EqualFold(a, b) }

// Lookup gives a variable's value.
func (l List) Lookup(name string) (string, bool) {
	for _, pair := range slices.Backward(l) {
		if n, value, ok := strings.Cut(pair, "="); ok && Same(n, name) {
			return value, true
		}
	}
	return "", false
}

// Get gives a variable's value, "" for one that is not set.
func (l List) Get(name string) string {
	value, _ := l.Lookup(name)
	return value
}

// All gives the variables with their values in the list's order, also those that a later one hides: for who must not overlook any.
func (l List) All() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for _, pair := range l {
			if name, value, ok := strings.Cut(pair, "="); ok && name != "" && !yield(name, value) {
				return
			}
		}
	}
}

// Map gives the variables by their names.
func (l List) Map() map[string]string { return maps.Collect(l.All()) }

// Without gives a copy that lacks the variables of some names.
func (l List) Without(drop func(name string) bool) List {
	return slices.DeleteFunc(slices.Clone(l), func(pair string) bool {
		name, _, _ := strings.Cut(pair, "=")
		return drop(name)
	})
}
