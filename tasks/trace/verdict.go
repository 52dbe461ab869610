package trace

import (
	"cmp"
	"fmt"
	"strings"
)

// verdict puts together what several ways give.
type verdict struct {
	flow    *Flow
	unknown string
}

// add takes in what one way gives. A way that ends with an exception gives nothing, and neither does one to something else than a flow, where
// others lead to one.
func (v *verdict) add(p *path, got value) {
	switch x := got.(type) {
	case *made:
		f := p.flow(x)
		if v.flow == nil {
			v.flow = f
			return
		}
		if f.named() != v.flow.named() {
			v.flow.Options = append(v.flow.Options, Option{Name: "name", Text: "what depends on " + p.test})
		}
	case *unknown:
		if v.unknown == "" {
			v.unknown = fmt.Sprintf("%s at %s", shown(x.text), p.place(x.file, x.start))
		}
	}
}

func (v *verdict) said() Verdict {
	if v.flow != nil {
		return Verdict{Flow: v.flow}
	}
	return Verdict{Unknown: v.unknown}
}

// named gives what decides a flow's name.
func (f *Flow) named() string {
	name := "\x00" + f.Name
	for _, o := range f.Options {
		if o.Name == "name" {
			if s, ok := o.Value.(string); ok && s != "" || !o.Known {
				name = s + "\x00" + o.Text
				if o.Known {
					name = s
				}
			} else {
				name = "\x00" + f.Name
			}
		}
	}
	return name
}

// flow writes what was made for others.
func (p *path) flow(m *made) *Flow {
	out := &Flow{Below: m.below}
	if c, ok := m.fn.(*closure); ok {
		title := p.title(c)
		var known bool
		if out.Name, known = textOf(title.value); !known { // unless somebody says another one
			out.Name = "flow"
			if b := base(c); b != nil && b.fn != nil {
				out.Name = b.fn.Name
			}
			out.Options = append(out.Options, p.option(argument{name: "name", value: &unknown{text: cmp.Or(title.text, "__name__"), file: cmp.Or(title.file, c.file), start: title.start}}))
		}
	}
	if c := base(m.fn); c != nil {
		out.Function, out.Module, out.File = c.fn, c.module, c.file
		p.defaults(out, c)
	}
	for _, a := range m.options {
		out.Options = append(out.Options, p.option(a))
	}
	return out
}

// option writes a keyword for others.
func (*path) option(a argument) Option {
	o := Option{Name: a.name, Text: a.text, File: a.file, Start: a.start}
	if u, ok := a.value.(*unknown); ok && u.text != "" {
		o.Text, o.File, o.Start = u.text, u.file, u.start
	}
	o.Value, o.Known = plain(a.value)
	return o
}

// defaults evaluates those that use what is bound around the function.
func (p *path) defaults(out *Flow, c *closure) {
	if c.fn == nil || c.env == nil || c.env.names == nil && c.env.around == nil {
		return
	}
	for _, q := range c.fn.Parameters {
		if q.Default.Absent() || !c.env.uses(q.Default.Text) {
			continue
		}
		if out.Defaults == nil {
			out.Defaults = map[string]string{}
		}
		text, ok := literal(p.expression(c.env, q.Default))
		if !ok {
			text = q.Default.Text + " or " + q.Default.Text // what nobody evaluates
		}
		out.Defaults[q.Name] = text
	}
}

// shown gives a text on one line, and not too long.
func shown(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > 80 {
		return text[:77] + "…"
	}
	return text
}
