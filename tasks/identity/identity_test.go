package identity_test

import (
	"os"
	"os/exec"
	"testing"

	"github.com/flowmage/flowmage/tasks/identity"
)

func TestAlive(t *testing.T) {
	t.Parallel()
	self := identity.Self(t.Context())
	if self.PID != os.Getpid() || !self.Alive(t.Context()) {
		t.Errorf("this process is not alive: %+v", self)
	}
	if (identity.ID{PID: self.PID, Born: self.Born - 60_000}).Alive(t.Context()) {
		t.Error("another process of the same number counts as this one")
	}
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^$")
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	born, _ := identity.Birth(t.Context(), child.Process.Pid)
	if err := child.Wait(); err != nil {
		t.Fatal(err)
	}
	if (identity.ID{PID: child.Process.Pid, Born: born}).Alive(t.Context()) || (identity.ID{}).Alive(t.Context()) {
		t.Error("a process that has ended is alive")
	}
}
