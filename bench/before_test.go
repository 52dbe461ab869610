package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The program to compare with does what ours does, in the same folder, and no third one follows.
func TestBoth(t *testing.T) {
	t.Parallel()
	ran := func(p programs) (names, programs []string) {
		l := &lab{programs: p, root: "here"}
		for _, c := range l.both("work", func(l *lab, api string) (turn, error) {
			programs = append(programs, l.mage+" in "+l.root+" at "+api)
			if l.before != "" {
				programs = append(programs, "and "+l.before)
			}
			return turn{}, nil
		}) {
			names = append(names, c.name)
			if _, err := c.run("there"); err != nil {
				t.Error(err)
			}
		}
		return names, programs
	}
	names, done := ran(programs{mage: "new", before: "old"})
	if diff := cmp.Diff([]string{"work", "work, before"}, names); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"new in here at there", "and old", "old in here at there"}, done); diff != "" {
		t.Error(diff)
	}
	names, _ = ran(programs{mage: "new"})
	if diff := cmp.Diff([]string{"work"}, names); diff != "" {
		t.Error(diff)
	}
}
