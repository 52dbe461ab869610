package requirement

import (
	"slices"
	"strings"
)

// Specifier is one condition on a version: an operator and a version.
type Specifier struct {
	Operator string
	Text     string  // the version as written
	version  Version // without .*; none for === with something else
	any      bool    // ends in .*
}

// String gives the specifier without blanks.
func (s Specifier) String() string { return s.Operator + s.Text }

// Exact tells whether it allows one version only.
func (s Specifier) Exact() bool { return s.Operator == "===" || s.Operator == "==" && !s.any }

// Version gives the version of the specifier, without .*; ok is false where an arbitrary text stands for one.
func (s Specifier) Version() (v Version, ok bool) { return s.version, s.version.release != nil }

// meant gives one text for all specifiers that say the same.
func (s Specifier) meant() string {
	v := s.version
	switch {
	case s.Operator == "===" || s.any:
		return s.String()
	case s.Operator != "~=":
		v.release = at(v).release
	}
	return s.Operator + v.String()
}

// operators are the operators of specifiers. One that another begins with comes later.
func operators() []string { return []string{"===", "==", "~=", "!=", "<=", ">=", "<", ">"} }

// scanSpecifier reads a specifier at the start of a text, and gives where it ends; 0 for none.
func scanSpecifier(text string) (s Specifier, n int) {
	i := slices.IndexFunc(operators(), func(o string) bool { return strings.HasPrefix(text, o) })
	if i < 0 {
		return s, 0
	}
	s.Operator = operators()[i]
	n = len(s.Operator)
	n += len(text[n:]) - len(strings.TrimLeftFunc(text[n:], isSpace))
	start := n
	if s.Operator == "===" {
		end := strings.IndexFunc(text[n:], func(r rune) bool { return isSpace(r) || r == ';' || r == ')' })
		if end < 0 {
			end = len(text) - n
		}
		s.Text = text[n : n+end]
		if v, ok := ParseVersion(s.Text); ok {
			s.version = v
		}
		if end == 0 {
			return s, 0
		}
		return s, n + end
	}
	v, m := scanRelease(text[n:])
	if m == 0 || s.Operator == "~=" && len(v.release) < 2 {
		return s, 0
	}
	n += m
	equality := s.Operator == "==" || s.Operator == "!="
	if equality && strings.HasPrefix(text[n:], ".*") {
		s.version, s.any, s.Text = v, true, text[start:n+2]
		return s, n + 2
	}
	v, n = scanSuffix(v, text, n)
	if equality {
		local, m := scanLocal(text[n:])
		v.local = local
		n += m
	}
	s.version, s.Text = v, text[start:n]
	return s, n
}

// ParseSpecifier reads one specifier.
func ParseSpecifier(text string) (Specifier, bool) {
	text = trimmed(text)
	s, n := scanSpecifier(text)
	return s, n > 0 && n == len(text)
}

// Takes tells whether a version, as somebody has written it, fulfils the specifier. Versions before a release are not left out.
func (s Specifier) Takes(version string) bool {
	if s.Operator == "===" {
		return strings.EqualFold(version, s.Text)
	}
	v, ok := ParseVersion(version)
	return ok && holds(s.intervals(), at(v))
}

// intervals gives the versions that fulfil it: all for ===, which compares texts.
func (s Specifier) intervals() []interval {
	v := s.version
	switch {
	case s.Operator == "===":
		return everything()
	case s.any && s.Operator == "==":
		return []interval{family(v)}
	case s.any:
		f := family(v)
		return without(f, nil)
	}
	switch s.Operator {
	case ">=":
		return []interval{{from: at(v), to: top()}}
	case ">":
		return []interval{allBehind(v)}
	case "<=":
		to, _ := behindLocals(v)
		return []interval{{from: at(bottom()), to: to}}
	case "<":
		return below(v)
	case "~=":
		prefix := v
		prefix.release = v.release[:len(v.release)-1]
		return []interval{{from: at(v), to: family(prefix).to}}
	}
	same, least := interval{from: at(v), to: at(v).after()}, (*Version)(nil)
	if !v.Local() {
		same.to, least = behindLocals(v)
	}
	if s.Operator == "==" {
		return []interval{same}
	}
	return without(same, least)
}

// below holds what is less than a version in the sense of <: versions before a release are not less than the release.
func below(v Version) []interval {
	if !v.Pre() {
		v.dev, v.local = zero, nil
	}
	i := interval{from: at(bottom()), to: at(v)}
	if i.empty() {
		return nil
	}
	return []interval{i}
}
