package fault_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/flowmage/flowmage/tasks/fault"
)

func TestCodeOf(t *testing.T) {
	t.Parallel()
	inner := &fault.Error{Code: fault.Server, What: "inner"}
	tests := map[string]struct {
		err  error
		want fault.Code
	}{
		"nothing":                 {nil, fault.OK},
		"unknown":                 {errors.New("x"), fault.Unexpected},
		"a fault":                 {inner, fault.Server},
		"wrapped":                 {fmt.Errorf("reading: %w", inner), fault.Server},
		"the outermost one":       {&fault.Error{Code: fault.Partial, What: "outer", Err: inner}, fault.Partial},
		"cancelled":               {fmt.Errorf("waiting: %w", context.Canceled), fault.Interrupted},
		"a fault over a cancel":   {&fault.Error{Code: fault.Server, What: "x", Err: context.Canceled}, fault.Server},
		"a deadline is no signal": {context.DeadlineExceeded, fault.Unexpected},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := fault.CodeOf(test.err); got != test.want {
				t.Errorf("got %d, want %d", got, test.want)
			}
		})
	}
}

func TestErrorText(t *testing.T) {
	t.Parallel()
	cause := errors.New("connection refused")
	tests := map[string]struct {
		err  *fault.Error
		want string
	}{
		"what":           {&fault.Error{What: "no flow"}, "no flow"},
		"where and why":  {&fault.Error{What: "no flow", Where: "a.py:3", Why: "empty"}, "a.py:3: no flow: empty"},
		"cause":          {&fault.Error{What: "no server", Err: cause}, "no server: connection refused"},
		"why wins":       {&fault.Error{What: "no server", Why: "it is down", Err: cause}, "no server: it is down"},
		"next stays out": {&fault.Error{What: "no server", Next: "start it"}, "no server"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := test.err.Error(); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
			if test.err.Err != nil && !errors.Is(test.err, cause) {
				t.Error("the cause is lost")
			}
		})
	}
}

// Scripts read the exit codes on the page that explains them.
func TestCodesAreDocumented(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/exit-codes.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, code := range []fault.Code{
		fault.OK, fault.Unexpected, fault.Usage, fault.Findings, fault.Server, fault.Image, fault.Partial, fault.Refused, fault.Run,
		fault.Changes, fault.Interrupted,
	} {
		if row := "| " + strconv.Itoa(int(code)) + " | " + code.String() + " |"; !strings.Contains(string(page), row) {
			t.Errorf("docs/exit-codes.md has no row starting with %q", row)
		}
	}
}
