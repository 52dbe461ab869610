package python

import (
	"math/big"
	"strconv"
	"strings"
)

// atom is a name, a literal, or something in brackets.
func (p *parser) atom() Node {
	t := p.peek()
	switch t.kind {
	case number:
		p.at++
		return numeral(p.text(t))
	case text:
		return p.joined()
	case name:
		return p.word()
	case operator:
		return p.bracketed()
	default:
		p.unexpected()
		return nil
	}
}

func (p *parser) word() Node {
	switch {
	case p.take("None"):
		return &Constant{}
	case p.take("True"):
		return &Constant{Value: true}
	case p.take("False"):
		return &Constant{Value: false}
	default:
		return &Name{ID: p.name()}
	}
}

func (p *parser) bracketed() Node {
	p.deeper()
	defer func() { p.depth-- }()
	switch {
	case p.take("..."):
		return &Other{}
	case p.take("("):
		return p.parenthesized()
	case p.take("["):
		elements, other := p.elements("]")
		if other {
			return &Other{}
		}
		return &List{Elements: elements}
	case p.take("{"):
		return p.braces()
	default:
		p.unexpected()
		return nil
	}
}

func (p *parser) parenthesized() Node {
	if p.take(")") {
		return &Tuple{}
	}
	first := p.starExpression()
	switch {
	case p.isAny("for", "async"):
		p.comprehension()
		p.closing(")")
		return &Other{}
	case !p.is(","):
		p.closing(")")
		if o, ok := first.(*Other); ok && o.starred {
			panic(p.src.fail(p.tokens[p.at-1].start, "cannot use starred expression here"))
		}
		return first
	}
	t := &Tuple{Elements: []Node{first}}
	for p.take(",") {
		if p.is(")") {
			break
		}
		t.Elements = append(t.Elements, p.starExpression())
	}
	p.closing(")")
	return t
}

// elements reads up to the closing bracket; other tells that it was a comprehension.
func (p *parser) elements(bracket string) (elements []Node, other bool) {
	for !p.is(bracket) {
		elements = append(elements, p.starExpression())
		if p.isAny("for", "async") {
			p.comprehension()
			other = true
			break
		}
		if !p.take(",") {
			break
		}
	}
	p.closing(bracket)
	return elements, other
}

// braces reads a dict or a set.
func (p *parser) braces() Node {
	d := &Dict{}
	for !p.is("}") {
		if p.take("**") {
			d.Keys, d.Values = append(d.Keys, nil), append(d.Values, p.bitOr())
		} else {
			key := p.starExpression()
			if !p.is(":") {
				return p.set(key, len(d.Keys) > 0)
			}
			p.at++
			d.Keys, d.Values = append(d.Keys, key), append(d.Values, p.expression())
		}
		if p.isAny("for", "async") {
			p.comprehension()
			p.closing("}")
			return &Other{}
		}
		if !p.take(",") {
			break
		}
	}
	p.closing("}")
	return d
}

func (p *parser) set(first Node, isDict bool) Node {
	if isDict {
		panic(p.src.fail(p.peek().start, "':' expected after dictionary key"))
	}
	if p.isAny("for", "async") {
		p.comprehension()
		p.closing("}")
		return &Other{}
	}
	s := &Set{Elements: []Node{first}}
	if p.take(",") {
		rest, _ := p.elements("}")
		s.Elements = append(s.Elements, rest...)
		return s
	}
	p.closing("}")
	return s
}

// numeral gives a number's value; an imaginary one is no constant here.
func numeral(s string) Node {
	s = strings.ReplaceAll(s, "_", "")
	if i, err := strconv.ParseInt(s, 0, 64); err == nil {
		return &Constant{Value: i}
	}
	if i, ok := new(big.Int).SetString(s, 0); ok {
		return &Constant{Value: i}
	}
	if strings.Trim(s, "0") == "" {
		return &Constant{Value: int64(0)}
	}
	if f, err := strconv.ParseFloat(s, 64); err == nil || f != 0 {
		return &Constant{Value: f}
	}
	return &Other{}
}
