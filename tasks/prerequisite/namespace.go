package prerequisite

import (
	"os/exec"
	"slices"
	"testing"
)

// Works runs a command whose success shows that the system can do what a test needs; what names that.
func Works(tb testing.TB, what string, line ...string) {
	tb.Helper()
	Program(tb, line[0])
	if out, err := exec.CommandContext(tb.Context(), line[0], line[1:]...).CombinedOutput(); err != nil {
		missing(tb, what+" can't be had here: "+err.Error()+" "+string(out))
	}
}

// Unshared gives the beginning of a command line that runs a program in a namespace of processes of its own, with the flags of unshare(1).
func Unshared(tb testing.TB, flags ...string) []string {
	tb.Helper()
	line := append([]string{"unshare", "--pid", "--fork"}, flags...)
	Works(tb, "a namespace of processes", append(slices.Clip(line), "true")...)
	return line
}
