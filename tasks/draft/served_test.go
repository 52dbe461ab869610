package draft

import (
	"strings"
	"testing"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/plan"
)

// Two flows that would be served by one name can't be told apart, so the second is left out, once, whatever the number of its deployments.
func TestPart(t *testing.T) {
	t.Parallel()
	one, two := &flow.Flow{Name: "load it", Entrypoint: "a.py:f", File: "a.py", Line: 3}, &flow.Flow{Name: "load-it", Entrypoint: "b.py:f", File: "b.py", Line: 9}
	d := Rendered{Pinned: Pinned{Judged: Judged{Read: Read{Env: config.Env{Name: "dev"}}}}, Desired: []plan.Desired{{Name: "x", Flow: one}, {Name: "y", Flow: one}, {Name: "x", Flow: two}, {Name: "y", Flow: two}}}
	d = d.ToServe()
	if len(d.Desired) != 2 || d.Desired[0].Flow != one || d.Desired[1].Flow != one {
		t.Errorf("%+v", d.Desired)
	}
	if len(d.Blocked) != 1 || d.Blocked[0].Name != "load-it-serve-dev" || len(d.Findings) != 1 || d.Findings[0].Position.File != "b.py" ||
		!strings.Contains(d.Findings[0].Message, "served as load-it-serve-dev, like load it at a.py:3") {
		t.Errorf("%+v\n%+v", d.Blocked, d.Findings)
	}
}
