package config

import (
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/setting"
)

// Declared is a file of something else than settings, read as strictly by its own declaration.
type Declared struct {
	Values   map[string]any
	Findings finding.List
	places   *origins
	file     string
}

// ReadDeclared reads such a file. What is wrong in it is among the findings and left out of the values.
func ReadDeclared(file string, data []byte, s setting.Spec) Declared {
	r := newReader(file)
	r.apart = true
	values := r.layer(data, s)
	return Declared{Values: values, Findings: r.findings, places: r.origins, file: file}
}

// At gives where a value stands, or the file.
func (d Declared) At(path ...string) finding.Position {
	if p, ok := d.places.place(path); ok {
		return p
	}
	return finding.Position{File: d.file}
}
