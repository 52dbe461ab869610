// Package watch tells that source files have changed.
//
// [New] watches folders with all that lies below them for the files that count; [Watcher.Changed] gives one value for each flurry of changes, such as an editor's
// save or a git checkout, when it is over.
package watch

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"

	"github.com/flowmage/flowmage/tasks/fault"
)

// Watcher watches folders until its context ends.
type Watcher struct {
	files   *fsnotify.Watcher
	changed chan string
	o       Options
}

// Options say what is told of, and how soon.
type Options struct {
	Counts func(name string) bool // tells by the name whether a file counts, such as [Flows]
	Calm   time.Duration          // that ends a flurry
}

// New watches the folders, which must exist, and those that appear below them later.
func New(ctx context.Context, folders []string, o Options) (*Watcher, error) {
	files, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, unwatchable("", err)
	}
	w := &Watcher{files: files, changed: make(chan string, 1), o: o}
	for _, folder := range folders {
		if err := w.add(folder); err != nil {
			_ = files.Close()
			return nil, unwatchable(folder, err)
		}
	}
	go w.watch(ctx)
	return w, nil
}

func unwatchable(folder string, err error) error {
	return &fault.Error{
		Code: fault.Unexpected, What: "files can't be watched", Where: folder, Err: err,
		Next: "leave out -watch, or repeat the command by hand; on Linux fs.inotify.max_user_watches and max_user_instances limit how much can be watched",
	}
}

// Changed gives the path of one of the files that have changed, when the flurry is over. A change that nobody fetches is kept; further
// ones add nothing to it.
func (w *Watcher) Changed() <-chan string { return w.changed }

// add watches a folder and all below it.
func (w *Watcher) add(folder string) error {
	return filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil && path == folder:
			return err
		case err != nil || !d.IsDir():
			return nil //nolint:nilerr // gone meanwhile, or not ours to read
		case path != folder && (passing(d.Name()) || virtual(path)):
			return fs.SkipDir
		}
		return w.files.Add(path)
	})
}

// passing are folders in which programs keep what they make.
func passing(name string) bool {
	return strings.HasPrefix(name, ".") || name == "__pycache__" || name == "node_modules"
}

// virtual tells whether a folder is a virtual environment of Python.
func virtual(folder string) bool {
	_, err := os.Lstat(filepath.Join(folder, "pyvenv.cfg"))
	return err == nil
}

// Flows tells whether a file of that name can change what a flow is. Data and outputs can't.
func Flows(name string) bool {
	return !strings.HasPrefix(name, ".") && slices.Contains([]string{".py", ".yaml", ".yml", ".toml"}, filepath.Ext(name)) || name == "requirements.txt"
}

func (w *Watcher) watch(ctx context.Context) {
	defer w.files.Close() //nolint:errcheck // nothing is written
	var calm <-chan time.Time
	last := ""
	for {
		select {
		case <-ctx.Done():
			return
		case e, open := <-w.files.Events:
			if !open {
				return
			}
			if w.means(e) {
				last, calm = e.Name, time.After(w.o.Calm)
			}
		case _, open := <-w.files.Errors:
			if !open {
				return
			}
			// The system has dropped events: something has changed.
			calm = time.After(w.o.Calm)
		case <-calm:
			calm = nil
			select {
			case w.changed <- last:
			default:
			}
		}
	}
}

// means tells whether an event is about a file that counts, and watches folders that appear.
func (w *Watcher) means(e fsnotify.Event) bool {
	appeared := e.Has(fsnotify.Create) && !passing(filepath.Base(e.Name))
	if appeared {
		_ = w.add(e.Name) // a file, or gone already: then there is nothing to watch
	}
	// A folder may have been filled before it was watched.
	return w.o.Counts(filepath.Base(e.Name)) && e.Op != fsnotify.Chmod || appeared && filepath.Ext(e.Name) == ""
}
