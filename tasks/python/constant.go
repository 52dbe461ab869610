package python

import (
	"strconv"
	"strings"
)

// Constant gives the value of an expression as [Literal] does, and knows more of it: names of constants, also those imported from the tree's
// own modules; f-strings of such names; strings joined by +. A constant is a name that is bound once. Nothing is called.
func (l *Library) Constant(at Place, n Node) (value any, ok bool) {
	e := evaluation{library: l, left: mostSteps}
	return e.value(at, n)
}

// An evaluation ends after so many steps, and its texts after so many bytes: names that use each other twice could go on for long.
const (
	mostSteps = 500
	mostBytes = 64 << 10
)

type evaluation struct {
	library *Library // nil where only literals have a value
	left    int
}

func (e *evaluation) value(at Place, n Node) (any, bool) {
	if e.left--; e.left < 0 {
		return nil, false
	}
	switch x := n.(type) {
	case *Constant:
		_, isBytes := x.Value.(Bytes)
		return x.Value, !isBytes
	case *Unary:
		return signed(x)
	case *List:
		out := make([]any, 0, len(x.Elements))
		for _, element := range x.Elements {
			v, ok := e.value(at, element)
			if !ok {
				return nil, false
			}
			out = append(out, v)
		}
		return out, true
	case *Dict:
		return e.dict(at, x)
	}
	if e.library == nil {
		return nil, false
	}
	switch x := n.(type) {
	case *Name, *Attribute:
		dotted, ok := Dotted(n)
		if !ok {
			return nil, false
		}
		return e.named(at, dotted)
	case *JoinedString:
		return e.interpolated(at, x)
	case *Binary:
		a, ok1 := e.value(at, x.Left)
		b, ok2 := e.value(at, x.Right)
		s, isText1 := a.(string)
		t, isText2 := b.(string)
		return s + t, ok1 && ok2 && isText1 && isText2 && x.Op == "+" && len(s)+len(t) <= mostBytes
	default:
		return nil, false
	}
}

func (e *evaluation) dict(at Place, d *Dict) (any, bool) {
	out := map[string]any{}
	for i, k := range d.Keys {
		if k == nil {
			return nil, false
		}
		key, ok1 := e.value(at, k)
		word, isText := key.(string)
		v, ok2 := e.value(at, d.Values[i])
		if !ok1 || !isText || !ok2 {
			return nil, false
		}
		out[word] = v
	}
	return out, true
}

func (e *evaluation) named(at Place, dotted string) (any, bool) {
	o, _ := e.library.Resolve(at, dotted)
	if !o.Only {
		return nil, false
	}
	n, at, ok := o.Value(at.Script)
	if !ok {
		return nil, false
	}
	return e.value(at, n)
}

func (e *evaluation) interpolated(at Place, s *JoinedString) (any, bool) {
	var b strings.Builder
	for _, part := range s.Parts {
		v, ok := e.value(at, part)
		switch x := v.(type) {
		case string:
			b.WriteString(x)
		case int64:
			b.WriteString(strconv.FormatInt(x, 10))
		default:
			return nil, false
		}
		if !ok || b.Len() > mostBytes {
			return nil, false
		}
	}
	return b.String(), true
}
