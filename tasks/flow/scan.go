package flow

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"runtime"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/python"
)

// Options says where flows live.
type Options struct {
	// Paths are folders, files or globs (with ** for any depth) below the root; empty: the whole root. The syntax of other Python files is
	// checked too, but flows are looked for only here. What is named here counts although an ignore file leaves it out.
	Paths   []string
	Exclude []string // globs, tried on the whole path and on each of its parts
	// Skim leaves files without the word flow unchecked: for who wants to know flows only, and soon.
	Skim bool
}

// Result is what a scan saw.
type Result struct {
	Flows []Flow // what Prefect would load, by file and line
	// Others look like flows and are none that Prefect could load; each has a Reason.
	Others   []Flow
	Findings finding.List // all of them, with positions
	// Unreadable are files and folders that could hold flows but can't be read or parsed. Deployments whose entrypoint lies in one must
	// not be pruned, and the file's flows count as blocked.
	Unreadable []string
	// Settings are the files flow.yaml and flow.yml that were passed on the way where flows are looked for: settings beside flows.
	Settings []string
	// LeftOut was not looked at: for who misses a flow.
	LeftOut []LeftOut
	// Checked is the number of Python files that were read by the grammar, Bytes their size.
	Checked int
	Bytes   int64
	// Library has the modules of the repository, for types that are defined elsewhere.
	Library *python.Library
}

// The codes of findings about files and folders as such.
const (
	unreadableCode = "file-unreadable"
	syntaxCode     = "python-syntax"
	pathCode       = "path-missing"
)

// Scan finds the flows below root, which is best a [Folder]. The error is for a root that can't be read; what is wrong in single files is a
// finding.
func Scan(root fs.FS, o Options) (Result, error) {
	r := reading{root: root, options: o, library: python.NewLibrary(root)}
	r.library.Installed("prefect") // in Prefect's own repository too
	w, err := each(root, o, r.library.Listed, r.work)
	if err != nil {
		return Result{}, err
	}
	result := Result{Library: r.library, Findings: w.problems, Settings: slices.Sorted(slices.Values(w.settings)), LeftOut: w.left}
	for _, f := range w.problems { // a folder that can't be opened may hold flows
		if f.Severity == finding.Error {
			result.Unreadable = append(result.Unreadable, f.Position.File)
		}
	}
	r.renamed()
	r.suggest(w.problems)
	slices.SortFunc(r.files, func(a, b *parsed) int { return cmp.Compare(a.name, b.name) })
	found := r.recognized()
	c := closures{root: root, library: r.library, texts: map[string][]byte{}}
	for i, f := range r.files {
		result.Checked, result.Bytes = result.Checked+f.checked, result.Bytes+int64(f.size)
		if f.err != nil {
			result.broken(f)
		}
		if f.text != nil {
			c.texts[f.name] = f.text
		}
		result.Flows, result.Others = append(result.Flows, found[i].flows...), append(result.Others, found[i].others...)
		result.Findings = append(result.Findings, found[i].findings...)
	}
	for i := range result.Flows {
		f := &result.Flows[i]
		var findings finding.List
		f.Files, f.Version, findings = c.of(f.File)
		result.Findings = append(result.Findings, findings...)
	}
	result.escalate()
	slices.SortStableFunc(result.Flows, byPlace)
	slices.SortStableFunc(result.Others, byPlace)
	slices.Sort(result.Unreadable)
	result.Findings = append(result.Findings, duplicates(result.Flows)...).Sorted()
	return result, nil
}

// recognized gives what is a flow in each of the files, found on all processors.
func (r *reading) recognized() []recognizer {
	out := make([]recognizer, len(r.files))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, f := range r.files {
		if f.err == nil && f.module != nil && f.wanted {
			group.Go(func() error {
				out[i] = recognizer{library: r.library, file: f.name, module: f.module, hiddenNames: f.hidden}
				out[i].run()
				return nil
			})
		}
	}
	_ = group.Wait() // none of them fails
	return out
}

// broken takes in a file that can't be read or parsed. Outside of where flows are looked for it is a warning.
func (r *Result) broken(f *parsed) {
	x := unreadable(f.name, f.err)
	switch {
	case !f.wanted:
		x.Severity = finding.Warning
	case f.mayHold:
		r.Unreadable = append(r.Unreadable, f.name)
	}
	r.Findings = append(r.Findings, x)
}

// escalate drops the warning about a broken file for which there is an error too, because a flow imports it.
func (r *Result) escalate() {
	errors := map[finding.Position]bool{}
	for _, f := range r.Findings {
		if f.Severity == finding.Error {
			errors[f.Position] = true
		}
	}
	r.Findings = slices.DeleteFunc(r.Findings, func(f finding.Finding) bool {
		return f.Severity == finding.Warning && (f.Code == syntaxCode || f.Code == unreadableCode) && errors[f.Position]
	})
}

// parsed is a file after it was read. module is nil where the file can hold no flow.
type parsed struct {
	found
	module  *python.Module
	text    []byte // what the module was read from, as it is on disk
	err     error
	mayHold bool // it is broken or unreadable, and may hold flows
	size    int
	checked int // 1 when the grammar has read it
	// hidden are the names without the word flow that mean the decorator in it, once known.
	hidden []string
	known  bool
}

// reading is the first pass over the files.
type reading struct {
	root    fs.FS
	options Options
	library *python.Library
	mutex   sync.Mutex
	files   []*parsed
}

// Each reads every Python file that [Scan] would read, with a worker for each processor, and does nothing else: what it costs is the floor
// for a scan. newWorker is called once for each worker and gives what takes the texts; a text is good until the next.
func Each(root fs.FS, o Options, newWorker func() func(name string, text []byte)) error {
	_, err := each(root, o, func(string, []fs.DirEntry) {}, func(names <-chan []found) {
		take := newWorker()
		var buffer []byte
		for batch := range names {
			for _, f := range batch {
				text, err := readFile(root, f.name, buffer)
				if buffer = text; err == nil {
					take(f.name, text)
				}
			}
		}
	})
	return err
}

// each walks through a tree and hands its files to workers at the same time.
func each(root fs.FS, o Options, listed func(string, []fs.DirEntry), work func(<-chan []found)) (*walk, error) {
	names := make(chan []found, 64)
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() { work(names) })
	}
	paths := make([]string, 0, len(o.Paths))
	for _, p := range o.Paths {
		paths = append(paths, path.Clean(p))
	}
	var batch []found
	w := &walk{root: root, exclude: o.Exclude, wanted: paths, met: make([]bool, len(paths)), listed: listed, emit: func(f found) {
		if batch = append(batch, f); len(batch) == 16 {
			names <- batch
			batch = nil
		}
	}}
	err := w.run()
	names <- batch
	close(names)
	workers.Wait()
	return w, err
}

// work reads files until there are no more. A worker keeps its buffers from file to file.
func (r *reading) work(names <-chan []found) {
	var reader python.Reader
	var buffer []byte
	for batch := range names {
		out := make([]*parsed, 0, len(batch))
		for _, f := range batch {
			p := &parsed{found: f}
			buffer, p.err = readFile(r.root, f.name, buffer)
			p.mayHold = p.err != nil
			if p.err == nil {
				r.read(&reader, p, buffer)
			}
			out = append(out, p)
		}
		r.mutex.Lock()
		r.files = append(r.files, out...)
		r.mutex.Unlock()
	}
}

// read parses one file: for its declarations where flows may be in it, else only to check its syntax.
func (r *reading) read(reader *python.Reader, p *parsed, text []byte) {
	p.size = len(text)
	switch {
	case mayHoldFlows(text):
		p.text = bytes.Clone(text) // the buffer is for the next file
		p.module, p.err = reader.Parse(p.text)
		if p.err == nil && !uses(p.module, text) { // an overflow, a workflow: nothing to keep
			p.module, p.text = nil, nil
			break
		}
		r.library.Add(p.name, p.module, p.err)
	case !r.options.Skim:
		p.err = reader.Check(text)
	default:
		return
	}
	p.checked = 1
	// Of a broken file nobody knows what its names mean, so that any "flow" in it will do.
	p.mayHold = p.err != nil && bytes.Contains(bytes.ToLower(text), []byte("flow"))
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// mayHoldFlows tells whether a text has the word flow, not as the end of another (overflow), or Flow with a capital letter. It looks for the
// rarest of the letters: a search for "low" takes more than twice as long. Letters beyond ASCII may spell it otherwise (Python compares names
// in a normal form), so that with them any "ow" or Prefect's name will do.
func mayHoldFlows(text []byte) bool {
	for i := 0; ; i++ {
		n := bytes.IndexByte(text[i:], 'w')
		if n < 0 {
			break
		}
		if i += n; endsWithFlow(text[:i+1]) {
			return true
		}
	}
	return foreign(text) && (bytes.Contains(text, []byte("ow")) || bytes.Contains(text, []byte("prefect")))
}

// endsWithFlow tells whether a text that ends in w ends with the word, as mayHoldFlows takes it.
func endsWithFlow(text []byte) bool {
	i := len(text) - 4
	if i < 0 || text[i+2] != 'o' || text[i+1] != 'l' {
		return false
	}
	return text[i] == 'F' || text[i] == 'f' && (i == 0 || !isLetter(text[i-1]))
}

// uses tells whether a module imports Prefect, or something with the word flow in its name, or has a decorator called flow; all else that it
// may call a decorator is looked for in a second pass.
func uses(m *python.Module, text []byte) bool {
	return bytes.Contains(text, []byte(".flow")) || bytes.Contains(text, []byte("@flow")) || slices.ContainsFunc(m.Imports, func(i python.Import) bool {
		return strings.HasPrefix(i.Module, "prefect") || i.Name == "*" || mayHoldFlows([]byte(i.Name)) || mayHoldFlows([]byte(i.Bound())) || mayHoldFlows([]byte(i.Module))
	})
}

// foreign tells whether a text has bytes beyond ASCII.
func foreign(text []byte) bool {
	const high = 0x8080808080808080
	for ; len(text) >= 8; text = text[8:] {
		if binary.NativeEndian.Uint64(text)&high != 0 {
			return true
		}
	}
	for _, c := range text {
		if c >= 0x80 {
			return true
		}
	}
	return false
}

// renamed reads the files that use the decorator under a name without the word flow in it, out of another module of the repository: they
// are known only after the first pass. It goes on until no module adds a name.
func (r *reading) renamed() {
	done := map[alias]bool{}
	var buffer []byte
	for {
		r.know()
		var names []alias
		for _, f := range r.files {
			for _, a := range aliases(f) {
				if !done[a] {
					done[a] = true
					names = append(names, a)
				}
			}
		}
		if len(names) == 0 {
			return
		}
		for _, f := range r.files {
			if f.module != nil || f.err != nil {
				continue
			}
			text, err := readFile(r.root, f.name, buffer)
			if buffer = text; err != nil || !slices.ContainsFunc(names, func(a alias) bool { return a.usedIn(text) }) {
				continue
			}
			f.text = bytes.Clone(text) // the buffer is for the next file
			f.module, f.err = python.Parse(f.text)
			f.checked = 1
			r.library.Add(f.name, f.module, f.err)
		}
	}
}

func unreadable(file string, err error) finding.Finding {
	if syntax, ok := errors.AsType[*python.SyntaxError](err); ok {
		return finding.Finding{
			Code: syntaxCode, Severity: finding.Error,
			Position: finding.Position{File: file, Line: syntax.Line, Column: syntax.Column},
			Message:  syntax.Message, Source: syntax.Text, Caret: syntax.Caret,
			Why: "Python can't load this file, so its flows can't run",
			Fix: "correct the line; `python3 -m py_compile " + file + "` shows Python's own message",
		}
	}
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		err = p.Err // the place is in the finding already
	}
	return finding.Finding{
		Code: unreadableCode, Severity: finding.Error, Position: finding.Position{File: file},
		Message: fmt.Sprintf("can't read it: %v", err), Fix: "check that it exists, that it is a file, and that you may read it",
	}
}

// duplicates reports flows that share a name: Prefect would store them as one flow.
func duplicates(flows []Flow) finding.List {
	var out finding.List
	byName := map[string][]Flow{}
	for _, f := range flows {
		if f.NameExpr == "" {
			byName[f.Name] = append(byName[f.Name], f)
		}
	}
	for name, same := range byName {
		if len(same) < 2 {
			continue
		}
		for i, f := range same {
			other := same[(i+1)%len(same)]
			out = append(out, finding.Finding{
				Code: "duplicate-flow-name", Severity: finding.Error,
				Position: finding.Position{File: f.File, Line: f.Line}, Subject: name,
				Message: fmt.Sprintf("another flow is named %q too, at %s:%d", name, other.File, other.Line),
				Why:     "Prefect knows a flow by its name alone: their deployments and runs would be mixed up",
				Fix:     fmt.Sprintf("give one of them its own name: @flow(name=\"%s-2\")", name),
			})
		}
	}
	return out
}
