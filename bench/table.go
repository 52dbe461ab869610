package main

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

// contender is one way to do a job.
type contender struct {
	name string
	run  func(api string) (turn, error)
}

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

// compete lets the contenders take turns, after one turn each that does not count. Ratios are medians of each round's own ratio.
func compete(job, api string, rounds int, contenders []contender) ([]row, error) {
	walls, cpus := make([][]time.Duration, len(contenders)), make([][]time.Duration, len(contenders))
	peaks := make([][]int64, len(contenders))
	for round := range rounds + 1 {
		fmt.Fprintf(os.Stderr, "%s: round %d of %d\n", job, round, rounds)
		for i, c := range contenders {
			t, err := c.run(api)
			if err != nil {
				return nil, err
			}
			if round > 0 {
				walls[i], cpus[i], peaks[i] = append(walls[i], t.wall), append(cpus[i], t.cpu), append(peaks[i], t.peak)
			}
		}
	}
	rows := make([]row, 0, len(contenders))
	for i, c := range contenders {
		ratios := make([]float64, rounds)
		for k := range ratios {
			ratios[k] = walls[i][k].Seconds() / walls[0][k].Seconds()
		}
		slices.Sort(ratios)
		rows = append(rows, row{job: job, name: c.name, walls: slices.Sorted(slices.Values(walls[i])), ratio: ratios[rounds/2], requests: -1})
		slices.Sort(cpus[i])
		slices.Sort(peaks[i])
		rows[i].cpu, rows[i].peak = cpus[i][rounds/2], peaks[i][rounds/2]
	}
	return rows, nil
}

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
