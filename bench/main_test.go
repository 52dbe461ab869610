package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestChoose(t *testing.T) {
	t.Parallel()
	for only, want := range map[string]string{
		"":                strings.Join(names(jobs()), ","),
		"python":          "python",
		"unchanged,three": "three,unchanged", // those with the sample flows go first
	} {
		list, err := choose(only)
		if diff := cmp.Diff(want, strings.Join(names(list), ",")); diff != "" || err != nil {
			t.Errorf("%q: %v\n%s", only, err, diff)
		}
	}
	if _, err := choose("three,unchnged"); err == nil || !strings.Contains(err.Error(), `there is no job "unchnged": choose from settings, three`) {
		t.Error(err)
	}
}
