package flow

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/python"
)

// settle fills in what the decorator's keywords say about a flow: its name, description and options. Of two equal keywords the later counts.
func (r *recognizer) settle(f *Flow, function, doc string, given []option) {
	f.Name, f.Description = DefaultName(function), python.CleanDoc(doc) // as Prefect has it where none is given
	for _, o := range r.spread(given) {
		value, known := r.value(o)
		switch o.keyword.Name {
		case "name":
			r.named(f, function, o, value, known)
		case "": // ** of something that can't be looked into
			if f.NameExpr == "" && !o.certain {
				f.NameExpr = "**" + strings.TrimLeft(r.written(o), "*")
			}
		case "description":
			if text, ok := value.(string); ok && text != "" {
				f.Description = text
			}
		case "fn":
		default:
			f.Options = append(f.Options, Option{Name: o.keyword.Name, Value: value, Known: known, Text: o.keyword.Text})
		}
	}
	f.Options = last(f.Options)
}

// value gives that of a keyword, where it is known.
func (r *recognizer) value(o option) (any, bool) {
	if o.settled != nil {
		return o.settled.value, o.settled.known
	}
	return r.library.Constant(o.at, o.keyword.Value)
}

// last gives options by their names, of each the last that was said.
func last(said []Option) []Option {
	slices.SortStableFunc(said, func(a, b Option) int { return cmp.Compare(a.Name, b.Name) })
	var out []Option
	for i, o := range said {
		if i+1 == len(said) || said[i+1].Name != o.Name {
			out = append(out, o)
		}
	}
	return out
}

// named takes a name that the decorator is given. None and "" mean the function's, as Prefect has it.
func (r *recognizer) named(f *Flow, function string, o option, value any, known bool) {
	text, isText := value.(string)
	switch {
	case known && (value == nil || isText && text == ""):
		f.Name, f.NameExpr = DefaultName(function), ""
	case known && isText:
		f.Name, f.NameExpr = text, ""
	default:
		f.NameExpr = r.written(o)
	}
}

// written tells people what a keyword is given, and where.
func (r *recognizer) written(o option) string {
	at := o.file
	if at == "" {
		return o.keyword.Text
	}
	if m, err := r.library.Module(at); err == nil {
		at = placeOf(at, m, o.start)
	}
	return o.keyword.Text + " at " + at
}

// spread puts the entries of a dict in the place of **dict, where the dict can be looked into.
func (r *recognizer) spread(given []option) []option {
	var out []option
	for _, o := range given {
		d, at, ok := r.dict(o)
		if !ok {
			out = append(out, o)
			continue
		}
		for i, k := range d.Keys {
			word := ""
			if key, ok := k.(*python.Constant); ok {
				word, _ = key.Value.(string)
			}
			text := o.keyword.Text + "[" + fmt.Sprintf("%q", word) + "]"
			out = append(out, option{keyword: python.Keyword{Name: word, Value: d.Values[i], Text: text}, at: at, file: o.file, start: o.start})
		}
	}
	return out
}

// dict gives the dict behind **, written there or as a constant; ok is false for any other keyword.
func (r *recognizer) dict(o option) (d *python.Dict, at python.Place, ok bool) {
	if o.keyword.Name != "" {
		return nil, o.at, false
	}
	if d, ok := o.keyword.Value.(*python.Dict); ok {
		return d, o.at, true
	}
	dotted, ok := python.Dotted(o.keyword.Value)
	if !ok {
		return nil, o.at, false
	}
	origin, _ := r.library.Resolve(o.at, dotted)
	n, at, _ := origin.Value(o.at.Script)
	d, ok = n.(*python.Dict)
	return d, at, ok && origin.Only
}
