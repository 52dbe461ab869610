package identity_test

import (
	"os"
	"os/exec"
	"testing"

	"github.com/flowmage/flowmage/tasks/identity"
)

// A process is gone only when everything about it is known and ours.
func TestGone(t *testing.T) {
	t.Parallel()
	self := identity.Left(t.Context())
	if self.PID != os.Getpid() || self.Boot == "" || self.Space == "" || self.Start <= 0 {
		t.Fatalf("this process leaves %+v", self)
	}
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^$")
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	if err := child.Wait(); err != nil {
		t.Fatal(err)
	}
	with := func(change func(*identity.Trace)) identity.Trace {
		out := self
		change(&out)
		return out
	}
	dead := with(func(x *identity.Trace) { x.PID = child.Process.Pid })
	for name, test := range map[string]struct {
		trace identity.Trace
		gone  bool
	}{
		"this process":                     {self, false},
		"one that has ended":               {dead, true},
		"another of the same number":       {with(func(x *identity.Trace) { x.Start -= 600_000 }), true},
		"ended, on another boot":           {with(func(x *identity.Trace) { x.PID, x.Boot = dead.PID, "5d3c4b3e-0000-4000-8000-000000000000" }), false},
		"ended, in another namespace":      {with(func(x *identity.Trace) { x.PID, x.Space = dead.PID, "pid:[1]" }), false},
		"ended, on an unknown boot":        {with(func(x *identity.Trace) { x.PID, x.Boot = dead.PID, "" }), false},
		"ended, in an unknown namespace":   {with(func(x *identity.Trace) { x.PID, x.Space = dead.PID, "" }), false},
		"ended, of an unknown birth":       {with(func(x *identity.Trace) { x.PID, x.Start = dead.PID, 0 }), false},
		"nothing is known, as of old ones": {identity.Trace{PID: dead.PID}, false},
		"no number":                        {with(func(x *identity.Trace) { x.PID = 0 }), false},
		"a negative number":                {with(func(x *identity.Trace) { x.PID = -dead.PID }), false},
	} {
		if got := test.trace.Gone(t.Context()); got != test.gone {
			t.Errorf("%s: gone is %v for %+v", name, got, test.trace)
		}
	}
}
