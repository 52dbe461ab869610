package manifest_test

import (
	"testing"

	"github.com/flowmage/flowmage/tasks/manifest"
)

// A text takes what a step gives out by the step's id, or as whichever step's output came last.
func TestFeeds(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"{{ get.stdout }}": true, "a {{ get.stderr }} b": true, "{{ stdout }}": true, "{{ other.stdout }}": false, "{{ get.image }}": false, "{{ $TOKEN }}": false, "get.stdout": false, "": false,
	} {
		if got := (manifest.Step{ID: "get", Script: "x"}).Feeds(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}
