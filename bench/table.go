package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// row is what was measured of a contender.
type row struct {
	job, name        string
	walls            []time.Duration // sorted
	cpu              time.Duration   // median
	peak             int64           // bytes, median
	ratio            float64         // of the first contender's wall time: how many times as long this one takes
	requests, writes int             // -1: not counted
	day              time.Time       // on which it was measured
	prefect          string          // the release, where one took part
}

func (r row) median() time.Duration { return r.walls[len(r.walls)/2] }

// layout is what the tables of a kind have in their columns.
type layout struct {
	head  []string // two columns of words, then figures, then the run
	cells func(r row) []string
}

// served is the layout for jobs that a server takes part in.
func served() layout {
	return layout{
		[]string{"job", "by", "median", "fastest – slowest", "× ours", "own CPU", "memory", "requests", "writes", "run"},
		func(r row) []string {
			requests, writes := "–", "–"
			if r.requests >= 0 {
				requests, writes = strconv.Itoa(r.requests), strconv.Itoa(r.writes)
			}
			return append(figures(r), requests, writes)
		},
	}
}

// alone is the layout for jobs without a server.
func alone() layout {
	return layout{[]string{"job", "by", "median", "fastest – slowest", "× the first", "own CPU", "memory", "run"}, figures}
}

// figures are the columns that every table has.
func figures(r row) []string {
	memory := "–"
	if r.peak > 0 {
		memory = fmt.Sprintf("%d MB", r.peak/1e6)
	}
	return []string{
		r.job, r.name, milliseconds(r.median()), milliseconds(r.walls[0]) + " – " + milliseconds(r.walls[len(r.walls)-1]),
		strconv.FormatFloat(r.ratio, 'f', 2, 64), milliseconds(r.cpu), memory,
	}
}

func milliseconds(d time.Duration) string { return fmt.Sprintf("%d ms", d.Milliseconds()) }

// header gives the first two lines of a table.
func (l layout) header() string {
	return "| " + strings.Join(l.head, " | ") + " |\n| --- | --- |" + strings.Repeat(" --: |", len(l.head)-3) + " --- |\n"
}
