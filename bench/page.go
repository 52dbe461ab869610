package main

import (
	"context"
	"fmt"
	"os"
	"strings"
)

// report is where the rows go.
type report struct {
	page   string // the Markdown file, or nothing
	origin origin
}

func newReport(ctx context.Context, page string) report { return report{page, here(ctx)} }

// publish prints the rows and puts them into the page's section of that name, whose plots are drawn anew.
func (r report) publish(name string, l layout, rows []row) error {
	s := section{layout: l}
	s.add(r.origin, rows)
	fmt.Fprint(os.Stdout, s.String())
	if r.page == "" {
		return nil
	}
	data, err := os.ReadFile(r.page)
	if err != nil {
		return err
	}
	before, old, after, err := parted(string(data), name)
	if err != nil {
		return fmt.Errorf("%s: %w", r.page, err)
	}
	s = section{layout: l}
	s.read(old)
	s.add(r.origin, rows)
	text := before + s.String() + after
	if err := os.WriteFile(r.page, []byte(text), 0o644); err != nil { //nolint:gosec // a page of the documentation
		return err
	}
	return redraw(r.page, text)
}

// parted gives what stands between <!-- name --> and the next <!-- end -->, and what stands around it, the marks included.
func parted(text, name string) (before, inside, after string, err error) {
	begin, end := "<!-- "+name+" -->\n", "<!-- end -->"
	before, rest, ok1 := strings.Cut(text, begin)
	inside, after, ok2 := strings.Cut(rest, end)
	if !ok1 || !ok2 {
		return "", "", "", fmt.Errorf("the marks %q and %q are missing", strings.TrimSpace(begin), end)
	}
	return before + begin, inside, end + after, nil
}
