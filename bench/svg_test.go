package main

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func goVersion() string { return strings.TrimPrefix(runtime.Version(), "go") }

// golden compares a text with a file. UPDATE=1 writes it anew.
func golden(t *testing.T, file, got string) {
	t.Helper()
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s is behind; UPDATE=1 go test .\n%s", file, diff)
	}
}

// wellFormed reads a picture as a browser does.
func wellFormed(t *testing.T, text string) {
	t.Helper()
	for d := xml.NewDecoder(strings.NewReader(text)); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

func TestChart(t *testing.T) {
	t.Parallel()
	ms := time.Millisecond
	c := chart{title: `Bars & "lines" <log>`, jobs: []charted{
		{"a job of 3 × 2", []bar{{"ours", "ours", 45 * ms, 38 * ms, 54 * ms}, {"floor: reads & nothing else", "floor", 0, 0, 2 * ms}}},
		{"another <job>", []bar{{"prefect deploy --all", "theirs", 117602 * ms, 80141 * ms, 138213 * ms}}},
	}}
	got := c.svg()
	wellFormed(t, got)
	golden(t, filepath.Join("testdata", "chart.svg"), got)
	wellFormed(t, chart{}.svg())
}

// The pictures of the page are those of its rows.
func TestPlots(t *testing.T) {
	t.Parallel()
	docs := filepath.Join("..", "docs")
	page, err := os.ReadFile(filepath.Join(docs, "benchmarks.md"))
	if err != nil {
		t.Fatal(err)
	}
	pictures, err := draw(string(page))
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range pictures {
		wellFormed(t, text)
		golden(t, filepath.Join(docs, "images", name), text)
		if !strings.Contains(string(page), "(images/"+name+")") {
			t.Errorf("the page does not show %s", name)
		}
	}
}
