//go:build !windows

package local

import (
	"syscall"
	"testing"
	"time"
)

// realHung stops the server's process without ending it, as a machine out of memory would.
func realHung(t *testing.T, r *rig) {
	t.Helper()
	if err := syscall.Kill(r.server.PID, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	l := r.open()
	l.limits.hung, l.limits.stop = time.Second, time.Second
	server, err := l.Up(t.Context(), Wanted{Requirements: []string{"flows/one/requirements.txt"}})
	if err != nil {
		t.Fatal(told(err))
	}
	if !server.Started || server.PID == r.server.PID {
		t.Errorf("Up gave %+v, want another process", server)
	}
	r.server = server
}
