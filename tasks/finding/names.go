package finding

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/agnivade/levenshtein"
)

// Nearest gives the name with the fewest edits from word, for a "did you mean"; "" when none is near. Case does not count.
func Nearest(word string, names []string) string {
	best, fewest := "", max(1, len(word)/3)+1
	if len(word) > 100 { // no name is that long
		return ""
	}
	for _, name := range names {
		if d := distance(strings.ToLower(word), strings.ToLower(name)); d < fewest {
			best, fewest = name, d
		}
	}
	return best
}

// Meant puts a near name in front of what is to be done otherwise; near may be empty.
func Meant(near, fix string) string {
	if near == "" {
		return fix
	}
	return "did you mean " + near + "? " + fix
}

// Suggest puts a near one of some names, which all begin alike, in quotes in front of what is to be done otherwise.
func Suggest(word string, names []string, begin, fix string) string {
	near := Nearest(word, names)
	if near != "" {
		near = strconv.Quote(begin + near)
	}
	return Meant(near, fix)
}

// Nearby gives what [Nearest] gives among the same names for one word after the other. Of a great many wrong words only the first are
// compared: with all of them it would take long, and whoever wrote them needs more than a hint.
func Nearby(names []string) func(word string) string {
	left := 100
	return func(word string) string {
		if left == 0 {
			return ""
		}
		left--
		return Nearest(word, names)
	}
}

// distance counts edits. Two neighbours swapped, the commonest slip, are one.
func distance(word, name string) int {
	for i := 1; i < len(word) && len(word) == len(name); i++ {
		if word[:i-1]+word[i:i+1]+word[i-1:i]+word[i+1:] == name {
			return 1
		}
	}
	return levenshtein.ComputeDistance(word, name)
}

// Few gives the first of many names, and words for how many more there are, which are empty when those are all.
func Few(names []string, most int) (first []string, more string) {
	if len(names) <= most {
		return names, ""
	}
	return names[:most], fmt.Sprintf(" and %d more", len(names)-most)
}

// Names gives names in brackets: the first ones when there are many, as all of them stand above.
func Names(names []string) string {
	first, more := Few(names, 20)
	return fmt.Sprint(first) + more
}
