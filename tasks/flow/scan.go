package flow

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/python"
)

// Options says where flows live.
type Options struct {
	Paths   []string // folders or files below the root; empty: the whole root
	Exclude []string // path.Match patterns, tried on the whole path and on each of its parts
}

// Result is what a scan saw.
type Result struct {
	Flows    []Flow       // by file and line
	Findings finding.List // all of them, with positions
	// Unreadable are files and folders that could hold flows but can't be read or parsed. Deployments whose entrypoint lies in one must
	// not be pruned, and the file's flows count as blocked.
	Unreadable []string
	// Settings are the files flow.yaml and flow.yml that were passed on the way: settings beside flows.
	Settings []string
}

// The codes of findings about files and folders as such.
const (
	unreadableCode = "file-unreadable"
	pathCode       = "path-missing"
)

// Scan finds the flows below root. The error is for a root that can't be read; what is wrong in single files is a finding.
func Scan(root fs.FS, o Options) (Result, error) {
	tree := newTree(root)
	files, settings, missing, err := walk(root, o)
	if err != nil {
		return Result{}, err
	}
	result := Result{Findings: missing, Settings: settings}
	for _, f := range missing { // a folder that can't be opened may hold flows
		if f.Code == unreadableCode || f.Code == pathCode {
			result.Unreadable = append(result.Unreadable, f.Position.File)
		}
	}
	for _, file := range files {
		source, err := tree.read(file)
		if err != nil {
			result.Findings = append(result.Findings, unreadable(file, err))
			if mayHoldFlows(source.text) {
				result.Unreadable = append(result.Unreadable, file)
			}
			continue
		}
		flows, findings := flowsOf(file, source.module)
		result.Flows = append(result.Flows, flows...)
		result.Findings = append(result.Findings, findings...)
	}
	for i := range result.Flows {
		f := &result.Flows[i]
		var findings finding.List
		f.Files, f.Version, findings = tree.closure(f.File)
		result.Findings = append(result.Findings, findings...)
	}
	slices.SortFunc(result.Flows, byPlace)
	result.Findings = append(result.Findings, duplicates(result.Flows)...).Sorted()
	return result, nil
}

// mayHoldFlows tells whether a file that can't be parsed looks as if it defined a flow. A file that could not be read at all does.
func mayHoldFlows(text []byte) bool {
	return text == nil || strings.Contains(string(text), "flow")
}

func unreadable(file string, err error) finding.Finding {
	if syntax, ok := errors.AsType[*python.SyntaxError](err); ok {
		return finding.Finding{
			Code: "python-syntax", Severity: finding.Error,
			Position: finding.Position{File: file, Line: syntax.Line, Column: syntax.Column},
			Message:  syntax.Message,
			Why:      "Python can't load this file, so its flows can't run",
			Fix:      "correct the line; `python3 -m py_compile " + file + "` shows Python's own message",
		}
	}
	return finding.Finding{
		Code: unreadableCode, Severity: finding.Error, Position: finding.Position{File: file},
		Message: fmt.Sprintf("can't read the file: %v", err), Fix: "check that it exists and that you may read it",
	}
}

// walk lists the Python files and the settings below the wanted paths, sorted. A path that does not exist is a finding.
func walk(root fs.FS, o Options) (files, settings []string, problems finding.List, err error) {
	paths := o.Paths
	if len(paths) == 0 {
		paths = []string{"."}
	}
	for _, p := range paths {
		p = path.Clean(p)
		err := fs.WalkDir(root, p, func(name string, d fs.DirEntry, err error) error {
			if err != nil {
				problem, err := unwalkable(p, name, err)
				problems = append(problems, problem)
				return err
			}
			switch {
			case d.IsDir() && name != p && skipDir(root, name, d.Name()):
				return fs.SkipDir
			case excluded(name, o.Exclude):
				if d.IsDir() {
					return fs.SkipDir
				}
			case !d.IsDir() && strings.HasSuffix(name, ".py"):
				files = append(files, name)
			case !d.IsDir() && (d.Name() == "flow.yaml" || d.Name() == "flow.yml"):
				settings = append(settings, name)
			}
			return nil
		})
		if err != nil {
			return nil, nil, nil, fmt.Errorf("reading the repository: %w", err)
		}
	}
	slices.Sort(files)
	slices.Sort(settings)
	return slices.Compact(files), slices.Compact(settings), problems, nil
}

// unwalkable turns what went wrong on the way into a finding; only an unreadable root ends the walk.
func unwalkable(wanted, name string, err error) (finding.Finding, error) {
	switch {
	case name == wanted && errors.Is(err, fs.ErrNotExist):
		return finding.Finding{
			Code: pathCode, Severity: finding.Error, Position: finding.Position{File: wanted, Key: "paths"},
			Message: fmt.Sprintf("there is no folder %q to look for flows in", wanted),
			Fix:     "create it, or name the right folders under `paths` in envs/base.yaml",
		}, nil
	case name == ".":
		return finding.Finding{}, err
	default:
		return unreadable(name, err), nil
	}
}

// skipDir leaves out folders that never hold a team's own flows: hidden ones, caches, virtual environments.
func skipDir(root fs.FS, name, base string) bool {
	if strings.HasPrefix(base, ".") {
		return true
	}
	switch base {
	case "__pycache__", "node_modules", "site-packages":
		return true
	}
	_, err := fs.Stat(root, path.Join(name, "pyvenv.cfg"))
	return err == nil
}

func excluded(name string, patterns []string) bool {
	for _, pattern := range patterns {
		if ok, err := path.Match(pattern, name); ok && err == nil {
			return true
		}
		for part := range strings.SplitSeq(name, "/") {
			if ok, err := path.Match(pattern, part); ok && err == nil {
				return true
			}
		}
	}
	return false
}

// duplicates reports flows that share a name: Prefect would store them as one flow.
func duplicates(flows []Flow) finding.List {
	var out finding.List
	byName := map[string][]Flow{}
	for _, f := range flows {
		byName[f.Name] = append(byName[f.Name], f)
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
