package config

import (
	"cmp"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/flowmage/flowmage/tasks/document"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/setting"
)

// reader judges the YAML nodes of one layer against the schema and gives plain values. It never stops at a finding: what is
// wrong is left out.
type reader struct {
	file     string            // the file, or <environment> or <flag>
	variable string            // the variable or flag that the nodes come from, when there is no file
	origins  *origins          // where each value stands
	findings finding.List      // all of them
	seen     map[string]string // keys in use by variables and flags, to their name
	rejected map[string]bool   // settings that stand there but can't be used
	beside   bool              // the file stands beside flows
	apart    bool              // what is read are no settings
}

func newReader(file string) *reader {
	return &reader{file: file, origins: &origins{}, seen: map[string]string{}, rejected: map[string]bool{}}
}

// at gives the position of a node. Variables have no lines; their name stands in for the key.
func (r *reader) at(n *yaml.Node, path []string) finding.Position {
	if r.file == fromEnvironment || r.file == fromFlag {
		return finding.Position{File: r.file, Key: r.variable}
	}
	return finding.Position{File: r.file, Line: n.Line, Column: n.Column, Key: setting.Show(path)}
}

func (r *reader) report(n *yaml.Node, path []string, p setting.Problem) {
	severity, message := finding.Error, p.Message
	if p.Warning {
		severity = finding.Warning
	}
	if r.file == fromEnvironment {
		message = r.variable + ": " + message
	}
	at := r.at(n, path)
	var edit finding.Edit
	if p.Old != "" && r.file != fromEnvironment {
		edit = finding.At(at, p.Old, p.New)
	}
	r.findings = append(r.findings, catalogue.New(p.Code, r.scope(path), finding.Finding{Position: at, Message: message, Fix: p.Fix, Edit: edit}).As(severity))
}

// value gives the plain value of a node, false when it can't be used. An empty value counts as not written, except among free
// values.
func (r *reader) value(n *yaml.Node, s setting.Spec, path []string) (any, bool) {
	n = document.Target(n)
	if !builtin(n) {
		r.report(n, path, setting.Problem{
			Code: "yaml-tag", Message: fmt.Sprintf("%s has the tag %s, which means nothing here", setting.Show(path), n.Tag), Fix: "remove the tag",
		})
		return nil, false
	}
	if s.Form != setting.Free && n.Tag == document.Null {
		return nil, false
	}
	n = spelledOut(n, s)
	var v any
	var ok bool
	switch s.Form {
	case setting.Object:
		v, ok = r.object(n, s, path)
	case setting.Named:
		v, ok = r.named(n, s, path)
	case setting.List:
		v, ok = r.list(n, s, path)
	case setting.Free:
		v, ok = r.free(n, path)
	default:
		v, ok = r.scalar(n, s, path)
	}
	if ok && s.Rule != nil && s.Form != setting.Object {
		ok = r.obeys(n, s, path, v)
	}
	return v, ok
}

// spelledOut gives a value that may be written short as what it stands for: one of a list for the list, and the value of one key for the mapping.
func spelledOut(n *yaml.Node, s setting.Spec) *yaml.Node {
	switch {
	case s.Single && n.Kind != yaml.SequenceNode:
		return &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Line: n.Line, Column: n.Column, Content: []*yaml.Node{n}}
	case s.Short != "" && n.Kind == yaml.ScalarNode:
		key := &yaml.Node{Kind: yaml.ScalarNode, Tag: textTag, Value: s.Short, Line: n.Line, Column: n.Column}
		return &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: n.Line, Column: n.Column, Content: []*yaml.Node{key, n}}
	default:
		return n
	}
}

// obeys applies the rule of a setting.
func (r *reader) obeys(n *yaml.Node, s setting.Spec, path []string, v any) bool {
	p := s.Rule(v)
	if p == nil {
		return true
	}
	p.Message = setting.Show(path) + " " + p.Message
	r.report(n, path, *p)
	return p.Warning
}

// object reads a mapping whose keys are known.
func (r *reader) object(n *yaml.Node, s setting.Spec, path []string) (any, bool) {
	if !r.isMapping(n, s, path) {
		return nil, false
	}
	out, written, strange := map[string]any{}, map[string]any{}, false
	for _, e := range r.entries(n, path) {
		plain, plus := strings.CutPrefix(e.Name, "+")
		known, ok := s.Keys[plain]
		ok = ok && (!plus || !s.Sole)
		switch {
		case !ok:
			r.unknown(e, s, path)
			strange = true
		case plus && known.Form != setting.List:
			r.report(e.Key, setting.Below(path, e.Name), setting.Problem{
				Code: "append", Message: setting.Show(setting.Below(path, plain)) + " is no list: only lists can be appended to",
				Fix: fmt.Sprintf("write %s: without the +", plain),
			})
		default:
			if e.Value.Tag != document.Null {
				written[e.Name] = true
			}
			r.keep(out, e, known, path)
		}
	}
	// The rule of a mapping is about what is written in it, usable or not, and says nothing new where a key is misspelt. The
	// mapping is kept: each of its parts has been judged.
	if s.Rule != nil && !strange {
		r.obeys(n, s, path, written)
	}
	return out, true
}

// named reads a mapping whose keys the user chooses.
func (r *reader) named(n *yaml.Node, s setting.Spec, path []string) (any, bool) {
	if !r.isMapping(n, s, path) {
		return nil, false
	}
	out := map[string]any{}
	for _, e := range r.entries(n, path) {
		if (s.Alone || s.Each.Form == setting.Text) && e.Value.Tag == document.Null {
			fix := `write "" for an empty text, or remove the line`
			if s.Alone {
				fix = "write {} for one without settings, or remove the line"
			}
			r.report(e.Value, setting.Below(path, e.Name), setting.Problem{Code: wrongType, Message: setting.Show(setting.Below(path, e.Name)) + " is empty", Fix: fix})
			continue
		}
		if s.Each.Form == setting.Free && strings.HasPrefix(e.Name, "+") && !r.isList(e, path) {
			continue
		}
		r.keep(out, e, *s.Each, path)
	}
	return out, true
}

func (r *reader) isList(e document.Entry, path []string) bool {
	if e.Value.Kind == yaml.SequenceNode {
		return true
	}
	r.report(e.Key, setting.Below(path, e.Name), setting.Problem{
		Code: "append", Message: setting.Show(setting.Below(path, e.Name)) + " is no list: only lists can be appended to", Fix: "remove the +",
	})
	return false
}

// keep reads the value of a key and notes where it stands.
func (r *reader) keep(out map[string]any, e document.Entry, s setting.Spec, path []string) {
	path = setting.Below(path, e.Name)
	if v, ok := r.value(e.Value, s, path); ok {
		out[e.Name] = v
		r.origins.set(path, r.at(e.Key, path))
	} else if e.Value.Tag != document.Null {
		r.rejected[join(path)] = true
	}
}

func (r *reader) isMapping(n *yaml.Node, s setting.Spec, path []string) bool {
	if n.Kind == yaml.MappingNode {
		return true
	}
	r.report(n, path, setting.Problem{
		Code: wrongType, Message: fmt.Sprintf("%s must be a mapping, this is %s", cmp.Or(setting.Show(path), "the file"), describe(n, path)), Fix: write(s),
	})
	return false
}

func (r *reader) list(n *yaml.Node, s setting.Spec, path []string) (any, bool) {
	if n.Kind != yaml.SequenceNode {
		r.report(n, path, setting.Problem{
			Code: wrongType, Message: fmt.Sprintf("%s must be a list, this is %s", setting.Show(path), describe(n, path)), Fix: write(s),
		})
		return nil, false
	}
	out := make([]any, 0, len(n.Content))
	for i, c := range n.Content {
		at := setting.Below(path, setting.Index(i))
		if document.Target(c).Tag == document.Null {
			r.report(c, at, setting.Problem{Code: wrongType, Message: setting.Show(at) + " is empty", Fix: "remove the line, or " + write(s)})
			continue
		}
		if v, ok := r.value(c, *s.Each, at); ok {
			r.origins.set(at, r.at(c, at))
			if len(out) < i { // one before it was left out
				r.origins.move(r.origins, at, setting.Below(path, setting.Index(len(out))))
			}
			out = append(out, v)
		}
	}
	return out, true
}

// unknown reports a key that no setting has.
func (r *reader) unknown(e document.Entry, s setting.Spec, path []string) {
	full := setting.Below(path, e.Name)
	where := "the settings have"
	if len(path) > 0 {
		where = setting.Show(path) + " has"
	}
	p := setting.Problem{Code: "key-unknown", Fix: misplaced(r.file, path, e.Name)}
	if near := s.Near(e.Name); near != "" && p.Fix == "" {
		p.Old, p.New = e.Name, near
	}
	switch {
	case r.apart:
		where, p.Fix = strings.Replace(where, "the settings have", "the file has", 1), s.Known(e.Name)
	case p.Fix == "":
		p.Fix = s.Suggest(e.Name)
	}
	p.Message = fmt.Sprintf("%s no key %q", where, e.Name)
	r.report(e.Key, full, p)
}

func write(s setting.Spec) string {
	if s.Example == "" {
		return "write settings as `key: value` lines"
	}
	return "write `" + s.Example + "`"
}

// layer reads one file's text. It gives an empty map for an empty file, and what can be used of a broken one.
func (r *reader) layer(data []byte, s setting.Spec) map[string]any {
	root, findings := document.Read(r.file, data)
	for _, f := range findings {
		f.Scope = r.scope(nil)
		r.findings = append(r.findings, f)
	}
	if root != nil {
		values, ok := r.value(root, s, nil)
		if m, isMap := values.(map[string]any); ok && isMap {
			return m
		}
	}
	if len(r.findings) > 0 { // nothing of the file is known, so nothing may be called missing
		r.rejected[""] = true
	}
	return map[string]any{}
}
