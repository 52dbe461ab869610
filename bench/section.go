package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// section is a table of the page with the runs that its rows come from. Each row names its run by a letter, as [a]; the list of runs stands
// below the table.
type section struct {
	layout layout
	lines  []line
}

// line is a row of the table in words, and the run that it comes from.
type line struct {
	cells []string // without the letter
	run   string
}

func (l line) job() string { return l.cells[0] }

// aRun is a line of the list of runs.
var aRun = regexp.MustCompile(`^\* \[([a-z]+)\] (.*)$`)

// read takes a section apart. A row that names no run of the list is of one that nobody recorded.
func (s *section) read(text string) {
	runs := map[string]string{}
	_, lines, _ := strings.Cut(text, "--: | --- |\n")
	for line := range strings.Lines(lines) {
		if m := aRun.FindStringSubmatch(strings.TrimSpace(line)); m != nil {
			runs["["+m[1]+"]"] = m[2]
		}
	}
	for text := range strings.Lines(lines) {
		inner, isRow := strings.CutPrefix(strings.TrimSpace(text), "| ")
		if !isRow {
			continue
		}
		cells := strings.Split(strings.TrimSuffix(inner, " |"), " | ")
		run, known := runs[cells[len(cells)-1]]
		if !known {
			run = "not recorded"
		}
		s.lines = append(s.lines, line{cells[:len(cells)-1], run})
	}
}

// add puts rows in the place of those of the same jobs, or at the end.
func (s *section) add(o origin, rows []row) {
	for len(rows) > 0 {
		job := rows[0].job
		var fresh []line
		for len(rows) > 0 && rows[0].job == job {
			fresh = append(fresh, line{s.layout.cells(rows[0]), o.run(rows[0])})
			rows = rows[1:]
		}
		at := slices.IndexFunc(s.lines, func(l line) bool { return l.job() == job })
		s.lines = slices.DeleteFunc(s.lines, func(l line) bool { return l.job() == job })
		if at < 0 {
			at = len(s.lines)
		}
		s.lines = slices.Insert(s.lines, at, fresh...)
	}
}

// String gives the table and the list of those runs that it still needs.
func (s *section) String() string {
	var b strings.Builder
	b.WriteString(s.layout.header())
	var runs []string
	for _, l := range s.lines {
		at := slices.Index(runs, l.run)
		if at < 0 {
			at, runs = len(runs), append(runs, l.run)
		}
		fmt.Fprintf(&b, "| %s | [%s] |\n", strings.Join(l.cells, " | "), letters(at))
	}
	b.WriteString("\n")
	for i, run := range runs {
		fmt.Fprintf(&b, "* [%s] %s\n", letters(i), run)
	}
	return b.String()
}

// letters numbers by letters: a, b … z, aa, ab …
func letters(n int) string {
	word := ""
	for n++; n > 0; n = (n - 1) / 26 {
		word = string(rune('a'+(n-1)%26)) + word
	}
	return word
}
