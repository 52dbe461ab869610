package image

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/docker/go-units"
	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/tree"
)

// Large is the size from which a context is worth a warning.
const Large = 200 << 20

// Context is the files that a build is given, sorted by path. Only what the Dockerfile can reach by COPY and ADD is in it, so that a file
// that no step reads changes no tag.
type Context struct {
	files   *tree.Tree
	entries []entry
	ignored bool // there is a .dockerignore
}

// entry is a file, folder or symbolic link.
type entry struct {
	path string // from the root, with slashes
	mode fs.FileMode
	size int64
	link string // target of a symbolic link
	data []byte // of a file that is not on disk; nil for one that is
}

// ReadContext lists the repository's files as a build gets them: those that .dockerignore leaves and that one of the sources reaches. The
// ignore file is the Dockerfile's own (Dockerfile.dockerignore) or the root's. Nil sources reach everything.
func ReadContext(root *tree.Tree, dockerfile string, sources []string) (Context, error) {
	c := Context{files: root}
	matcher, ignored, err := ignores(c.files, dockerfile)
	if err != nil {
		return c, err
	}
	c.ignored = ignored
	w := walk{context: &c, matcher: matcher, sources: sources}
	if err := w.folder(".", patternmatcher.MatchInfo{}); err != nil {
		return c, err
	}
	slices.SortFunc(c.entries, byPath)
	return c, nil
}

func byPath(a, b entry) int { return cmp.Compare(a.path, b.path) }

// ignores reads the ignore file. Without one nothing but the tool's own folder and git's is left out, which no build needs.
func ignores(root *tree.Tree, dockerfile string) (*patternmatcher.PatternMatcher, bool, error) {
	patterns, found := []string{}, false
	for _, name := range []string{dockerfile + ".dockerignore", ".dockerignore"} {
		text, err := root.Into(name, nil, tree.Text)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil {
			patterns, err = ignorefile.ReadAll(bytes.NewReader(text))
		}
		if err != nil {
			return nil, false, &fault.Error{
				Code: fault.Findings, What: "the ignore file can't be read", Where: name, Err: tree.Reason(err), Next: tree.Next(err, "correct it"),
			}
		}
		found = true
		break
	}
	m, err := patternmatcher.New(append(patterns, ".flowmage", ".git"))
	if err != nil {
		return nil, false, &fault.Error{Code: fault.Findings, What: "a pattern is wrong", Where: ".dockerignore", Err: err, Next: "correct it"}
	}
	return m, found, nil
}

// walk goes through the tree once.
type walk struct {
	context *Context
	matcher *patternmatcher.PatternMatcher
	sources []string
}

func (w *walk) folder(dir string, parent patternmatcher.MatchInfo) error {
	list, err := w.context.files.ReadDir(dir)
	if err != nil {
		return unreadable(dir, err)
	}
	for _, item := range list {
		if err := w.item(path.Join(dir, item.Name()), item, parent); err != nil {
			return err
		}
	}
	return nil
}

func (w *walk) item(name string, item fs.DirEntry, parent patternmatcher.MatchInfo) error {
	reach := w.reach(name)
	if reach == none || reach == inside && !item.IsDir() && !w.through(name, item) {
		return nil
	}
	out, info, err := w.matcher.MatchesUsingParentResults(filepath.FromSlash(name), parent)
	switch {
	case err != nil:
		return fmt.Errorf("matching %s: %w", name, err)
	case !item.IsDir() && out:
		return nil
	case !item.IsDir():
		return w.file(name, item)
	case out && !w.excepted(name):
		return nil
	case !out:
		w.context.entries = append(w.context.entries, entry{path: name, mode: fs.ModeDir | 0o755})
	}
	return w.folder(name, info)
}

// excepted tells whether a pattern such as !folder/file brings back something below an ignored folder.
func (w *walk) excepted(folder string) bool {
	return slices.ContainsFunc(w.matcher.Patterns(), func(p *patternmatcher.Pattern) bool {
		return p.Exclusion() && (strings.HasPrefix(filepath.ToSlash(p.String())+"/", folder+"/") || strings.HasPrefix(p.String(), "*"))
	})
}

// How far the sources reach into a path.
const (
	none      = iota // not at all
	inside           // a source lies below it
	wholeTree        // it and all below
)

func (w *walk) reach(name string) int {
	if w.sources == nil {
		return wholeTree
	}
	best := none
	parts := strings.Split(name, "/")
	for _, source := range w.sources {
		if source == "." {
			return wholeTree
		}
		want := strings.Split(source, "/")
		n := min(len(parts), len(want))
		fits := true
		for i := range n {
			ok, err := path.Match(want[i], parts[i])
			fits = fits && (ok || err != nil)
		}
		switch {
		case fits && len(parts) >= len(want):
			return wholeTree
		case fits:
			best = inside
		}
	}
	return best
}

// through tells whether something is a link on the way to a source.
func (w *walk) through(name string, item fs.DirEntry) bool {
	return item.Type()&fs.ModeSymlink != 0 && slices.ContainsFunc(w.sources, func(source string) bool { return strings.HasPrefix(source, name+"/") })
}

// file adds a file. Modes keep only whether it can be executed, as git does: what umask a clone was made under must not count.
func (w *walk) file(name string, item fs.DirEntry) error {
	info, err := item.Info()
	if err != nil {
		return unreadable(name, err)
	}
	e := entry{path: name, mode: 0o644, size: info.Size()}
	switch {
	case info.Mode()&fs.ModeSymlink != 0:
		e.mode, e.size = fs.ModeSymlink|0o777, 0
		if e.link, err = w.context.files.ReadLink(name); err != nil {
			return unreadable(name, err)
		}
	case !info.Mode().IsRegular():
		return nil // sockets and the like: no build reads them
	case info.Mode()&0o111 != 0:
		e.mode = 0o755
	}
	w.context.entries = append(w.context.entries, e)
	return nil
}

// With gives the context with files that are not on disk; they go over those that are.
func (c Context) With(files map[string][]byte) Context {
	entries := slices.DeleteFunc(slices.Clone(c.entries), func(e entry) bool { _, replaced := files[e.path]; return replaced })
	for name, data := range files {
		entries = append(entries, entry{path: name, mode: 0o644, size: int64(len(data)), data: append([]byte{}, data...)})
	}
	slices.SortFunc(entries, byPath)
	c.entries = entries
	return c
}

// Bytes is the size of all files.
func (c Context) Bytes() int64 {
	var n int64
	for _, e := range c.entries {
		n += e.size
	}
	return n
}

// Judge gives findings: links that lead out of the context, and a context that is large.
func (c Context) Judge(dockerfile string) finding.List {
	var out finding.List
	for _, e := range c.entries {
		if e.link != "" && (path.IsAbs(e.link) || strings.HasPrefix(path.Join(path.Dir(e.path), e.link), "..")) {
			out = append(out, catalogue.New("image-link", finding.OfFile(dockerfile), finding.Finding{
				Position: finding.Position{File: e.path},
				Message:  "the link leads out of the build's context, to " + e.link,
				Fix:      "copy the file here, or leave it out in .dockerignore",
			}))
		}
	}
	if n := c.Bytes(); n > Large {
		out = append(out, catalogue.New("image-context", finding.OfFile(dockerfile), finding.Finding{
			Position: finding.Position{File: dockerfile},
			Message:  fmt.Sprintf("the build is given %s of files, the largest: %s", units.BytesSize(float64(n)), strings.Join(c.largest(5), ", ")),
			Fix:      "leave out in .dockerignore what no step needs",
		}))
	}
	return out
}

func (c Context) largest(count int) []string {
	list := slices.DeleteFunc(slices.Clone(c.entries), func(e entry) bool { return e.size == 0 }) // folders and links
	slices.SortStableFunc(list, func(a, b entry) int { return cmp.Compare(b.size, a.size) })
	out := make([]string, 0, min(count, len(list)))
	for _, e := range list[:min(count, len(list))] {
		out = append(out, fmt.Sprintf("%s (%s)", e.path, units.BytesSize(float64(e.size))))
	}
	return out
}

func unreadable(name string, err error) error {
	return &fault.Error{
		Code: fault.Image, What: "a file of the build can't be read", Where: name, Err: tree.Reason(err),
		Next: tree.Next(err, "make it readable") + ", or leave it out in .dockerignore",
	}
}
