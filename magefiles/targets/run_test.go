package targets

import (
	"bytes"
	"strings"
	"testing"

	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/session"
)

// A mistake of ours ends as an error like others: with its code, and without the secrets that its text may quote.
func TestPanic(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	s := &session.Session{Console: console.New(&out, &out)}
	s.Console.Hide("hunter22")
	err := within(t.Context(), s, func() error { panic("boom hunter22") })
	if fault.CodeOf(err) != fault.Unexpected {
		t.Errorf("code %d: %v", fault.CodeOf(err), err)
	}
	s.Console.Fault(err)
	s.Console.Flush()
	if text := out.String(); !strings.Contains(text, "boom ********") || !strings.Contains(text, "run_test.go") {
		t.Error(text)
	}
}
