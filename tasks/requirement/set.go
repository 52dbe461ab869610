package requirement

import (
	"slices"
	"strings"
)

// Set is a list of specifiers, all of which count. The empty one takes every version.
type Set []Specifier

// ParseSet reads specifiers that are parted by commas.
func ParseSet(text string) (Set, bool) {
	var out Set
	for part := range strings.SplitSeq(text, ",") {
		if part = trimmed(part); part == "" {
			continue
		}
		s, ok := ParseSpecifier(part)
		if !ok {
			return nil, false
		}
		out = append(out, s)
	}
	return out, true
}

// String gives the specifiers in order of the alphabet, each once.
func (s Set) String() string {
	texts, same := make([]string, 0, len(s)), map[string]bool{}
	for _, x := range slices.SortedFunc(slices.Values(s), func(a, b Specifier) int { return strings.Compare(a.String(), b.String()) }) {
		if meant := x.meant(); !same[meant] {
			same[meant] = true
			texts = append(texts, x.String())
		}
	}
	return strings.Join(texts, ",")
}

// Takes tells whether a version, as somebody has written it, fulfils all specifiers. Versions before a release are not left out.
func (s Set) Takes(version string) bool {
	return !slices.ContainsFunc(s, func(x Specifier) bool { return !x.Takes(version) })
}

// Exact gives the specifier that allows one version only, if there is one.
func (s Set) Exact() (Specifier, bool) {
	if i := slices.IndexFunc(s, Specifier.Exact); i >= 0 {
		return s[i], true
	}
	return Specifier{}, false
}

// Impossible tells whether no version fulfils all specifiers.
func (s Set) Impossible() bool {
	rest := everything()
	for _, x := range s {
		if rest = intersect(rest, x.intervals()); len(rest) == 0 {
			return true
		}
	}
	i := slices.IndexFunc(s, func(x Specifier) bool { return x.Operator == "===" })
	if i < 0 {
		return false
	}
	return !s.Takes(s[i].Text)
}

// Meets tells whether some version fulfils all specifiers of two sets.
func (s Set) Meets(other Set) bool { return !slices.Concat(s, other).Impossible() }
