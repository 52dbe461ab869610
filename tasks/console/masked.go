package console

import (
	"bytes"
	"encoding/json"
	"io"
	"regexp"
)

// ours are names of values as this tool gives them; others may hold anything.
var ours = regexp.MustCompile(`^[a-z_]+$`)

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
