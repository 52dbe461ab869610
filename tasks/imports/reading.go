package imports

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/flowmage/flowmage/tasks/dependency"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/tree"
)

// reading reads each file that declares something once.
type reading struct {
	root  fs.FS
	files map[string]*dependency.File
	wrong finding.List
}

// read gives a file, nil for one that can't be read.
func (r *reading) read(name string) *dependency.File {
	if f, known := r.files[name]; known {
		return f
	}
	f, err := dependency.Read(r.root, name)
	if err != nil {
		if missing, ok := errors.AsType[*dependency.MissingError](err); ok && missing.File != name {
			r.problem(name, 0, fmt.Sprintf("it includes %s, which can't be read: %v", missing.File, tree.Reason(missing.Err)), "write that file, or remove the line")
		}
		f.Vague = true
	}
	for _, p := range f.Problems {
		r.problem(p.File, p.Line, p.Message, "mend the line")
	}
	r.files[name] = &f
	return &f
}

func (r *reading) problem(file string, line int, message, fix string) {
	x := catalogue.New("requirements-unreadable", finding.OfFile(file), finding.Finding{Position: finding.Position{File: file, Line: line}, Message: message, Fix: fix})
	if !r.wrong.Tells(x) {
		r.wrong = append(r.wrong, x)
	}
}

// unreadable gives what is wrong with the files that were read so far.
func (j *judge) unreadable() finding.List {
	for _, p := range j.Places {
		for _, name := range p.Files {
			j.read(name)
		}
	}
	return j.wrong
}
