package requirement

import (
	"slices"
	"strings"
)

// Marker is the condition of a requirement. The zero value always holds.
type Marker struct {
	groups [][]term // one of which must hold, with all its terms
}

// term is one comparison, or a marker in parentheses.
type term struct {
	inner       *Marker
	left, right operand
	operator    string
}

// operand is a variable of the environment, or a text.
type operand struct {
	name string // "" for a text
	text string
}

// ParseMarker reads a marker. The error is an *[Error].
func ParseMarker(text string) (m Marker, err error) {
	defer catch(&err)
	s := scanner{text: text}
	return s.marker(), nil
}

// Always tells whether there is no condition.
func (m Marker) Always() bool { return m.groups == nil }

// deepest bounds how deep parentheses nest.
const deepest = 200

// marker reads a marker up to the end of the text.
func (s *scanner) marker() Marker {
	m := s.alternatives(0)
	if !s.ended() {
		s.fail("the condition ends before %q", s.rest())
	}
	return m
}

func (s *scanner) alternatives(depth int) Marker {
	groups := [][]term{{s.term(depth)}}
	for {
		switch {
		case s.takeWord("and"):
			last := len(groups) - 1
			groups[last] = append(groups[last], s.term(depth))
		case s.takeWord("or"):
			groups = append(groups, []term{s.term(depth)})
		default:
			return Marker{groups}
		}
	}
}

func (s *scanner) term(depth int) term {
	s.blanks()
	var t term
	if s.take("(") {
		if depth >= deepest {
			s.fail("parentheses nest too deep")
		}
		inner := s.alternatives(depth + 1)
		if !s.take(")") {
			s.fail("a ) is missing in the condition")
		}
		t.inner = &inner
	} else {
		t.left = s.operand()
		s.blanks()
		t.operator = s.comparison()
		s.blanks()
		t.right = s.operand()
		t.normalize()
	}
	s.blanks()
	return t
}

func (s *scanner) comparison() string {
	if s.takeWord("in") {
		return "in"
	}
	if s.takeWord("not") {
		if s.blanks() && s.takeWord("in") {
			return "not in"
		}
		s.fail("in is missing behind not")
	}
	if i := slices.IndexFunc(operators(), s.take); i >= 0 {
		return operators()[i]
	}
	s.fail("no comparison (<=, <, !=, ==, >=, >, ~=, ===, in, not in) stands here")
	return ""
}

// variables are the names that a marker may ask for. One that another begins with comes later.
func variables() []string {
	return []string{
		"python_version", "python_full_version", "os.name", "os_name", "sys.platform", "sys_platform", "platform_release", "platform_system",
		"platform.version", "platform_version", "platform.machine", "platform_machine", "platform.python_implementation",
		"platform_python_implementation", "python_implementation", "implementation_name", "implementation_version", "extras", extraName, "dependency_groups",
	}
}

func (s *scanner) operand() operand {
	if i := slices.IndexFunc(variables(), s.takeWord); i >= 0 {
		name := strings.ReplaceAll(variables()[i], ".", "_")
		if name == "python_implementation" {
			name = "platform_python_implementation"
		}
		return operand{name: name}
	}
	if s.ended() || s.text[s.at] != '\'' && s.text[s.at] != '"' {
		s.fail("a variable or a quoted text is missing in the condition")
	}
	length := strings.IndexByte(s.text[s.at+1:], s.text[s.at])
	if length < 0 {
		s.fail("a quote is missing in the condition")
	}
	text, ok := unescaped(s.text[s.at+1 : s.at+1+length])
	if !ok {
		s.fail("the quoted text is none of Python's")
	}
	s.at += length + 2
	return operand{text: text}
}

// normalize brings the names of extras and groups into one spelling.
func (t *term) normalize() {
	switch {
	case t.left.name == extraName && t.right.name == "":
		t.right.text = Normal(t.right.text)
	case t.left.name == "" && slices.Contains([]string{extraName, "extras", "dependency_groups"}, t.right.name):
		t.left.text = Normal(t.left.text)
	}
}
