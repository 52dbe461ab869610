package step

import "errors"

// What a line can lack.
var (
	errQuote  = errors.New("a quote is not closed")
	errEscape = errors.New("nothing follows the last backslash")
)

// stepWords is a line on its way to its words.
type stepWords struct {
	out  []string
	word []rune
	open bool // a word has begun; it may be empty: ''
}

func (w *stepWords) add(r rune) { w.word, w.open = append(w.word, r), true }

func (w *stepWords) end() {
	if w.open {
		w.out = append(w.out, string(w.word))
	}
	w.word, w.open = nil, false
}

// split parts a line into words as Python's shlex.split does: white space parts them, single quotes keep everything, in double
// quotes a backslash escapes a double quote and itself only, elsewhere any character. Nothing is expanded, and # begins no comment.
func split(line string) ([]string, error) {
	var w stepWords
	text := []rune(line)
	for i := 0; i < len(text); i++ {
		switch r := text[i]; r {
		case ' ', '\t', '\r', '\n':
			w.end()
		case '\'', '"':
			end, err := w.quoted(text, i)
			if err != nil {
				return nil, err
			}
			i = end
		case '\\':
			if i++; i == len(text) {
				return nil, errEscape
			}
			w.add(text[i])
		default:
			w.add(r)
		}
	}
	w.end()
	return w.out, nil
}

// quoted reads what stands in the quotes that begin at i, and gives where they end.
func (w *stepWords) quoted(text []rune, i int) (int, error) {
	quote := text[i]
	w.open = true
	for i++; i < len(text); i++ {
		switch {
		case text[i] == quote:
			return i, nil
		case quote == '"' && text[i] == '\\':
			if i++; i == len(text) {
				return 0, errEscape
			}
			if text[i] != '"' && text[i] != '\\' {
				w.add('\\')
			}
			w.add(text[i])
		default:
			w.add(text[i])
		}
	}
	return 0, errQuote
}
