package config

import (
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"

	"github.com/flowmage/flowmage/tasks/credential"
	"github.com/flowmage/flowmage/tasks/document"
	"github.com/flowmage/flowmage/tasks/environ"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/setting"
)

// prefix starts the name of every variable that is a setting.
const prefix = "FLOWMAGE_"

// reserved tells whether a variable is for something else than settings: whether the repository is trusted, what no repository may
// say, credentials, or the project's own tests.
func reserved(name string) bool {
	of := func(start string) bool { return strings.HasPrefix(name, start) }
	return name == "UNTRUSTED" || name == "BASE" || prefix+name == credential.For || slices.ContainsFunc([]string{"TEST_", "SOAK", "BENCH", "SECRETS_FROM"}, of)
}

// variables is the layer of FLOWMAGE_ variables. Their names are matched in any case, __ goes one level down. An empty variable
// counts as not set, since many CI systems can't leave one out.
func (l *layers) variables(given environ.List, root fs.FS) finding.List {
	set := given.Map()
	maps.DeleteFunc(set, func(name, _ string) bool {
		return len(name) < len(prefix) || !strings.EqualFold(name[:len(prefix)], prefix)
	})
	r := newReader(fromEnvironment)
	values := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(set)) {
		rest := name[len(prefix):]
		if set[name] == "" || reserved(strings.ToUpper(rest)) {
			continue
		}
		r.variable = name
		if credential.Private(strings.ToUpper(name)) {
			r.credential(name, root)
			continue
		}
		f := finder{existing: l.all(), loose: true}
		l.put(r, values, f, strings.Split(rest, "__"), set[name])
	}
	l.last(values, r)
	return r.findings
}

// last puts a layer on top that goes over files beside flows too.
func (l *layers) last(values map[string]any, r *reader) {
	if flows, ok := values[setting.Flows].(map[string]any); ok {
		if l.late == nil {
			l.late = map[string]any{}
		}
		merger{}.merge(l.late, cloneMap(flows), nil)
	}
	l.over(values, r)
}

// flags is the top layer.
func (l *layers) flags(flags map[string]string) finding.List {
	r := newReader(fromFlag)
	values := map[string]any{}
	for _, key := range slices.Sorted(maps.Keys(flags)) {
		r.variable = key
		l.put(r, values, finder{existing: l.all()}, setting.Split(key), flags[key])
	}
	l.last(values, r)
	return r.findings
}

// put reads one variable or flag into values.
func (l *layers) put(r *reader, values map[string]any, f finder, names []string, raw string) {
	path, s, ok := f.find(l.schema, names)
	if !ok {
		r.report(nil, nil, unknownVariable(r, names, l.schema))
		return
	}
	if earlier, twice := r.seen[join(path)]; twice {
		r.report(nil, nil, setting.Problem{
			Code: "key-duplicate", Warning: true, Message: fmt.Sprintf("%s is set already by %s; the later wins", setting.Show(path), earlier),
			Fix: "unset one of the two",
		})
	}
	r.seen[join(path)] = r.variable
	one := newReader(r.file)
	one.variable = r.variable
	v, ok := one.value(scalarNode(raw, s), s, path)
	r.findings = append(r.findings, one.findings...)
	maps.Copy(r.rejected, one.rejected)
	if !ok {
		r.rejected[join(path)] = true
		return
	}
	for i := len(path); i > 0; i-- { // wrap the value in the maps it lies in
		one.origins.set(path[:i], one.at(nil, path[:i]))
		v = map[string]any{path[i-1]: v}
	}
	m, _ := v.(map[string]any)
	merger{origins: r.origins, from: one.origins}.merge(values, m, nil)
}

func unknownVariable(r *reader, names []string, s setting.Spec) setting.Problem {
	p := setting.Problem{Code: "variable-unknown", Warning: r.file == fromEnvironment, Message: "there is no such setting", Fix: "docs/settings.md has all keys"}
	if r.file == fromFlag {
		p.Code, p.Message = "key-unknown", fmt.Sprintf("there is no setting %q", r.variable)
	}
	paths := s.Leaves(nil)
	all := make([]string, 0, len(paths))
	for _, path := range paths {
		all = append(all, strings.Join(path, "."))
	}
	if r.file == fromFlag {
		p.Fix = setting.Meant(strings.Join(names, "."), all, p.Fix)
		return p
	}
	// Compared without the prefix, which would make everything look alike, and with _ for the . between levels.
	for i, key := range all {
		all[i] = strings.ToUpper(strings.ReplaceAll(key, ".", "__"))
	}
	near := finding.Nearest(r.variable[len(prefix):], all)
	if near != "" {
		near = prefix + near
	}
	p.Fix = finding.Meant(near, p.Fix)
	return p
}

// finder turns the words of a variable or flag into a path of settings.
type finder struct {
	existing map[string]any // the layers below: their spelling of names wins
	loose    bool           // words are in any case, with _ for dashes and blanks
}

func (f finder) find(s setting.Spec, names []string) ([]string, setting.Spec, bool) {
	var path []string
	var at any = f.existing
	for _, name := range names {
		if name == "" {
			return nil, s, false
		}
		here, _ := at.(map[string]any)
		switch s.Form {
		case setting.Object:
			key, ok := f.among(name, slices.Sorted(maps.Keys(s.Keys)))
			if !ok {
				return nil, s, false
			}
			name, s = key, s.Keys[key]
		case setting.Named, setting.Free:
			key, ok := f.among(name, slices.Sorted(maps.Keys(here)))
			switch {
			case ok:
				name = key
			case f.loose && s.Dashed:
				name = strings.ToLower(strings.ReplaceAll(name, "_", "-"))
			case f.loose && !s.Exact:
				name = strings.ToLower(name)
			}
			if s.Form == setting.Named {
				s = *s.Each
			}
		default:
			return nil, s, false
		}
		path, at = append(path, name), here[name]
	}
	return path, s, len(path) > 0
}

func (f finder) among(name string, keys []string) (string, bool) {
	at := slices.Index(keys, name)
	if at < 0 && f.loose {
		at = slices.IndexFunc(keys, func(key string) bool { return fold(key) == fold(name) })
	}
	if at < 0 {
		return "", false
	}
	return keys[at], true
}

// fold makes names equal that differ only in what a variable's name can't spell.
func fold(name string) string {
	return strings.Map(func(r rune) rune {
		if r == '-' || r == ' ' || r == '.' {
			return '_'
		}
		return unicode.ToLower(r)
	}, name)
}

// scalarNode parses the text of a variable as YAML. Text settings take it as it is, so that nobody must quote 1.0 twice; a list
// may be written with commas alone.
func scalarNode(raw string, s setting.Spec) *yaml.Node {
	plain := &yaml.Node{Kind: yaml.ScalarNode, Tag: textTag, Value: raw}
	if strings.ContainsRune(raw, 0) {
		return plain
	}
	var doc yaml.Node
	err := yaml.Unmarshal([]byte(raw), &doc)
	ok := err == nil && len(doc.Content) == 1 && document.Bounded(doc.Content[0])
	switch {
	case s.Form == setting.Text:
		if ok && doc.Content[0].Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0 {
			return doc.Content[0]
		}
		return plain
	case s.Form == setting.List && s.Each.Form == setting.Text && !strings.HasPrefix(strings.TrimSpace(raw), "["):
		return wordList(raw)
	case !ok, strings.HasPrefix(strings.TrimSpace(raw), "{{"): // a template of Prefect's is text
		return plain
	}
	return doc.Content[0]
}

func wordList(raw string) *yaml.Node {
	out := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
	for word := range strings.SplitSeq(raw, ",") {
		if word = strings.TrimSpace(word); word != "" {
			out.Content = append(out.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: textTag, Value: word})
		}
	}
	return out
}
