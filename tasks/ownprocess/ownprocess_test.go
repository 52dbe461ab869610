package ownprocess_test

import (
	"runtime"
	"testing"

	"github.com/flowmage/flowmage/tasks/ownprocess"
)

// One processor is left, and comes back.
func TestLeaveCore(t *testing.T) { //nolint:paralleltest // it is about the whole process
	all := runtime.GOMAXPROCS(0)
	back := ownprocess.LeaveCore()
	if got, want := runtime.GOMAXPROCS(0), max(1, all-1); got != want {
		t.Errorf("%d processors, not %d", got, want)
	}
	back()
	if got := runtime.GOMAXPROCS(0); got != all {
		t.Errorf("%d processors came back of %d", got, all)
	}
}
