package config

import (
	"fmt"
	"io/fs"
	"maps"
	"path"
	"reflect"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/setting"
)

// Base is what a pull request is to be merged into. Who asks to be let in does not say who guards the door: with a base, guards, protect, exclude and
// rules are its own, and the repository's count only once they are merged. Variables and flags, which stand outside, go over both.
type Base struct {
	Files fs.FS  // the settings as they are there; nil: they are not known, and everything is guarded
	Name  string // for people: origin/main

	elsewhere bool // flows are looked for in other places than there
}

// The keys that a base decides.
const (
	guardsKey  = "guards"
	excludeKey = "exclude"
	protectKey = "protect"
)

// guardedBy puts a base's guards in the place of those that the repository's files hold, and tells of the differences. What is wrong in the base's
// files is not told: nobody who asks can mend it.
func (l *layers) guardedBy(b *Base, env string) finding.List {
	theirs := newLayers()
	theirs.from = b.Name + ":"
	if b.Files != nil {
		if _, err := theirs.files(b.Files, env); err != nil || theirs.unclear() {
			b.Files = nil
		}
	}
	var out finding.List
	if b.Files != nil {
		out = l.changed(theirs, b.Name, env)
		b.elsewhere = !reflect.DeepEqual(l.values.Get("paths"), theirs.values.Get("paths"))
	} else {
		theirs = strictest()
	}
	values := map[string]any{}
	for _, key := range []string{guardsKey, excludeKey, protectKey, rulesKey} {
		l.drop(key)
		if v := theirs.values.Get(key); v != nil {
			values[key] = v
		}
	}
	flows := map[string]any{}
	for name, v := range l.flows {
		if own, ok := v.(map[string]any); ok {
			delete(own, protectKey)
			l.origins.forget([]string{setting.Flows, name, protectKey})
		}
	}
	for name, v := range theirs.flows {
		held, _ := v.(map[string]any)
		on, set := held[protectKey].(bool)
		if _, here := l.flows[name]; set && (on || here) { // one that is not there has settings that match no flow
			flows[name] = map[string]any{protectKey: on}
		}
	}
	if len(flows) > 0 {
		values[setting.Flows] = flows
	}
	from := newReader(fromDefault)
	from.origins = theirs.origins
	l.over(values, from)
	return out
}

// unclear tells whether a guard stands somewhere and can't be used.
func (l *layers) unclear() bool {
	for path := range l.rejected {
		parts := strings.Split(path, separator)
		if path == "" || slices.Contains([]string{guardsKey, excludeKey, "+" + excludeKey, protectKey, rulesKey}, parts[0]) || parts[len(parts)-1] == protectKey {
			return true
		}
	}
	return false
}

// drop forgets a setting as if no file had it.
func (l *layers) drop(key string) {
	l.values.Delete(key)
	l.origins.forget([]string{key})
	maps.DeleteFunc(l.rejected, func(path string, _ bool) bool { return path == key || strings.HasPrefix(path, join([]string{key, ""})) })
}

// strictest is what holds where nothing is known: every guard is on.
func strictest() *layers {
	l := newLayers()
	l.over(map[string]any{
		guardsKey: map[string]any{
			"clean_tree": true, "branches": []any{"main", "master"}, "pinned_images": true, "own_server": true, "confirm": true,
		},
		protectKey: true, excludeKey: []any{},
	}, newReader(fromDefault))
	return l
}

// changed gives a finding for each guard that the repository has otherwise than the base.
func (l *layers) changed(theirs *layers, base, env string) finding.List {
	guards := slices.Sorted(maps.Keys(setting.All().Keys[guardsKey].Keys))
	names := slices.Sorted(maps.Keys(joined(l.flows, theirs.flows)))
	codes := slices.Sorted(maps.Keys(joined(l.rulings(), theirs.rulings())))
	paths := make([][]string, 0, 2+len(guards)+len(names)+len(codes))
	paths = append(paths, []string{excludeKey}, []string{protectKey})
	for _, guard := range guards {
		paths = append(paths, []string{guardsKey, guard})
	}
	for _, code := range codes {
		paths = append(paths, []string{rulesKey, code})
	}
	for _, name := range names {
		paths = append(paths, []string{setting.Flows, name, protectKey})
	}
	var out finding.List
	for _, path := range paths {
		here, there := l.value(path), theirs.value(path)
		if reflect.DeepEqual(here, there) {
			continue
		}
		at, known := l.origins.place(path)
		if !known || at.File == fromDefault {
			at = finding.Position{File: fileOf(env), Key: setting.Show(path)}
		}
		out = append(out, overruled(at, setting.Show(path), here, there, base))
	}
	return out
}

func overruled(at finding.Position, key string, here, there any, base string) finding.Finding {
	return catalogue.New("guard-changed", finding.Everything(), finding.Finding{
		Position: at,
		Message:  fmt.Sprintf("%s is %s here and %s in %s, which counts", key, setWord(here), setWord(there), base),
		Fix:      "none, if it is meant: it holds once it is merged",
	})
}

func setWord(v any) string {
	if v == nil {
		return "not set"
	}
	return fmt.Sprint(rulingWords(v))
}

// rulings gives what the layers hold of rules, by code.
func (l *layers) rulings() map[string]any {
	out, _ := l.values.Get(rulesKey).(map[string]any)
	return out
}

// value gives what the layers hold at a path; nil when it is not set.
func (l *layers) value(path []string) any {
	if path[0] != setting.Flows {
		return l.values.Get(join(path))
	}
	var at any = l.flows
	for _, key := range path[1:] {
		m, _ := at.(map[string]any)
		at = m[key]
	}
	return at
}

// beside puts what the base's file of the same name says of protection in the place of what a file beside flows says.
func (b *Base) beside(r *reader, values map[string]any) finding.List {
	if b == nil {
		return nil
	}
	here, at := values[protectKey], finding.Position{File: r.file, Key: protectKey}
	if p, ok := r.origins.place([]string{protectKey}); ok {
		at = p
	}
	delete(values, protectKey)
	r.origins.forget([]string{protectKey})
	if b.Files == nil {
		values[protectKey] = true
		return nil
	}
	theirs := newReader(b.Name + ":" + r.file)
	var there any
	if data, err := readFile(b.Files, r.file); err == nil {
		there = theirs.layer(data, besideKeys())[protectKey]
	}
	if there != nil {
		values[protectKey] = there
		r.origins.move(theirs.origins, []string{protectKey}, []string{protectKey})
	}
	if reflect.DeepEqual(here, there) {
		return nil
	}
	f := overruled(at, protectKey, here, there, b.Name)
	f.Scope = finding.OfFile(r.file)
	return finding.List{f}
}

// Kept gives the environment with the protection that the base's flow.yaml files give, where a file or its flows are not in their place any more,
// and tells of each. folders are those that have flows, and [Env.Beside] comes first. Flows that are still there stay protected by themselves. Of
// others nobody can tell what their deployments are called now: then all are protected that the base's settings don't name. Without a base nothing
// changes.
func (e Env) Kept(root fs.FS, folders []string) (Env, finding.List) {
	if e.base == nil || e.base.Files == nil {
		return e, nil
	}
	var out finding.List
	held := joined(e.beside, nil)
	for _, file := range e.base.besideFiles() {
		on, set := e.base.protects(file)
		_, read := e.beside[file]
		inhabited := slices.Contains(folders, path.Dir(file))
		if !set || read && inhabited || !read && !e.base.elsewhere && present(root, file) {
			continue
		}
		at := finding.Position{File: file, Key: protectKey}
		f := overruled(at, protectKey, nil, on, e.base.Name)
		f.Scope = finding.OfFile(file)
		if read {
			f.Message = fmt.Sprintf("%s is %v in %s, which counts, for flows that are not in this folder any more", protectKey, on, e.base.Name)
		}
		out = append(out, f)
		switch {
		case inhabited:
			held[file] = Override{Deployment: Deployment{Protect: &on}}
		case on:
			e.Protect = &on
		}
	}
	e.beside = held
	return e, out
}

// besideFiles gives the base's flow.yaml files, sorted.
func (b *Base) besideFiles() []string {
	var out []string
	_ = fs.WalkDir(b.Files, ".", func(file string, d fs.DirEntry, err error) error { // what can't be read is left out
		if err == nil && !d.IsDir() && path.Base(file) == BesideFile {
			out = append(out, file)
		}
		return nil
	})
	return out
}

// protects gives what one of the base's flow.yaml files says of protection, and whether it does.
func (b *Base) protects(file string) (on, set bool) {
	data, err := readFile(b.Files, file)
	if err != nil {
		return false, false
	}
	on, set = newReader(b.Name+":"+file).layer(data, besideKeys())[protectKey].(bool)
	return on, set
}

// present tells whether a file is there.
func present(root fs.FS, file string) bool {
	_, err := fs.Stat(root, file)
	return err == nil
}
