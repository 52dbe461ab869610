package interpreter

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"

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

// readRequirements reads one file, relative to the root.
func (i *Installation) readRequirements(file string) (requirementFile, error) {
	if filepath.Base(file) == "pyproject.toml" {
		return i.readPyproject(file)
	}
	out := requirementFile{Argument: filepath.Join(i.folder.Root, file)}
	return out, i.include(&out, file, map[string]bool{})
}

// include adds a requirements file and those that its -r and -c lines name.
func (i *Installation) include(out *requirementFile, file string, seen map[string]bool) error {
	if seen[file] {
		return nil
	}
	seen[file] = true
	data, err := i.files.Into(path.Clean(filepath.ToSlash(file)), nil, tree.Text)
	if err != nil {
		return missingRequirements(file, err)
	}
	out.Content = fmt.Appendf(out.Content, "%s\n%s\n", file, data)
	number := 0
	for line := range strings.Lines(string(data)) {
		number++
		text, _, _ := strings.Cut(" "+strings.TrimSpace(line), " #")
		text = strings.TrimSpace(text)
		switch nested, ok := includes(text); {
		case ok && strings.Contains(nested, "://"):
		case ok:
			if err := i.include(out, filepath.Join(filepath.Dir(file), nested), seen); err != nil {
				return err
			}
		case text != "" && !strings.HasPrefix(text, "-") && !strings.HasPrefix(text, "#"):
			out.Wants = append(out.Wants, pinnedRequirement{File: file, Line: number, Text: text, Name: packageName(text)})
		}
	}
	return nil
}

// includes gives the file that a line of a requirements file includes.
func includes(line string) (file string, ok bool) {
	for _, option := range []string{"--requirement", "--constraint", "-r", "-c"} {
		if rest, found := strings.CutPrefix(line, option); found {
			return strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(rest), "=")), true
		}
	}
	return "", false
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

// readPyproject takes the project's dependencies out of a pyproject.toml: pip can't do that without building the project.
func (i *Installation) readPyproject(file string) (requirementFile, error) {
	data, err := i.files.Into(path.Clean(filepath.ToSlash(file)), nil, tree.Text)
	if err != nil {
		return requirementFile{}, missingRequirements(file, err)
	}
	var doc struct {
		Project struct {
			Dependencies []string `toml:"dependencies"`
		} `toml:"project"`
	}
	if err := toml.Unmarshal(data, &doc); err != nil {
		return requirementFile{}, &fault.Error{
			Code: fault.Findings, What: "can't read the project's dependencies", Where: file, Err: err, Next: "mend the file",
		}
	}
	out := requirementFile{Argument: i.folder.Path("run", "pyproject-"+folder.Digest([]byte(file))[:8]+".txt")}
	for _, text := range doc.Project.Dependencies {
		out.Wants = append(out.Wants, pinnedRequirement{File: file, Line: lineOf(data, text), Text: text, Name: packageName(text)})
	}
	text := strings.Join(doc.Project.Dependencies, "\n") + "\n"
	out.Content = []byte(file + "\n" + text)
	return out, i.folder.Unwritable(folder.WriteIfDifferent(out.Argument, []byte(text)))
}

// lineOf finds a text's line, counted from 1; 0 without.
func lineOf(data []byte, text string) int {
	before, _, found := bytes.Cut(data, []byte(text))
	if !found {
		return 0
	}
	return bytes.Count(before, []byte("\n")) + 1
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
