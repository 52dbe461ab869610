package console_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/finding"
)

func streams() (c *console.Console, out, story *bytes.Buffer) {
	out, story = &bytes.Buffer{}, &bytes.Buffer{}
	return console.New(out, story), out, story
}

func TestResultAndStory(t *testing.T) {
	t.Parallel()
	c, out, story := streams()
	c.Printf("%s\n", "result")
	if err := c.JSON(map[string]string{"link": "<a&b>"}); err != nil {
		t.Fatal(err)
	}
	c.Say("looking at %d", 3)
	c.Warn("odd: %s", "x")
	if diff := cmp.Diff("result\n{\n  \"link\": \"<a&b>\"\n}\n", out.String()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff("looking at 3\nwarning: odd: x\n", story.String()); diff != "" {
		t.Error(diff)
	}
}

func TestSecretsAreHiddenEverywhere(t *testing.T) {
	t.Parallel()
	c, out, story := streams()
	c.Hide("hunter22")
	c.Hide("abc") // too short: it would eat ordinary words
	c.Hide("hunter22x")
	c.Printf("key hunter22 abc\n")
	c.Say("key hunter22x")
	c.Fault(&fault.Error{What: "bad hunter22", Next: "use another than hunter22"})
	if err := c.JSON([]string{"hunter22"}); err != nil {
		t.Fatal(err)
	}
	s := c.Begin("sending hunter22")
	s.Detail("hunter22")
	s.Done("sent hunter22")
	if all := out.String() + story.String(); strings.Contains(all, "hunter22") || strings.Contains(all, "*x") {
		t.Errorf("a secret is shown:\n%s", all)
	}
	if !strings.Contains(out.String(), "key ******** abc") {
		t.Errorf("got %q", out.String())
	}
}

func TestFault(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		err  error
		want string
	}{
		"plain": {errors.New("odd"), "error: odd\n"},
		"whole": {
			&fault.Error{What: "no server", Where: "http://x", Why: "down", Next: "start it:\nmake env-up"},
			"error: no server\n  where: http://x\n  why:   down\n  next:  start it:\n         make env-up\n",
		},
		"cause": {&fault.Error{What: "no server", Err: errors.New("refused")}, "error: no server\n  why:   refused\n"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _, story := streams()
			c.Fault(test.err)
			if diff := cmp.Diff(test.want, story.String()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestFindings(t *testing.T) {
	t.Parallel()
	c, _, story := streams()
	c.Findings(nil)
	c.Findings(finding.List{
		{Code: "b", Severity: finding.Warning, Message: "second", Position: finding.Position{File: "b.py", Line: 1}},
		{Code: "a", Severity: finding.Error, Message: "first", Position: finding.Position{File: "a.py", Line: 1}},
	})
	want := "a.py:1: error: first [a]\nb.py:1: warning: second [b]\n1 error, 1 warning\n"
	if diff := cmp.Diff(want, story.String()); diff != "" {
		t.Error(diff)
	}
}

func TestConfirmNeedsATerminal(t *testing.T) {
	t.Parallel()
	c, _, _ := streams()
	ok, err := c.Confirm(t.Context(), "Delete all?")
	if ok || fault.CodeOf(err) != fault.Refused {
		t.Errorf("%v, %v", ok, err)
	}
}

// A long step says every five seconds that it is alive, and with what it is busy.
func TestStep(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, _, story := streams()
		s := c.Begin("starting %s", "it")
		time.Sleep(6 * time.Second)
		s.Detail("half way")
		time.Sleep(5 * time.Second)
		s.Done("it is up")
		s.Fail() // ended already
		want := "starting it ...\n  starting it, 5 s\n  starting it, 10 s: half way\nok it is up (11.0 s)\n"
		if diff := cmp.Diff(want, story.String()); diff != "" {
			t.Error(diff)
		}
		s = c.Begin("stopping it")
		s.Fail()
		if !strings.HasSuffix(story.String(), "stopping it ...\nfailed stopping it (0.0 s)\n") {
			t.Errorf("got %q", story.String())
		}
	})
}

func TestCount(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{0: "0 flows", 1: "1 flow", 2: "2 flows"} {
		if got := console.Count(n, "flow"); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
