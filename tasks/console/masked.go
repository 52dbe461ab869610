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
	var open []bool // of each enclosing value, whether it is an object
	name := false   // the next string is a name
	for {
		token, err := dec.Token()
		if err == io.EOF { //nolint:errorlint // as the decoder says it
			break
		}
		if err != nil {
			return nil, err
		}
		to := dec.InputOffset()
		piece := text[from:to]
		from = to
		isName := name
		switch t := token.(type) {
		case json.Delim:
			if t == '{' || t == '[' {
				open = append(open, t == '{')
			} else {
				open = open[:len(open)-1]
			}
			name = len(open) > 0 && open[len(open)-1]
		case string:
			name = len(open) > 0 && open[len(open)-1] && !isName
			if hidden := r.Text(t); hidden != t && !(isName && ours.MatchString(t)) {
				piece = append(bytes.Clone(piece[:bytes.IndexByte(piece, '"')]), quotedText(hidden)...)
			}
		default:
			name = len(open) > 0 && open[len(open)-1]
		}
		out.Write(piece)
	}
	out.Write(text[from:])
	return out.Bytes(), nil
}

// quotedText gives a text as JSON has it.
func quotedText(text string) []byte {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(text) // a text can always be written
	return bytes.TrimSpace(out.Bytes())
}
