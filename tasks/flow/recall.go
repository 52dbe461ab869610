package flow

import (
	"time"

	"github.com/flowmage/flowmage/tasks/memory"
	"github.com/flowmage/flowmage/tasks/tree"
)

// Recall lets a scan build on what earlier ones have remembered: files that Python would load, and in which nothing is that may be a flow. All
// others are read and parsed each time, so that whatever is deployed comes from what was read just now.
type Recall struct {
	// Memory is asked for while the walk goes on, by several goroutines, and more than once.
	Memory func() *memory.Memory
	// Read has every file read all the same: only what is in it counts, not how it looks from outside.
	Read bool
	// Settled is the moment after which a change is too fresh to be told from the next one.
	Settled time.Time
}

// recalled tells whether a file is known by its looks, and takes over what is known.
func (r *reading) recalled(p *parsed) bool {
	t, ok := r.root.(*tree.Tree)
	if r.options.Recall == nil || r.options.Recall.Read || !ok {
		return false
	}
	stamp := t.Stamp(p.name)
	file, ok := r.options.Recall.Memory().Unchanged(stamp)
	if ok {
		p.size, p.checked, p.plain = int(stamp.Size), 1, file
	}
	return ok
}

// learned notes of a file that was read whether it has nothing to tell. parse is spared where that is known of its text.
func (r *reading) learned(p *parsed, text []byte, stamp tree.Stamp, parse func()) {
	o := r.options.Recall
	if o == nil {
		parse()
		return
	}
	file := memory.File{Text: memory.Of(text)}
	if stamp.Changed < o.Settled.UnixNano() && stamp.Modified < o.Settled.UnixNano() {
		file.Stamp = stamp
	}
	known := o.Memory().Holds(file.Text)
	if known {
		p.size, p.checked = len(text), 1
	} else {
		parse()
	}
	if p.checked == 0 || p.module != nil || p.err != nil || p.marked {
		return
	}
	p.plain = file
	if _, same := o.Memory().Unchanged(file.Stamp); !known || file.Stamp.Known() && !same {
		r.news.Store(true)
	}
}

// remembered gives what a later scan need not read, if that is more than an earlier one has left. A scan that skims does not see all.
func (r *reading) remembered() []memory.File {
	if !r.news.Load() || r.options.Skim {
		return nil
	}
	var out []memory.File
	for _, f := range r.files {
		if f.plain != (memory.File{}) {
			out = append(out, f.plain)
		}
	}
	return out
}
