package python

import "strings"

// plain reads a simple statement.
func (b *builder) plain() Statement {
	s := Statement{Start: b.offset()}
	switch b.here {
	case wordReturn:
		b.next()
		s.Kind, s.Value = Returns, &Constant{}
		if b.startsStarred() {
			s.Value, s.Text = b.shown(b.tuple)
		}
	case wordImport, wordFrom:
		s.Kind = Declares
		b.rest()
	case wordRaise:
		s.Kind = Raises
		b.rest()
	case wordBreak, wordContinue:
		s.Kind = Jumps
		b.next()
	case wordDel:
		s.Kind = Deletes
		b.next()
		s.Targets = []Node{b.tuple()}
	case wordPass, wordGlobal, wordNonlocal, wordAssert:
		b.rest()
	default:
		b.expressed(&s)
	}
	return s
}

// rest goes to the end of a simple statement.
func (b *builder) rest() {
	for b.here != newline && b.here != semicolon && b.here != endOfFile {
		b.next()
	}
}

// expressed reads an expression or an assignment.
func (b *builder) expressed(s *Statement) {
	s.Kind = Evaluates
	for {
		s.Value, s.Text = b.shown(b.tuple)
		switch b.here {
		case colon: // an annotation
			b.next()
			b.whole()
			s.Kind = Nothing
			if b.here != assign {
				return
			}
		case augmented:
			s.Op = strings.TrimSuffix(string(b.text(b.at)), "=")
		case assign:
		default:
			return
		}
		s.Kind, s.Targets = Assigns, append(s.Targets, s.Value)
		b.next()
	}
}
