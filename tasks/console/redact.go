package console

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"html"
	"io"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/flowmage/flowmage/tasks/pattern"
)

// mask stands in place of a secret.
const mask = "********"

// shortest is the length below which a value is not masked: a shorter one would also hide parts of ordinary words.
const shortest = 4

// Redactor replaces secrets in what passes its writers, as they are and in the forms that they take on their way: escaped for JSON, for
// addresses, for HTML or a shell, in base64 or hexadecimal digits, also in the middle of a longer text. The zero value knows none. It is
// safe for concurrent use.
type Redactor struct {
	mu       sync.Mutex
	forms    map[string]bool
	sorted   []string // nil: not known yet, as replacer
	replacer *strings.Replacer
}

// Hide adds a secret. Values under four bytes are ignored. Each line of a longer one is a secret too.
func (r *Redactor) Hide(secret string) {
	if len(secret) < shortest {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.forms[secret] {
		return
	}
	if r.forms == nil {
		r.forms = map[string]bool{}
	}
	forms := formsOf(secret)
	for line := range strings.Lines(secret) {
		if line = strings.TrimSpace(line); len(line) >= longEnough && line != secret {
			forms = append(forms, formsOf(line)...)
		}
	}
	for _, form := range forms {
		r.forms[form] = true
	}
	r.sorted, r.replacer = nil, nil
}

// ready gives the forms, and what replaces them.
func (r *Redactor) ready() ([]string, *strings.Replacer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.replacer == nil && len(r.forms) > 0 {
		// The longest first: a secret that starts like another must not show its end.
		r.sorted = slices.SortedFunc(maps.Keys(r.forms), func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b)) })
		pairs := make([]string, 0, 2*len(r.sorted))
		for _, s := range r.sorted {
			pairs = append(pairs, s, mask)
		}
		r.replacer = strings.NewReplacer(pairs...)
	}
	return r.sorted, r.replacer
}

// Text gives s with every secret masked.
func (r *Redactor) Text(s string) string {
	if _, replacer := r.ready(); replacer != nil {
		return replacer.Replace(s)
	}
	return s
}

// longEnough is the length from which on a secret is looked for in its encoded forms: those of shorter ones would be found by chance.
const longEnough = 8

// formsOf gives the texts by which a secret can be read: itself, escaped, and encoded.
func formsOf(secret string) []string {
	quoted := strconv.Quote(secret)
	out := []string{
		secret, quoted[1 : len(quoted)-1], url.QueryEscape(secret), url.PathEscape(secret), url.UserPassword("", secret).String()[1:], html.EscapeString(secret),
		strings.ReplaceAll(secret, "'", "''"), strings.ReplaceAll(secret, "'", `'\''`), strings.ReplaceAll(secret, "'", `\'`),
	}
	if text, err := json.Marshal(secret); err == nil { // with <, > and & escaped
		out = append(out, string(text[1:len(text)-1]), strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(string(text[1:len(text)-1])))
	}
	if ascii := strconv.QuoteToASCII(secret); ascii != quoted {
		out = append(out, ascii[1:len(ascii)-1])
	}
	if len(secret) < longEnough {
		return out
	}
	digits := hex.EncodeToString([]byte(secret))
	out = append(out, digits, strings.ToUpper(digits))
	for before := range 3 {
		core := inBase64(secret, before)
		out = append(out, core, strings.NewReplacer("+", "-", "/", "_").Replace(core))
	}
	return out
}

// inBase64 gives the digits of base64 that a secret alone decides when so many bytes stand before it, modulo three.
func inBase64(secret string, before int) string {
	const bitsOfByte, bitsOfDigit = 8, 6
	bytes := append(make([]byte, before), secret...)
	digits := base64.RawStdEncoding.EncodeToString(bytes)
	first := (before*bitsOfByte + bitsOfDigit - 1) / bitsOfDigit
	return digits[first : len(bytes)*bitsOfByte/bitsOfDigit]
}

// Writer gives a writer that masks secrets, also those that are split over several writes: where a write ends without a line break in what
// may be the beginning of a secret, that part waits for the next one, or for [redacting.flush].
func (r *Redactor) Writer(w io.Writer) io.Writer { return &redacting{to: w, by: r} }

type redacting struct {
	mu   sync.Mutex
	to   io.Writer
	by   *Redactor
	rest string
}

func (w *redacting) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	text := w.rest + string(p)
	forms, replacer := w.by.ready()
	if replacer == nil {
		_, err := w.to.Write(p)
		return len(p), err
	}
	w.rest = ""
	if !strings.HasSuffix(text, "\n") {
		at := undecided(text, forms)
		text, w.rest = text[:at], text[at:]
	}
	if _, err := io.WriteString(w.to, replacer.Replace(text)); err != nil {
		return 0, err
	}
	return len(p), nil
}

// undecided gives where the end of a text begins that may be the beginning of a secret. It is not in the middle of another one.
func undecided(text string, forms []string) int {
	at := len(text)
	for _, form := range forms {
		for n := min(len(form)-1, len(text)); n > len(text)-at; n-- {
			if strings.HasSuffix(text, form[:n]) {
				at = len(text) - n
			}
		}
	}
	for moved := true; moved; {
		moved = false
		for _, form := range forms {
			for start := max(0, at-len(form)+1); start < at; start++ {
				if strings.HasPrefix(text[start:], form) && start+len(form) > at {
					at, moved = start, true
				}
			}
		}
	}
	return at
}

// flush writes what is held back: nothing comes behind it.
func (w *redacting) flush() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.rest != "" {
		_, _ = io.WriteString(w.to, w.by.Text(w.rest))
		w.rest = ""
	}
}

// ours are names of values as this tool gives them; others may hold anything.
var ours = pattern.New(`^[a-z_]+$`)

// masked gives a JSON text with every secret masked that stands in one of its strings. Names of ours, numbers and all that makes it JSON stay as
// they are, whatever the secrets are.
func (r *Redactor) masked(text []byte) ([]byte, error) {
	if _, replacer := r.ready(); replacer == nil {
		return text, nil
	}
	var out bytes.Buffer
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	from := int64(0)
	var at nesting
	for {
		token, err := dec.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		piece := text[from:dec.InputOffset()]
		from = dec.InputOffset()
		if t, ok := token.(string); ok {
			if hidden := r.Text(t); hidden != t && (!at.name || !ours.MatchString(t)) {
				piece = append(bytes.Clone(piece[:bytes.IndexByte(piece, '"')]), quotedText(hidden)...)
			}
		}
		at.pass(token)
		out.Write(piece)
	}
	out.Write(text[from:])
	return out.Bytes(), nil
}

// nesting knows where in a JSON text a reader is.
type nesting struct {
	open []bool // of each enclosing value, whether it is an object
	name bool   // the next text is a name
}

func (n *nesting) pass(token json.Token) {
	named := n.name
	switch token {
	case json.Delim('{'), json.Delim('['):
		n.open = append(n.open, token == json.Delim('{'))
		named = false
	case json.Delim('}'), json.Delim(']'):
		n.open = n.open[:len(n.open)-1]
		named = false
	}
	n.name = len(n.open) > 0 && n.open[len(n.open)-1] && !named
}

// quotedText gives a text as JSON has it.
func quotedText(text string) []byte {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(text) // a text can always be written
	return bytes.TrimSpace(out.Bytes())
}
