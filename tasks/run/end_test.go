package run

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/prefecttest"
	"github.com/flowmage/flowmage/tasks/session"
)

type row = map[string]any

// told is a session and what it prints: results, and all else beside them.
func told() (s *session.Session, out, beside *bytes.Buffer) {
	out, beside = &bytes.Buffer{}, &bytes.Buffer{}
	return &session.Session{Console: console.New(out, beside)}, out, beside
}

func line(level int, message string) row {
	return row{"id": message, "level": level, "message": message, "timestamp": "2030-01-01T00:00:00Z", "flow_run_id": "r"}
}

// A run that did not complete is told with the reason that its log alone may have.
func TestEnded(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		state, message string
		logs           []row
		out, why       string // why is of the fault; out is the whole result
	}{
		"completed": {prefect.StateCompleted, "All states completed.", nil, "completed happy-fox  http://ui/runs/flow-run/r\n", ""},
		"failed":    {prefect.StateFailed, "it broke: no file", []row{line(40, "Traceback …\nit broke: no file")}, "failed    happy-fox  http://ui/runs/flow-run/r\n", "it broke: no file"},
		"crashed":   {prefect.StateCrashed, "status code: 1", []row{line(40, "one line"), line(40, "Traceback …\nNo module named 'x'\n")}, "crashed   happy-fox  http://ui/runs/flow-run/r\n", "status code: 1\nNo module named 'x'"},
		"silent":    {prefect.StateCrashed, "status code: 1", []row{}, "crashed   happy-fox  http://ui/runs/flow-run/r\n", "status code: 1\nthe run has left no error"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := prefecttest.StandIn(t, 0, 0, map[string]func(time.Time) any{
				"/logs/filter":      func(time.Time) any { return c.logs },
				"/artifacts/filter": func(time.Time) any { return []row{{"key": "report"}} },
			})
			s, out, beside := told()
			run := prefect.FlowRun{ID: "r", Name: "happy-fox", State: prefect.State{Type: c.state, Message: c.message}}
			err := Ended(t.Context(), s, Options{}, run, session.Server{API: api, UI: "http://ui"})
			if diff := cmp.Diff(c.out, out.String()); diff != "" {
				t.Error(diff)
			}
			if !strings.Contains(beside.String(), "artifact report") {
				t.Error("the artifact is not told of: " + beside.String())
			}
			if c.why == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if fault.CodeOf(err) != fault.Run || !strings.HasPrefix(fault.Of(err).Cause(), c.why) {
				t.Errorf("%v: %s", err, fault.Of(err).Cause())
			}
		})
	}
}

// Who stops following where nobody can be asked leaves the run alone, and says that it goes on.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	run, other := prefect.FlowRun{ID: "r", Name: "happy-fox"}, errors.New("no answer")
	s, _, beside := told()
	if err := Interrupted(t.Context(), s, context.DeadlineExceeded, run, session.Server{}); fault.CodeOf(err) != fault.Run {
		t.Error(err)
	}
	if err := Interrupted(t.Context(), s, other, run, session.Server{}); !errors.Is(err, other) || beside.Len() > 0 {
		t.Error(err, beside)
	}
	if err := Interrupted(t.Context(), s, context.Canceled, run, session.Server{UI: "http://ui"}); !errors.Is(err, context.Canceled) ||
		!strings.Contains(beside.String(), "no longer following happy-fox; it goes on: http://ui/runs/flow-run/r") {
		t.Error(err, beside)
	}
}
