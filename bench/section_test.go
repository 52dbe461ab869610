package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func measuredOn(day int, job, name string, release string) row {
	return row{
		job: job, name: name, prefect: release, requests: 4, ratio: 1, cpu: time.Second, peak: 5e6, day: time.Date(2026, 3, day, 0, 0, 0, 0, time.UTC),
		walls: []time.Duration{time.Millisecond, 2 * time.Millisecond, 4 * time.Millisecond},
	}
}

// Rows that are measured again take the place of their job's; the others keep the run that they come from, and runs that nobody names are gone.
func TestRowsKeepTheirRun(t *testing.T) {
	t.Parallel()
	first, second := origin{"abc", "here"}, origin{"def+changes", "there"}
	s := section{layout: served()}
	s.add(first, []row{measuredOn(1, "one", "ours", "3.8.8"), measuredOn(1, "one", "floor", "3.8.8"), measuredOn(2, "two", "ours", ""), measuredOn(2, "three", "ours", "")})
	text := s.String()
	again := section{layout: served()}
	again.read(text)
	if diff := cmp.Diff(text, again.String()); diff != "" {
		t.Errorf("what is written is read otherwise: %s", diff)
	}
	again.add(second, []row{measuredOn(3, "one", "ours", "3.9.0"), measuredOn(3, "four", "ours", "")})
	got := strings.TrimPrefix(again.String(), served().header())
	version := goVersion()
	want := "| one | ours | 2 ms | 1 ms – 4 ms | 1.00 | 1000 ms | 5 MB | 4 | 0 | [a] |\n" +
		"| two | ours | 2 ms | 1 ms – 4 ms | 1.00 | 1000 ms | 5 MB | 4 | 0 | [b] |\n" +
		"| three | ours | 2 ms | 1 ms – 4 ms | 1.00 | 1000 ms | 5 MB | 4 | 0 | [b] |\n" +
		"| four | ours | 2 ms | 1 ms – 4 ms | 1.00 | 1000 ms | 5 MB | 4 | 0 | [c] |\n\n" +
		"* [a] 2026-03-03, commit def+changes, there, Go " + version + ", Prefect 3.9.0\n" +
		"* [b] 2026-03-02, commit abc, here, Go " + version + "\n" +
		"* [c] 2026-03-03, commit def+changes, there, Go " + version + "\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestLetters(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{0: "a", 25: "z", 26: "aa", 27: "ab", 51: "az", 52: "ba", 701: "zz", 702: "aaa"} {
		if got := letters(n); got != want {
			t.Errorf("%d is %s, not %s", n, got, want)
		}
	}
}

// A commit is named as it is, and with a word more when files differ from it, but for those that measuring itself writes.
func TestCommit(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	if got := commit(t.Context(), folder); got != "not recorded" {
		t.Error(got)
	}
	git := func(args ...string) string {
		cmd := exec.CommandContext(t.Context(), "git", append([]string{"-C", folder, "-c", "user.name=a", "-c", "user.email=a@example.com"}, args...)...)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		return strings.TrimSpace(string(out))
	}
	put := func(name, text string) {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	git("init", "--quiet")
	put("a", "1")
	put("docs/benchmarks.md", "1")
	git("add", ".")
	git("commit", "--quiet", "--message=a")
	head := git("rev-parse", "--short", "HEAD")
	put("docs/benchmarks.md", "2")
	put("docs/images/a.svg", "2")
	if got := commit(t.Context(), folder); got != head {
		t.Errorf("%s, not %s", got, head)
	}
	put("a", "2")
	if got := commit(t.Context(), folder); got != head+"+changes" {
		t.Errorf("%s, not %s with changes", got, head)
	}
}
