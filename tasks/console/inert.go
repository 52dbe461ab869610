package console

import (
	"bytes"
	"fmt"
	"html"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Place is where a text is shown.
type Place int

// The places. What is harmless in one is a command in another.
const (
	// Terminal takes several lines; so does the log of a CI system, which looks for commands in it.
	Terminal Place = iota
	// Line is part of a line of a terminal: a name, a path.
	Line
	// JSON is a whole JSON text.
	JSON
	// Markdown is part of a line of Markdown, or a cell of a table.
	Markdown
	// HTML is text between two tags or within the quotes of an attribute.
	HTML
)

// longestName is how much of a name is shown, in characters.
const longestName = 1000

// Inert gives a text from somebody else, of a repository, a server or another program, as it can be shown in a place: all of it can be
// read and nothing of it does anything. Terminals obey control characters and show texts in another order or not at all; GitHub, GitLab,
// Azure and TeamCity obey lines such as ::set-env and ##vso[…; Markdown and HTML have links, images and scripts. What would do something is
// written as its code (\x1b, \u202e) or has a backslash inside (:\:error). Colours are dropped.
func Inert(text string, place Place) string {
	switch place {
	case Line:
		return clipped(whole(inert{oneLine: true}, text))
	case Markdown:
		return markdown.Replace(clipped(whole(inert{oneLine: true}, text)))
	case HTML:
		return html.EscapeString(whole(inert{}, text))
	case Terminal, JSON:
		return whole(inert{json: place == JSON}, text)
	default:
		return whole(inert{oneLine: true}, text)
	}
}

func whole(i inert, text string) string {
	if plain(text) {
		return text
	}
	return string(append(i.convert([]byte(text)), i.rest()...))
}

// plain tells of nearly all texts that there is nothing to do.
func plain(text string) bool {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c > '~' || c == ':' || c == '[' {
			return false
		}
	}
	return true
}

func clipped(text string) string {
	if len(text) <= longestName {
		return text
	}
	runes := []rune(text)
	if len(runes) <= longestName {
		return text
	}
	return string(runes[:longestName]) + "…"
}

// markdown writes what means something in Markdown as the character that it is. A backslash would do for most, but not for the @ of a
// mention, nor for an address, which some make a link of by themselves.
var markdown = strings.NewReplacer(append(pairsOf("\\`*[]<>#!|~@&"), "://", "&#58;//", "www.", "www&#46;")...) //nolint:gochecknoglobals // a constant

func pairsOf(characters string) []string {
	out := make([]string, 0, 2*len(characters))
	for _, c := range characters {
		out = append(out, string(c), fmt.Sprintf("&#%d;", c))
	}
	return out
}

// inert makes a stream inert, piece by piece; the zero value is ready. It remembers what of a line was there before a piece.
type inert struct {
	colors  bool // those of Paint pass
	oneLine bool // line ends and tabs are shown
	json    bool // codes are those of JSON
	started bool // something other than blanks is on the line
	colon   bool // a colon is all that is on the line
	open    bool // a colour was begun
	tail    []byte
	held    []byte // the beginning of something that the next piece may end
}

// remembered is how much of a line's end may be the beginning of a command.
const remembered = 32

// convert gives a piece as it can be shown.
func (i *inert) convert(p []byte) []byte {
	if len(i.held) > 0 {
		p = append(i.held, p...)
		i.held = nil
	}
	out := make([]byte, 0, len(p)+16)
	for len(p) > 0 {
		n := i.next(&out, p)
		if n == 0 {
			i.held = bytes.Clone(p)
			break
		}
		p = p[n:]
	}
	if i.open {
		i.open = false
		out = append(out, "\x1b[0m"...)
	}
	return out
}

// rest gives what was held back, as nothing follows.
func (i *inert) rest() []byte {
	var out []byte
	for _, c := range i.held {
		if c >= utf8.RuneSelf {
			out = i.code(out, rune(c), true)
		} else {
			i.ascii(&out, c)
		}
	}
	i.held = nil
	return out
}

// next takes one character, or a sequence, and gives its length; 0 when more must follow before it can be judged.
func (i *inert) next(out *[]byte, p []byte) int {
	switch c := p[0]; {
	case !i.oneLine && (c == '\n' || c == '\t' || c == '\r'):
		return i.layout(out, p)
	case c == '\x1b':
		return i.escape(out, p)
	case c < utf8.RuneSelf:
		i.ascii(out, c)
		return 1
	}
	return i.rune(out, p)
}

// layout takes what a text of several lines may have: line ends of both kinds, and tabs.
func (i *inert) layout(out *[]byte, p []byte) int {
	switch {
	case p[0] == '\n':
		*out = append(*out, '\n')
		i.started, i.colon, i.tail = false, false, i.tail[:0]
	case p[0] == '\t':
		*out = append(*out, '\t')
		i.tail = i.tail[:0]
	case len(p) == 1:
		return 0
	case p[1] != '\n':
		i.ascii(out, p[0])
	}
	return 1
}

// rune takes a character beyond ASCII, or a byte that is part of none.
func (i *inert) rune(out *[]byte, p []byte) int {
	r, n := utf8.DecodeRune(p)
	switch {
	case r == utf8.RuneError && n == 1 && !utf8.FullRune(p):
		return 0
	case r == utf8.RuneError && n == 1:
		*out = i.code(*out, rune(p[0]), true)
	case isHidden(r):
		*out = i.code(*out, r, false)
	default:
		*out = append(*out, p[:n]...)
		i.started = i.started || !unicode.IsSpace(r)
		i.tail = i.tail[:0]
	}
	return n
}

// ascii takes a character, and breaks a command that it would complete.
func (i *inert) ascii(out *[]byte, c byte) {
	switch {
	case c < ' ' || c == 0x7f:
		*out = i.code(*out, rune(c), false)
		return
	case c == ':' && (i.colon || bytes.HasSuffix(i.tail, []byte("section_start")) || bytes.HasSuffix(i.tail, []byte("section_end"))), c == '[' && afterHashes(i.tail):
		*out = i.broken(*out, c)
		i.started, i.colon = true, false
	default:
		*out = append(*out, c)
		i.colon = c == ':' && !i.started
		i.started = i.started || c != ' '
	}
	if len(i.tail) >= remembered {
		i.tail = append(i.tail[:0], i.tail[remembered/2:]...)
	}
	i.tail = append(i.tail, c)
}

// afterHashes tells whether ##word or ## ends a line so far.
func afterHashes(tail []byte) bool {
	at := bytes.LastIndex(tail, []byte("##"))
	return at >= 0 && len(bytes.Trim(tail[at+2:], "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_.")) == 0
}

// broken gives a character that would complete a command.
func (i *inert) broken(out []byte, c byte) []byte {
	if i.json {
		return fmt.Appendf(out, `\u%04x`, c)
	}
	return append(out, '\\', c)
}

// code gives a character by its number.
func (i *inert) code(out []byte, r rune, raw bool) []byte {
	i.started, i.colon, i.tail = true, false, i.tail[:0]
	switch {
	case i.json && r > 0xffff:
		a, b := utf16.EncodeRune(r)
		return fmt.Appendf(out, `\u%04x\u%04x`, a, b)
	case i.json && raw:
		return append(out, `\ufffd`...)
	case i.json:
		return fmt.Appendf(out, `\u%04x`, r)
	case r == '\n', r == '\r', r == '\t':
		return append(out, strings.Trim(strconv.QuoteRune(r), "'")...)
	case raw || r < utf8.RuneSelf:
		return fmt.Appendf(out, `\x%02x`, r)
	case r > 0xffff:
		return fmt.Appendf(out, `\U%08x`, r)
	default:
		return fmt.Appendf(out, `\u%04x`, r)
	}
}

// isHidden tells of a character that is not seen, or changes how others are: controls, those that turn the direction of a text, those without a
// width, and numbers that are no character. The marks that choose between two forms of the character before them are harmless.
func isHidden(r rune) bool {
	if r < utf8.RuneSelf {
		return r < ' ' || r == 0x7f
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Other_Default_Ignorable_Code_Point, unicode.Noncharacter_Code_Point) && !unicode.Is(unicode.Prepended_Concatenation_Mark, r) ||
		r >= 0xe0000 && r <= 0xe0fff
}

// longestColor bounds what is waited for.
const longestColor = 32

// escape takes an escape sequence: our own colours pass where there are colours, other ones and the clearing of a line's end are dropped.
func (i *inert) escape(out *[]byte, p []byte) int {
	n := 1
	if n < len(p) && p[n] == '[' {
		rest := bytes.TrimLeft(p[2:min(len(p), longestColor)], "0123456789;:")
		n = min(len(p), longestColor) - len(rest)
	}
	switch {
	case n == len(p) && n < longestColor && !i.oneLine:
		return 0
	case n > 1 && n < len(p) && p[n] == 'K':
		return n + 1
	case n > 1 && n < len(p) && p[n] == 'm':
		if i.colors && painted(string(p[2:n])) {
			*out = append(*out, p[:n+1]...)
			i.open = string(p[:n+1]) != "\x1b[0m"
		}
		return n + 1
	}
	*out = i.code(*out, '\x1b', false)
	return 1
}

func painted(color string) bool {
	return slices.Contains([]Color{Red, Green, Yellow, Cyan, Bold, Dim, "0"}, Color(color))
}
