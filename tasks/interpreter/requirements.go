package interpreter

import (
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/dependency"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/folder"
	"github.com/flowmage/flowmage/tasks/tree"
)

// pinnedRequirement is one line of a requirements file, or one dependency of a pyproject.toml.
type pinnedRequirement struct {
	File string // relative to the root
	Line int    // 0 where it can't be told
	Text string
	Name string // normalized; empty for paths and addresses
}

func (r pinnedRequirement) where() string {
	if r.Line == 0 {
		return r.File
	}
	return fmt.Sprintf("%s:%d", r.File, r.Line)
}

// requirementFile is a file that says what to install, with everything it includes.
type requirementFile struct {
	Argument string              // what pip and uv are given: its path, or a file of ours with a pyproject.toml's dependencies
	Wants    []pinnedRequirement // in order
	Content  []byte              // all that decides what is installed
}

// readRequirements reads one file, relative to the root. Of a pyproject.toml it writes the project's dependencies to a file of ours: pip can't take them without
// building the project.
func (i *Installation) readRequirements(file string) (requirementFile, error) {
	read, err := dependency.Read(i.files, path.Clean(filepath.ToSlash(file)))
	if missing, ok := errors.AsType[*dependency.MissingError](err); ok {
		return requirementFile{}, missingRequirements(missing.File, missing.Err)
	}
	out := requirementFile{Argument: filepath.Join(i.folder.Root, file), Content: read.Content}
	for _, e := range read.Entries {
		if e.Group == "" && (!e.Own || e.URL != "" || filepath.Base(file) != "pyproject.toml") { // a folder that Poetry or uv names is the repository's own
			out.Wants = append(out.Wants, pinnedRequirement{File: e.File, Line: e.Line, Text: e.Text, Name: e.Known})
		}
	}
	if filepath.Base(file) != "pyproject.toml" {
		return out, nil
	}
	if len(read.Problems) > 0 && len(read.Entries) == 0 {
		x := read.Problems[0]
		return requirementFile{}, &fault.Error{
			Code: fault.Findings, What: "can't read the project's dependencies", Where: file, Why: x.Message, Next: "mend the file",
		}
	}
	var text strings.Builder
	out.Wants = slices.DeleteFunc(out.Wants, func(w pinnedRequirement) bool { return w.Name == "" })
	for _, w := range out.Wants {
		text.WriteString(w.Text + "\n")
	}
	out.Argument = i.folder.Path("run", "pyproject-"+folder.Digest([]byte(file))[:8]+".txt")
	out.Content = []byte(file + "\n" + text.String())
	return out, i.folder.Unwritable(folder.WriteIfDifferent(out.Argument, []byte(text.String())))
}

func missingRequirements(file string, err error) error {
	f := &fault.Error{
		Code: fault.Findings, What: "can't read the requirements", Where: file, Err: tree.Reason(err),
		Next: "mend the path, or remove the line that names it",
	}
	if errors.Is(err, os.ErrNotExist) {
		f.Why = "there is no such file"
	}
	return f
}

// Wanted gives what files ask for, requirements files with all that they include and pyproject.toml files, in their order and each
// once. Options, such as addresses of indexes, are left out.
func (i *Installation) Wanted(files []string) ([]string, error) {
	var out []string
	for _, file := range files {
		r, err := i.readRequirements(file)
		if err != nil {
			return nil, err
		}
		for _, w := range r.Wants {
			if !slices.Contains(out, w.Text) {
				out = append(out, w.Text)
			}
		}
	}
	return out, nil
}
