// Package mend makes the edits that findings bring with them.
//
// Start with [Of], which gives the files that change; [Change.Diff] shows a change, and whoever is told to writes it.
package mend

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	udiff "github.com/aymanbagabas/go-udiff"

	"github.com/flowmage/flowmage/tasks/finding"
)

// Change is a file's text, and what becomes of it.
type Change struct {
	File          string
	Before, After string
	Edits         int // that were made
}

// Of makes the edits of findings, with files as read gives them. An edit whose line holds something else by now is left out, as is one that another one
// overlaps.
func Of(list finding.List, read func(file string) ([]byte, error)) ([]Change, error) {
	edits := map[string][]finding.Edit{}
	for _, f := range list {
		if e := f.Edit; e.Old != "" && !slices.Contains(edits[e.File], e) {
			edits[e.File] = append(edits[e.File], e)
		}
	}
	var out []Change
	for file, wanted := range edits {
		text, err := read(file)
		if err != nil {
			return nil, err
		}
		if after, made := edited(string(text), wanted); made > 0 {
			out = append(out, Change{file, string(text), after, made})
		}
	}
	slices.SortFunc(out, func(a, b Change) int { return cmp.Compare(a.File, b.File) })
	return out, nil
}

// edited makes edits from the end to the beginning, so that each one finds its place where it was.
func edited(text string, edits []finding.Edit) (after string, made int) {
	slices.SortStableFunc(edits, func(a, b finding.Edit) int {
		return cmp.Or(cmp.Compare(b.Line, a.Line), cmp.Compare(b.Column, a.Column))
	})
	lines := strings.SplitAfter(text, "\n")
	free := len(lines) + 1 // nothing was changed in the lines above
	column := 0            // nor, in that line, before this column
	for _, e := range edits {
		if e.Line < 1 || e.Line > len(lines) || e.Line == free && e.Column+utf8.RuneCountInString(e.Old) > column {
			continue
		}
		line, ok := changed(lines[e.Line-1], e)
		if ok {
			lines[e.Line-1], free, column = line, e.Line, e.Column
			made++
		}
	}
	return strings.Join(lines, ""), made
}

// changed makes an edit in its line, if that holds what it is to change.
func changed(line string, e finding.Edit) (string, bool) {
	at := 0 // in bytes, and what is no UTF-8 counts as a character
	for range min(e.Column-1, len(line)) {
		_, size := utf8.DecodeRuneInString(line[at:])
		at += size
	}
	before := line[:at]
	rest, ok := strings.CutPrefix(line[at:], e.Old)
	if !ok || e.Column < 1 {
		return "", false
	}
	if e.New == "" && strings.TrimSpace(rest) == "" { // what stood before it keeps no spaces behind it
		before = strings.TrimRight(before, " \t")
		if before == "" {
			return "", true
		}
	}
	return before + e.New + rest, true
}

// Diff gives the change as a unified diff.
func (c Change) Diff() string {
	return udiff.Unified(c.File, c.File, c.Before, c.After)
}
