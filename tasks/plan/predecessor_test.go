package plan

import "testing"

// What shares file, flow or name with a deployment that is blocked may be its predecessor, and stays; the rest is deleted.
func TestKeepPredecessors(t *testing.T) {
	t.Parallel()
	blocked := Action{Op: Blocked, Name: "prod", Flow: "orders", Entrypoint: "flows/orders.py:main"}
	for name, c := range map[string]struct {
		other Action
		stays bool
	}{
		"another function of the file":  {Action{Name: "old", Flow: "orders-old", Entrypoint: "flows/orders.py:old"}, true},
		"the flow, from another file":   {Action{Name: "old", Flow: "orders", Entrypoint: "flows/old.py:main"}, true},
		"the name, of another flow":     {Action{Name: "prod", Flow: "orders-old", Entrypoint: "flows/old.py:main"}, true},
		"nothing in common":             {Action{Name: "old", Flow: "orders-old", Entrypoint: "flows/old.py:main"}, false},
		"nothing known":                 {Action{Name: "old"}, false},
		"a file whose name begins like": {Action{Name: "old", Flow: "orders-old", Entrypoint: "flows/orders.pyi:main"}, false},
	} {
		c.other.Op = Delete
		p := Plan{Actions: []Action{c.other, blocked, {Op: Blocked}}}
		p.KeepPredecessors()
		if a := p.Actions[0]; (a.Op == Leftover) != c.stays || (a.Stays != "") != c.stays {
			t.Errorf("%s: %s %q", name, a.Op, a.Stays)
		}
	}
}
