package main

import (
	"errors"
	"testing"
	"time"
)

// What a program needs for an empty file is no part of what it needs for the others.
func TestLess(t *testing.T) {
	t.Parallel()
	took := map[string]time.Duration{"empty": 20 * time.Millisecond, "a": time.Second, "quick": 10 * time.Millisecond}
	run := func(files ...string) (turn, error) {
		var t turn
		for _, f := range files {
			if took[f] == 0 {
				return turn{}, errors.New("no " + f)
			}
			t.cpu += took[f]
		}
		return t, nil
	}
	for files, want := range map[string]time.Duration{"a": 980 * time.Millisecond, "quick": 1} {
		if got, err := less(run, "empty", []string{files}); err != nil || got.wall != want {
			t.Errorf("%s: %v %v", files, got.wall, err)
		}
	}
	if _, err := less(run, "empty", []string{"b"}); err == nil {
		t.Error("what fails has a time")
	}
	if _, err := less(run, "none", []string{"a"}); err == nil {
		t.Error("what fails has a time")
	}
}

// Where ruff can't be had nobody takes its place.
func TestNoRuff(t *testing.T) {
	t.Parallel()
	l := &lab{root: t.TempDir()}
	if got := l.ruff(t.Context(), "no-such-python", l.root, []string{"a.py"}); got != nil {
		t.Error(got)
	}
}
