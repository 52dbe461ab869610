package config

import (
	"fmt"
	"io/fs"
	"path"
	"slices"

	"github.com/flowmage/flowmage/tasks/finding"
)

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
			held[file] = Override{Protect: &on}
		case on:
			e.Protect = true
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
