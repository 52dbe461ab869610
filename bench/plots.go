package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// plot is a picture of some jobs of a section.
type plot struct {
	file, section, title string
	jobs                 *regexp.Regexp
}

func plots() []plot {
	of := func(file, section, title, jobs string) plot {
		return plot{"benchmark-" + file + ".svg", section, title, regexp.MustCompile(jobs)}
	}
	return []plot{
		of("unchanged", "measured", "Nothing has changed, or one thing", `unchanged|changed of`),
		of("first", "measured", "First deploys", `^first deploy`),
		of("run", "measured", "A run that is followed", `^a run of`),
		of("python", "python", "Reading Python", ``),
		of("schemas", "schemas", "Schemas of parameters", ``),
		of("images", "images", "Containers", ``),
	}
}

// draw makes the pictures of a page, by file.
func draw(page string) (map[string]string, error) {
	out := map[string]string{}
	for _, p := range plots() {
		_, inside, _, err := parted(page, p.section)
		if err != nil {
			return nil, err
		}
		var s section
		s.read(inside)
		c := chart{title: p.title}
		for _, l := range s.lines {
			if !p.jobs.MatchString(l.job()) {
				continue
			}
			one, err := l.bar()
			if err != nil {
				return nil, err
			}
			if n := len(c.jobs); n == 0 || c.jobs[n-1].name != l.job() {
				c.jobs = append(c.jobs, charted{name: l.job()})
			}
			last := &c.jobs[len(c.jobs)-1]
			last.bars = append(last.bars, one)
		}
		out[p.file] = c.svg()
	}
	return out, nil
}

// redraw writes the pictures of a page into the folder beside it.
func redraw(file, page string) error {
	pictures, err := draw(page)
	if err != nil {
		return err
	}
	for name, text := range pictures {
		if err := os.WriteFile(filepath.Join(filepath.Dir(file), "images", name), []byte(text), 0o644); err != nil { //nolint:gosec // a page of the documentation
			return err
		}
	}
	return nil
}

// Contenders that are no program of ours, by how their names begin: Prefect's and others' programs, and what is only a floor.
var (
	theirs = regexp.MustCompile("^(`prefect |`ast\\.parse|ruff|`sha256sum|SHA-256|Go's|Prefect's)")
	floors = regexp.MustCompile(`^(floor|bare API)`)
)

// bar reads a row of a table.
func (l line) bar() (bar, error) {
	name := l.cells[1]
	x := bar{name: strings.ReplaceAll(name, "`", ""), class: "ours"}
	switch {
	case floors.MatchString(name):
		x.class = "floor"
	case theirs.MatchString(name):
		x.class = "theirs"
	}
	var median, fastest, slowest int64
	if _, err := fmt.Sscanf(l.cells[2]+" "+l.cells[3], "%d ms %d ms – %d ms", &median, &fastest, &slowest); err != nil {
		return x, fmt.Errorf("the row of %q: %w", name, err)
	}
	x.median, x.fastest, x.slowest = time.Duration(median)*time.Millisecond, time.Duration(fastest)*time.Millisecond, time.Duration(slowest)*time.Millisecond
	return x, nil
}
