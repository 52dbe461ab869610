package requirement

import (
	"slices"
	"strings"
)

// Requirement is one package that is asked for.
type Requirement struct {
	Text   string // as written
	Name   string // as written; [Normal] gives the one spelling
	Extras []string
	Set    Set
	URL    string // where it comes from, "" for an index
	Marker Marker // when it is wanted; the zero value: always
}

// Parse reads a requirement. The error is an *[Error].
func Parse(text string) (r Requirement, err error) {
	defer catch(&err)
	s := scanner{text: text}
	s.blanks()
	out := Requirement{Text: text, Name: s.identifier()}
	if out.Name == "" {
		s.fail("no name of a package stands at the beginning")
	}
	s.blanks()
	out.Extras = s.extras()
	if s.take("@") {
		s.address(&out)
	} else {
		out.Set = s.versions()
	}
	if !s.ended() {
		if !s.take(";") {
			s.fail("a comma or a semicolon is missing behind the version")
		}
		out.Marker = s.marker()
	}
	return out, nil
}

// Wanted tells whether the requirement counts in an environment.
func (r Requirement) Wanted(e Environment) Truth { return r.Marker.Holds(e) }

// extras reads [a, b].
func (s *scanner) extras() []string {
	if !s.take("[") {
		return nil
	}
	var out []string
	s.blanks()
	for name := s.identifier(); name != ""; name = s.identifier() {
		out = append(out, name)
		s.blanks()
		if !s.take(",") {
			break
		}
		if s.blanks(); !s.startsName() {
			s.fail("no extra stands behind the comma")
		}
	}
	s.blanks()
	if !s.take("]") {
		s.fail("a ] is missing behind the extras")
	}
	s.blanks()
	return out
}

func (s *scanner) startsName() bool { return !s.ended() && isAlphanumeric(s.text[s.at]) }

// address reads what stands behind the @.
func (s *scanner) address(r *Requirement) {
	s.blanks()
	end := strings.IndexFunc(s.rest(), isSpace)
	if end < 0 {
		end = len(s.rest())
	}
	if end == 0 {
		s.fail("no address stands behind the @")
	}
	r.URL = s.rest()[:end]
	s.at += end
	if !s.ended() && !s.blanks() {
		s.fail("a blank is missing behind the address")
	}
}

// versions reads specifiers, with or without a parenthesis around.
func (s *scanner) versions() Set {
	opened := s.take("(")
	if opened {
		s.blanks()
	}
	out := s.specifiers()
	s.blanks()
	if opened {
		if !s.take(")") {
			s.fail("a ) is missing behind the version")
		}
		s.blanks()
	}
	return out
}

// specifiers reads as many as there are. A comma may end them.
func (s *scanner) specifiers() Set {
	if out, ok := s.simpleSpecifiers(); ok {
		return out
	}
	var texts strings.Builder
	for {
		_, n := scanSpecifier(s.rest())
		if n == 0 {
			break
		}
		texts.WriteString(s.rest()[:n])
		s.at += n
		if strings.HasPrefix(s.rest(), ".*") {
			s.fail(".* stands behind == and != only, and there behind a release")
		}
		if strings.HasPrefix(s.rest(), "+") {
			s.fail("a local version (+…) stands behind == and != only")
		}
		s.blanks()
		if !s.take(",") {
			break
		}
		texts.WriteByte(',')
		s.blanks()
	}
	out, ok := ParseSet(texts.String())
	if !ok {
		s.fail("%q is no version", texts.String())
	}
	return out
}

// simpleSpecifiers reads those that go up to a semicolon, a parenthesis or the end.
func (s *scanner) simpleSpecifiers() (Set, bool) {
	end := strings.IndexAny(s.rest(), ";)")
	if end < 0 {
		end = len(s.rest())
	}
	text := s.rest()[:end]
	if strings.ContainsFunc(text, func(r rune) bool { return r != '\t' && (r < ' ' || r > '~') }) {
		return nil, false
	}
	out, ok := ParseSet(text)
	commas := strings.Count(text, ",")
	if !ok || len(out) == 0 || len(out) != commas+1 && (len(out) != commas || !strings.HasSuffix(strings.TrimRight(text, " \t"), ",")) {
		return nil, false
	}
	s.at += end
	return out, true
}

// Asks tells whether the requirement wants an extra.
func (r Requirement) Asks(extra string) bool {
	return slices.ContainsFunc(r.Extras, func(x string) bool { return Normal(x) == Normal(extra) })
}
