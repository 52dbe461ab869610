package flow

import (
	"bytes"
	"cmp"
	"context"
	"io/fs"
	"path"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/memory"
	"github.com/flowmage/flowmage/tasks/python"
	"github.com/flowmage/flowmage/tasks/tree"
)

// parsed is a file after it was read. module is nil where the file can hold no flow.
type parsed struct {
	foundFile
	module  *python.Module
	text    []byte // what the module was read from, as it is on disk
	err     error
	mayHold bool // it is broken or unreadable, and may hold flows
	// template tells that it is no Python yet.
	template bool
	marked   bool // a comment may have something ignored
	size     int
	checked  int // 1 when the grammar has read it
	// hidden are the names without the word flow that mean the decorator in it, once known.
	hidden []string
	known  bool
	plain  memory.File // what a later scan may know of it, where it has nothing to tell
}

// reading is the first pass over the files.
type reading struct {
	ctx     context.Context //nolint:containedctx // one reading is one call
	root    fs.FS
	options Options
	library *python.Library
	mutex   sync.Mutex
	files   []*parsed
	makers  makers
	news    atomic.Bool // something is known that an earlier scan did not know
}

// each walks through a tree and hands its files to workers at the same time.
func each(ctx context.Context, root fs.FS, o Options, listed func(string, []fs.DirEntry), work func(<-chan []foundFile)) (*walk, error) {
	names := make(chan []foundFile, 64)
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() { work(names) })
	}
	paths := make([]string, 0, len(o.Paths))
	for _, p := range o.Paths {
		paths = append(paths, path.Clean(p))
	}
	var batch []foundFile
	w := &walk{ctx: ctx, root: root, ignores: o.Ignores, exclude: o.Exclude, wanted: paths, met: make([]bool, len(paths)), listed: listed, emit: func(f foundFile) {
		if batch = append(batch, f); len(batch) == 16 {
			names <- batch
			batch = nil
		}
	}}
	err := w.run()
	names <- batch
	close(names)
	workers.Wait()
	return w, cmp.Or(ctx.Err(), err)
}

// work reads files until there are no more. A worker keeps its buffers from file to file.
func (r *reading) work(names <-chan []foundFile) {
	var reader python.Reader
	var buffer []byte
	for batch := range names {
		out, room := make([]*parsed, 0, len(batch)), make([]parsed, len(batch))
		for i, f := range batch {
			if r.ctx.Err() != nil {
				break // the others are taken in and not read
			}
			p := &room[i]
			p.foundFile = f
			if out = append(out, p); r.recalled(p) {
				continue
			}
			var stamp tree.Stamp
			buffer, stamp, p.err = tree.Stamped(r.root, f.name, buffer, tree.Source) // one buffer takes half of the time of [os.ReadFile]
			p.mayHold = p.err != nil
			if p.err == nil {
				r.learned(p, buffer, stamp, func() { r.read(&reader, p, buffer) })
			}
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
		p.marked = finding.Marked(text) // which has the word, too
		p.text = bytes.Clone(text)      // the buffer is for the next file
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
	if p.err != nil && templated(text) {
		p.err, p.module, p.text, p.template = nil, nil, nil, true
		return
	}
	p.checked = 1
	// Of a broken file nobody knows what its names mean, so that any "flow" in it will do.
	p.mayHold = p.err != nil && bytes.Contains(bytes.ToLower(text), []byte("flow"))
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
			if r.ctx.Err() != nil {
				return
			}
			if f.module != nil || f.err != nil {
				continue
			}
			text, err := tree.Into(r.root, f.name, buffer, tree.Source)
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

// recognized gives what is a flow in each of the files, nil for most of them.
func (r *reading) recognized() []*recognizer {
	out := make([]*recognizer, len(r.files))
	r.modules(func(i int) {
		if f := r.files[i]; f.wanted {
			found := r.recognizer(f)
			found.run()
			out[i] = &found
		}
	})
	return out
}

func (r *reading) recognizer(f *parsed) recognizer {
	return recognizer{library: r.library, file: f.name, module: f.module, hiddenNames: f.hidden, makers: &r.makers}
}

// modules has work done on each file whose module is kept, by its index, on all processors.
func (r *reading) modules(work func(i int)) {
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, f := range r.files {
		if f.err == nil && f.module != nil && r.ctx.Err() == nil {
			group.Go(func() error {
				work(i)
				return nil
			})
		}
	}
	_ = group.Wait() // none of them fails
}
