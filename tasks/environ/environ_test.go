package environ_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/environ"
)

// The last setting of a name counts, however often it stands there; what is no setting is none.
func TestLastOneCounts(t *testing.T) {
	t.Parallel()
	l := environ.List{"A=1", "B=", "word", "A=2=3", "=C:=x", "AB=4", ""}
	for name, want := range map[string]string{"A": "2=3", "B": "", "AB": "4"} {
		if got, set := l.Lookup(name); got != want || !set || l.Get(name) != want {
			t.Errorf("%s: %q %v, want %q", name, got, set, want)
		}
	}
	for _, name := range []string{"word", "C", ""} {
		if got, set := l.Lookup(name); set && name != "" {
			t.Errorf("%s: %q", name, got)
		}
	}
	if diff := cmp.Diff(map[string]string{"A": "2=3", "B": "", "AB": "4"}, l.Map()); diff != "" {
		t.Errorf("map (-want +got):\n%s", diff)
	}
}

func TestAllAreSeen(t *testing.T) {
	t.Parallel()
	var seen []string
	for name, value := range (environ.List{"A=1", "A=2", "word", "B=3"}).All() {
		if seen = append(seen, name+value); name == "B" {
			break
		}
	}
	if diff := cmp.Diff([]string{"A1", "A2", "B3"}, seen); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWithout(t *testing.T) {
	t.Parallel()
	before := environ.List{"A=1", "X_A=2", "B=3"}
	got := before.Without(func(name string) bool { return strings.HasPrefix(name, "X_") })
	if diff := cmp.Diff(environ.List{"A=1", "B=3"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if before[1] != "X_A=2" {
		t.Errorf("the list itself was changed: %v", before)
	}
}
