package finding

import "fmt"

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
