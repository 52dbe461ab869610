package schema

import (
	"errors"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/python"
)

// signature is a function whose schema is computed.
type signature struct {
	reader *Reader
	fn     *python.Function
	at     python.Place
	// texts tells that annotations are kept as texts, foreign that Prefect could not evaluate one of those and leaves them to pydantic.
	texts, foreign bool
	// forms are the annotations that were evaluated, by their offset.
	forms map[int]evaluated
}

type evaluated struct {
	form form
	err  error
}

func (s *signature) schema() (Schema, []Untyped) {
	out := Schema{Title: "Parameters", Type: object, Properties: map[string]Property{}}
	told := descriptions(s.fn.Doc)
	m, err := s.reader.library.Module(s.at.File)
	s.texts = err == nil && future(m)
	all := s.everything()
	s.foreign = s.unevaluated()
	written := map[string]*writer{}
	reasons := map[string]string{}
	defaults := map[string]bool{} // those that nobody knows
	for i, p := range s.fn.Parameters {
		if p.Name == "self" || p.Name == "cls" {
			continue // they take a position but are no parameters of the flow
		}
		w := newWriter(s.reader)
		property, required, err := s.property(w, p)
		if all != nil {
			property, err = Property{}, all
		}
		_, typed := errors.AsType[undefaulted](err)
		if err != nil {
			reasons[p.Name] = err.Error()
		}
		if err == nil || typed {
			written[p.Name], defaults[p.Name] = w, typed
			err = nil
		}
		_, wished := property[ownTitle]
		delete(property, ownTitle)
		if _, has := property["title"]; !has || err == nil && !wished {
			property["title"] = p.Name
		}
		otherwise(property, "position", i)
		if text, ok := told[p.Name]; ok {
			otherwise(property, "description", text)
		}
		w.redundant(property)
		out.Properties[p.Name] = property
		if required {
			out.Required = append(out.Required, p.Name)
		}
	}
	s.define(&out, written, reasons, told, defaults)
	return out, s.untyped(m, reasons, defaults)
}

// untyped lists the parameters for which there is a reason.
func (s *signature) untyped(m *python.Module, reasons map[string]string, defaults map[string]bool) []Untyped {
	var out []Untyped
	for _, p := range s.fn.Parameters {
		reason, ok := reasons[p.Name]
		if !ok {
			continue
		}
		u := Untyped{Parameter: p.Name, Reason: reason, File: s.at.File, Typed: defaults[p.Name]}
		if m != nil {
			u.Line = m.Line(p.Start)
		}
		out = append(out, u)
	}
	return out
}

// otherwise sets what the schema does not say itself.
func otherwise(p Property, key string, v any) {
	if _, has := p[key]; !has {
		p[key] = v
	}
}

// ownTitle marks a title that stands there by the parameter's own wish (json_schema_extra).
const ownTitle = "\x00title"

// everything gives a reason that holds for all parameters.
func (s *signature) everything() error {
	if err := s.wrapped(); err != nil {
		return err
	}
	for _, p := range s.fn.Parameters {
		if !p.Annotation.Absent() {
			if f, err := s.form(p.Annotation, false); err == nil && old(f) || (err != nil || doubtful(f)) && s.reader.maybeOld(s.at, p.Annotation, 0) {
				return unknownf("the flow takes a type of pydantic.v1, which has rules of its own")
			}
		}
	}
	return nil
}

// wrapped looks at the decorators below Prefect's: one may take other parameters than the function, unless it wraps it as functools has it.
func (s *signature) wrapped() error {
	for _, d := range slices.Backward(s.fn.Decorators) {
		n, err := d.Node()
		if call, ok := n.(*python.Call); ok && err == nil {
			n = call.Func
		}
		dotted, ok := python.Dotted(n)
		if err != nil || !ok {
			return unknownf("the decorator %s may change the parameters", oneLine(d.Text))
		}
		o, err := s.reader.resolve(scope{Place: s.at}, dotted)
		_, last := cutLast(dotted)
		switch {
		case strings.HasPrefix(o.name, "prefect.") || err != nil && last == "flow":
			return nil
		case o.name == "builtins.staticmethod" || o.name == "builtins.classmethod":
		case o.Function != nil && strings.Contains(o.Function.Body, "wraps("):
		case o.Function != nil && strings.Contains(o.Function.Body, "flow("), o.Assignment != nil:
			return nil // a shim around Prefect's
		default:
			return unknownf("the decorator %s may change the parameters", oneLine(d.Text))
		}
	}
	return nil
}

// unevaluated tells whether Python can't evaluate an annotation that is a text; Prefect then leaves all those to pydantic, which looks
// for their names in a module of Prefect.
func (s *signature) unevaluated() bool {
	list := make([]python.Expr, 0, 1+len(s.fn.Parameters))
	list = append(list, s.fn.Returns)
	for _, p := range s.fn.Parameters {
		list = append(list, p.Annotation)
	}
	return slices.ContainsFunc(list, func(e python.Expr) bool {
		if e.Absent() || !s.isText(e) {
			return false
		}
		_, err := s.form(e, false)
		_, missing := errors.AsType[*unbound](err)
		return missing
	})
}

func (s *signature) isText(e python.Expr) bool {
	if s.texts || !strings.ContainsAny(e.Text[:1], "\"'(") {
		return s.texts
	}
	n, _ := e.Node() // nil with an error
	_, text := quotedText(n)
	return text
}

// form evaluates an annotation of the signature, each once.
func (s *signature) form(e python.Expr, foreign bool) (form, error) {
	key := e.Start * 2
	if foreign {
		key++
	}
	done, ok := s.forms[key]
	if !ok {
		done.form, done.err = s.evaluate(e, foreign)
		s.forms[key] = done
	}
	return done.form, done.err
}

func (s *signature) evaluate(e python.Expr, foreign bool) (form, error) {
	n, err := e.Node()
	if err != nil {
		return form{}, unknownf("the type %s can't be read", e.Text)
	}
	at := scope{Place: s.at, foreign: foreign, foreignStrings: true}
	if text, ok := quotedText(n); ok {
		if s.texts { // a text in a text
			return form{kind: forward, name: text}, nil
		}
		return s.reader.quoted(at, text, 0)
	}
	if s.texts {
		at.Offset = python.Anywhere
	}
	return s.reader.typing(at, n, 0)
}
