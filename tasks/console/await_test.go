package console_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/flowmage/flowmage/tasks/console"
)

// A wait is told of after 5 s and every 30 s from then on, with what it is for at that moment; a shorter one never.
func TestAwait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		c := console.New(&out, &out)
		c.Await(func() string { return "nothing" })()
		short := c.Await(func() string { return "something short" })
		time.Sleep(5*time.Second - time.Millisecond)
		short()
		attempt := 0
		long := c.Await(func() string { attempt++; return fmt.Sprintf("the server, attempt %d", attempt) })
		beside := c.Await(func() string { return "the same server" })
		time.Sleep(66 * time.Second)
		long()
		beside()
		time.Sleep(time.Hour)
		lines := strings.Split(strings.TrimSpace(out.String()), "\n")
		for i, passed := range []string{", 5 s", ", 35 s", ", 65 s"} { // which of two at the same moment speaks is open
			if len(lines) != 3 || !strings.HasPrefix(lines[i], "waiting for the s") || !strings.HasSuffix(lines[i], passed) {
				t.Errorf("%q", lines)
				break
			}
		}
		synctest.Wait()
	})
}

// What could not be written is remembered, whoever wrote it; a reader that had enough is no failure.
func TestLost(t *testing.T) {
	t.Parallel()
	full := &failing{err: errFull}
	c := console.New(full, &bytes.Buffer{})
	if c.Lost() != nil {
		t.Error("lost before anything was written")
	}
	c.Printf("a line\n")
	full.err = nil
	c.Printf("another\n")
	if c.Lost() != errFull { //nolint:errorlint // the very same
		t.Errorf("lost: %v", c.Lost())
	}
}

var errFull = errors.New("no space left on device")

type failing struct{ err error }

func (f *failing) Write(p []byte) (int, error) { return len(p), f.err }
