package local

import "testing"

// realHung has no counterpart on Windows: no signal stops a process there.
func realHung(*testing.T, *rig) {}
