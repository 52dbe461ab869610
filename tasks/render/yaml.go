package render

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"go.yaml.in/yaml/v3"
)

// inline writes a value on one line of YAML, so that both this tool and PyYAML, which Prefect uses and which follows YAML 1.1, read
// back the same value. It is JSON, which YAML contains, with two corrections: PyYAML takes a float without a point, such as
// 1e+06, for text, and some characters that JSON leaves alone end a line in YAML.
func inline(v any) (string, error) {
	n, err := nodeOf(reflect.ValueOf(v))
	if err != nil {
		return "", err
	}
	var b strings.Builder
	err = writeNode(&b, n)
	return b.String(), err
}

func writeNode(b *strings.Builder, n *yaml.Node) error {
	switch n.Kind {
	case yaml.SequenceNode:
		b.WriteByte('[')
		for i, item := range n.Content {
			if i > 0 {
				b.WriteString(", ")
			}
			if err := writeNode(b, item); err != nil {
				return err
			}
		}
		b.WriteByte(']')
		return nil
	case yaml.MappingNode:
		b.WriteByte('{')
		for i, item := range n.Content {
			switch {
			case i%2 == 1:
				b.WriteString(": ")
			case i > 0:
				b.WriteString(", ")
			}
			if err := writeNode(b, item); err != nil {
				return err
			}
		}
		b.WriteByte('}')
		return nil
	default:
		if n.Tag == tagText {
			return writeText(b, n.Value)
		}
		b.WriteString(n.Value)
		return nil
	}
}

// writeText writes a double-quoted string. Next line, and the two Unicode separators, would be folded by YAML readers.
func writeText(b *strings.Builder, s string) error {
	if isPlain(s) {
		b.WriteByte('"')
		b.WriteString(s)
		b.WriteByte('"')
		return nil
	}
	var quoted strings.Builder
	if err := writeJSON(&quoted, s); err != nil {
		return err
	}
	for _, r := range quoted.String() {
		if r == 0x7f || r == 0x85 || r == 0xfeff || r >= 0x80 && r < 0xa0 || r == 0x2028 || r == 0x2029 {
			fmt.Fprintf(b, `\u%04x`, r)
			continue
		}
		b.WriteRune(r)
	}
	return nil
}

// isPlain tells whether a text stands between quotes as it is. Almost all do.
func isPlain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

func writeJSON(b *strings.Builder, v any) error {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return err
	}
	b.Write(bytes.TrimSpace(out.Bytes()))
	return nil
}
