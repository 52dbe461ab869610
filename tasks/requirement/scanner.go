package requirement

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Error says why a text is no requirement, specifier or marker, and where in it (in bytes, from 0).
type Error struct {
	Message string
	At      int
}

// Error gives the message.
func (e *Error) Error() string { return e.Message }

// scanner goes through a text. Its methods panic with an *Error.
type scanner struct {
	text string
	at   int
}

// catch turns a panic with an *Error into that error.
func catch(err *error) {
	switch r := recover().(type) {
	case nil:
	case *Error:
		*err = r
	default:
		panic(r)
	}
}

func (s *scanner) fail(format string, args ...any) {
	panic(&Error{Message: fmt.Sprintf(format, args...), At: s.at})
}

func (s *scanner) rest() string { return s.text[s.at:] }

func (s *scanner) ended() bool { return s.at == len(s.text) }

// blanks skips what may stand between tokens.
func (s *scanner) blanks() bool {
	before := s.at
	for s.at < len(s.text) && (s.text[s.at] == ' ' || s.text[s.at] == '\t') {
		s.at++
	}
	return s.at > before
}

func (s *scanner) take(token string) bool {
	if !strings.HasPrefix(s.rest(), token) {
		return false
	}
	s.at += len(token)
	return true
}

// takeWord takes a word that ends here.
func (s *scanner) takeWord(word string) bool {
	if !strings.HasPrefix(s.rest(), word) || s.inWord(s.at) || s.goesOn(s.at+len(word)) {
		return false
	}
	s.at += len(word)
	return true
}

// inWord tells whether what stands in front of a place belongs to a word.
func (s *scanner) inWord(place int) bool {
	r, _ := utf8.DecodeLastRuneInString(s.text[:place])
	return place > 0 && isWord(r)
}

// goesOn tells whether what stands at a place belongs to a word.
func (s *scanner) goesOn(place int) bool {
	r, n := utf8.DecodeRuneInString(s.text[place:])
	return n > 0 && isWord(r)
}

func isWord(r rune) bool {
	return r == '_' || unicode.IsLetter(r) || unicode.IsNumber(r)
}

// identifier takes a name of a package or an extra: letters, digits and, inside, dots, dashes and underscores. It ends with a letter, a digit or an
// underscore, as packaging has it.
func (s *scanner) identifier() string {
	rest := s.rest()
	if rest == "" || !isAlphanumeric(rest[0]) || s.inWord(s.at) {
		return ""
	}
	end := 1
	for end < len(rest) && (isAlphanumeric(rest[end]) || isSeparator(rest[end])) {
		end++
	}
	for ; end > 0; end-- { // back to a boundary of a word
		last := rest[end-1]
		if (isAlphanumeric(last) || last == '_') != s.goesOn(s.at+end) {
			break
		}
	}
	s.at += end
	return rest[:end]
}
