package main

import (
	"fmt"
	"os"
	"runtime"
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
}

func (r row) median() time.Duration { return r.walls[len(r.walls)/2] }

// table gives the rows as Markdown.
func table(rows []row) string {
	var b strings.Builder
	b.WriteString("| job | by | median | fastest – slowest | × ours | own CPU | memory | requests | writes |\n| --- | --- | --: | --: | --: | --: | --: | --: | --: |\n")
	for _, r := range rows {
		requests, writes := "–", "–"
		if r.requests >= 0 {
			requests, writes = strconv.Itoa(r.requests), strconv.Itoa(r.writes)
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s – %s | %.2f | %s | %d MB | %s | %s |\n", r.job, r.name, milliseconds(r.median()),
			milliseconds(r.walls[0]), milliseconds(r.walls[len(r.walls)-1]), r.ratio, milliseconds(r.cpu), r.peak/1e6, requests, writes)
	}
	return b.String()
}

func milliseconds(d time.Duration) string { return fmt.Sprintf("%d ms", d.Milliseconds()) }

// machine says where and when the numbers were measured.
func machine() string {
	model := "unknown processor"
	if data, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(data)) {
			if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
				model = strings.TrimSpace(value)
				break
			}
		}
	}
	return fmt.Sprintf("Last measured on %s, %s/%s, %d cores (%s), Go %s, Prefect 3.8.8; on SQLite where nothing else is said.",
		time.Now().Format(time.DateOnly), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), model, strings.TrimPrefix(runtime.Version(), "go"))
}

// readTable gives the rows as Markdown.
func readTable(rows []row) string {
	var b strings.Builder
	b.WriteString("| job | by | median | fastest – slowest | × the first | own CPU | memory |\n| --- | --- | --: | --: | --: | --: | --: |\n")
	for _, r := range rows {
		memory := "–"
		if r.peak > 0 {
			memory = fmt.Sprintf("%d MB", r.peak/1e6)
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s – %s | %.2f | %s | %s |\n", r.job, r.name, milliseconds(r.median()), milliseconds(r.walls[0]),
			milliseconds(r.walls[len(r.walls)-1]), r.ratio, milliseconds(r.cpu), memory)
	}
	return b.String()
}
