package lock

import (
	"testing"
	"time"

	"github.com/flowmage/flowmage/tasks/ownership"
)

// Whatever tells two processes apart makes them two: the lock of one is never taken for the other's.
func TestSameHolder(t *testing.T) {
	t.Parallel()
	one := Holder{Who: "anna@a", Host: "a", PID: 1, Born: 2, Boot: "b", Space: "c", Start: 3}
	if again := one; !again.same(one) || holderID(again) != holderID(one) {
		t.Error("one process is two")
	}
	for name, change := range map[string]func(*Holder){
		"host": func(h *Holder) { h.Host = "b" }, "process": func(h *Holder) { h.PID = 9 }, "born": func(h *Holder) { h.Born = 9 }, "boot": func(h *Holder) { h.Boot = "x" },
		"space": func(h *Holder) { h.Space = "x" }, "start": func(h *Holder) { h.Start = 9 },
	} {
		other := one
		change(&other)
		if other.same(one) || holderID(other) == holderID(one) {
			t.Errorf("another %s is the same process", name)
		}
	}
}

// Each sign of life is told from the one before.
func TestSigns(t *testing.T) {
	t.Parallel()
	now := time.Now()
	m := mark{id: "a", changed: now, holder: Holder{Lease: "l", Seen: now}, known: true}
	for name, change := range map[string]func(*mark){
		"mark": func(m *mark) { m.id = "b" }, "change": func(m *mark) { m.changed = now.Add(1) }, "lease": func(m *mark) { m.holder.Lease = "k" },
		"time": func(m *mark) { m.holder.Seen = now.Add(1) }, "end": func(m *mark) { m.holder.Until = &now },
	} {
		other := m
		change(&other)
		if other.signs() == m.signs() {
			t.Errorf("another %s is no sign of life", name)
		}
	}
}

// Owners whose names look the same in a variable's name have locks of their own.
func TestNames(t *testing.T) {
	t.Parallel()
	seen := map[names]bool{}
	variables := map[string]bool{}
	for _, o := range []ownership.Owner{{Project: "a-b", Env: "c"}, {Project: "a_b", Env: "c"}, {Project: "a", Env: "b_c"}, {Project: "A-B", Env: "c"}} {
		n := namesOf(o)
		if seen[n] || variables[n.variable] {
			t.Errorf("%+v has another one's lock: %+v", o, n)
		}
		seen[n], variables[n.variable] = true, true
	}
}
