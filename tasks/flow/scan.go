package flow

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/memory"
	"github.com/flowmage/flowmage/tasks/python"
	"github.com/flowmage/flowmage/tasks/tree"
)

// Options says where flows live.
type Options struct {
	// Paths are folders, files or globs (with ** for any depth) below the root; empty: the whole root. The syntax of other Python files is
	// checked too, but flows are looked for only here. What is named here counts although an ignore file leaves it out.
	Paths   []string
	Exclude []string // globs, tried on the whole path and on each of its parts
	// Ignores is where ignore files are read in place of the root; nil is the root. Those of the root that differ are findings.
	Ignores fs.FS
	// Skim leaves files without the word flow unchecked: for who wants to know flows only, and soon.
	Skim bool
	// Namesakes leaves it to the caller to tell of flows that share a name: he knows which are deployed.
	Namesakes bool
	// Recall is what earlier scans of a [Folder] have left; nil: every file is read and parsed.
	Recall *Recall
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
	// Marked are the files in which a comment may have something ignored: see package verdict.
	Marked []string
	// LeftOut was not looked at: for who misses a flow.
	LeftOut []LeftOut
	// Checked is the number of Python files that the grammar has read, now or in an earlier scan, Bytes their size.
	Checked int
	Bytes   int64
	// Library has the modules of the repository as they were parsed, for parameter schemas. It is most of what a scan keeps in memory.
	Library *python.Library
	// Memory is for the next scan. It is nil where that one would learn nothing which an earlier one has not left.
	Memory []memory.File
}

// Folder gives the tree of a folder, as package tree reads it.
func Folder(folder string) fs.FS { return tree.Open(folder) }

// Scan finds the flows below root, which is best a [Folder]. The error is for a root that can't be read; what is wrong in single files is a
// finding. A context that ends ends the scan, with its error, once the files that are being read have been.
func Scan(ctx context.Context, root fs.FS, o Options) (Result, error) {
	r := reading{ctx: ctx, root: root, options: o, library: python.NewLibrary(root), makers: makers{known: map[spot]bool{}}}
	r.library.Installed("prefect") // in Prefect's own repository too
	w, err := each(ctx, root, o, r.library.Listed, r.work)
	if err != nil {
		return Result{}, err
	}
	r.renamed()
	if ctx.Err() != nil {
		return Result{}, ctx.Err()
	}
	r.suggest(w)
	slices.SortFunc(r.files, func(a, b *parsed) int { return cmp.Compare(a.name, b.name) })
	result := r.result(w)
	result.Memory = r.remembered()
	if ctx.Err() != nil {
		return Result{}, ctx.Err()
	}
	result.escalate()
	slices.SortStableFunc(result.Flows, byPlace)
	slices.SortStableFunc(result.Others, byPlace)
	slices.Sort(result.Unreadable)
	if !o.Namesakes {
		result.Findings = append(result.Findings, Namesakes(result.Flows)...)
	}
	result.Findings = result.Findings.Sorted()
	return result, nil
}

// result puts together what walk and files have shown, and gives each flow its version.
func (r *reading) result(w *walk) Result {
	out := Result{Library: r.library, Findings: slices.Concat(w.problems, w.absent), Settings: slices.Sorted(slices.Values(w.settings)), LeftOut: w.left}
	for _, f := range out.Findings { // a folder that can't be opened may hold flows
		if f.Severity == finding.Error {
			out.Unreadable = append(out.Unreadable, f.Position.File)
		}
	}
	c := closures{root: r.root, library: r.library, texts: map[string][]byte{}}
	found := r.recognized()
	for i, f := range r.files {
		out.Checked, out.Bytes = out.Checked+f.checked, out.Bytes+int64(f.size)
		if f.err != nil {
			out.broken(f)
		}
		if f.template && f.wanted {
			out.LeftOut = append(out.LeftOut, LeftOut{f.name, inTemplate})
		}
		if f.marked {
			out.Marked = append(out.Marked, f.name)
		}
		if f.text != nil {
			c.texts[f.name] = f.text
		}
		if x := found[i]; x != nil {
			out.Flows, out.Others, out.Findings = append(out.Flows, x.flows...), append(out.Others, x.others...), append(out.Findings, x.findings...)
		}
	}
	for i := range out.Flows {
		if r.ctx.Err() != nil {
			return out
		}
		f := &out.Flows[i]
		var findings finding.List
		f.Files, f.Version, findings = c.of(f.File)
		out.Findings = append(out.Findings, findings...)
	}
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
		if f.Severity == finding.Error && f.Scope.Extent == finding.File {
			errors[f.Position] = true
		}
	}
	r.Findings = slices.DeleteFunc(r.Findings, func(f finding.Finding) bool {
		return f.Severity == finding.Warning && f.Scope.Extent == finding.File && errors[f.Position]
	})
}

func unreadable(file string, err error) finding.Finding {
	if syntax, ok := errors.AsType[*python.SyntaxError](err); ok {
		return catalogue.New("python-syntax", finding.OfFile(file), finding.Finding{
			Position: finding.Position{File: file, Line: syntax.Line, Column: syntax.Column},
			Message:  syntax.Message, Source: syntax.Text, Caret: syntax.Caret,
			Fix: "correct the line; `python3 -m py_compile " + file + "` shows Python's own message",
		})
	}
	return catalogue.New("file-unreadable", finding.OfFile(file), finding.Finding{
		Position: finding.Position{File: file},
		Message:  fmt.Sprintf("can't read it: %v", tree.Reason(err)), Fix: tree.Next(err, "check that it exists, that it is a file, and that you may read it"),
	})
}

// Namesakes reports flows that share a name: Prefect would store them as one flow.
func Namesakes(flows []Flow) finding.List {
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
			out = append(out, catalogue.New("flow-name-duplicate", finding.OfFlow(f.Entrypoint), finding.Finding{
				Position: finding.Position{File: f.File, Line: f.Line}, Subject: name,
				Message: fmt.Sprintf("another flow is named %q too, at %s:%d", name, other.File, other.Line),
				Fix:     fmt.Sprintf("give one of them its own name: @flow(name=\"%s-2\")", name),
			}))
		}
	}
	return out
}
