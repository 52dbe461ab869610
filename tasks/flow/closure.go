package flow

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/python"
)

// source is a file as read. module is nil when it could not be parsed.
type source struct {
	text   []byte
	module *python.Module
}

// tree reads each file of the repository at most once.
type tree struct {
	root  fs.FS
	files map[string]source
	errs  map[string]error
}

func newTree(root fs.FS) *tree {
	return &tree{root: root, files: map[string]source{}, errs: map[string]error{}}
}

func (t *tree) read(file string) (source, error) {
	if s, seen := t.files[file]; seen {
		return s, t.errs[file]
	}
	var s source
	text, err := fs.ReadFile(t.root, file)
	if err == nil {
		s.text = text
		s.module, err = python.Parse(text)
	}
	t.files[file], t.errs[file] = s, err
	return s, err
}

// closure gives the file and every file of the repository that it imports, directly or not, and a hash over their names and
// contents. Imports are looked up as Prefect's loader would: beside the flow's file first, then from the repository's root.
func (t *tree) closure(file string) (files []string, version string, findings finding.List) {
	seen := map[string]bool{file: true}
	queue := []string{file}
	for len(queue) > 0 {
		next := queue[0]
		queue = queue[1:]
		s, err := t.read(next)
		if err != nil {
			findings = append(findings, unreadable(next, err))
			continue
		}
		for _, i := range s.module.Imports {
			for _, found := range t.importedFiles(next, path.Dir(file), i) {
				if !seen[found] {
					seen[found] = true
					queue = append(queue, found)
				}
			}
		}
	}
	for f := range seen {
		files = append(files, f)
	}
	slices.Sort(files)
	hash := sha256.New()
	for _, f := range files {
		text := t.files[f].text
		fmt.Fprintf(hash, "%s\x00%d\x00", f, len(text))
		hash.Write(text)
	}
	return files, hex.EncodeToString(hash.Sum(nil))[:12], findings
}

// importedFiles gives the files of the repository that one import statement loads: the packages on the way, the module, and
// a submodule where a name is imported from a package.
func (t *tree) importedFiles(from, scriptDir string, i python.Import) []string {
	parts := []string{}
	if i.Module != "" {
		parts = strings.Split(i.Module, ".")
	}
	if i.Level > 0 {
		base := path.Dir(from)
		for range i.Level - 1 {
			base = path.Dir(base)
		}
		return t.moduleFiles(base, parts, i.Name)
	}
	for _, base := range []string{scriptDir, "."} {
		if found := t.moduleFiles(base, parts, i.Name); len(found) > 0 {
			return found
		}
	}
	return nil
}

func (t *tree) moduleFiles(base string, parts []string, name string) []string {
	var found []string
	at := base
	for _, part := range parts {
		at = path.Join(at, part)
		if t.exists(at + ".py") {
			return append(found, at+".py")
		}
		if initializer := path.Join(at, "__init__.py"); t.exists(initializer) {
			found = append(found, initializer)
		} else if !t.isDir(at) {
			return nil // not a package of this repository
		}
	}
	if name != "" && name != "*" {
		for _, candidate := range []string{path.Join(at, name+".py"), path.Join(at, name, "__init__.py")} {
			if t.exists(candidate) {
				return append(found, candidate)
			}
		}
	}
	return found
}

func (t *tree) exists(file string) bool {
	info, err := fs.Stat(t.root, file)
	return err == nil && !info.IsDir()
}

func (t *tree) isDir(dir string) bool {
	info, err := fs.Stat(t.root, dir)
	return err == nil && info.IsDir()
}
