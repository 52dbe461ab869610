// Package console is where the tool meets its user: results go to standard output, the story to standard error.
//
// Start with [Console]. Everything it writes passes the [Redactor], so that a secret which was named once is never shown.
// [Console.Begin] shows that a long step is alive. [Console.Fault] prints an error with its next step.
package console

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

	"golang.org/x/term"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/finding"
)

// Console writes for people and for pipes. The zero value is not usable: call [New] or [Standard].
type Console struct {
	out, err io.Writer
	in       io.Reader
	color    bool // escape sequences on err
	live     bool // err is a terminal that can redraw a line
	ask      bool // in and err are a terminal: questions can be answered
	redact   *Redactor
	mu       *sync.Mutex
	results  *sink // out, behind the redactor
	waits    *waits
}

// New gives a console over plain streams: no colour, no redrawing, no questions.
func New(out, err io.Writer) *Console {
	r, results := &Redactor{}, &sink{w: out}
	return &Console{
		out: r.Writer(results), err: r.Writer(err), in: strings.NewReader(""), redact: r, mu: &sync.Mutex{}, results: results, waits: &waits{},
	}
}

// Standard gives the console of this process. Colour needs a terminal and no NO_COLOR (https://no-color.org).
func Standard(environ []string) *Console {
	c := New(os.Stdout, os.Stderr)
	c.in = os.Stdin
	c.live = IsTerminal(os.Stderr)
	c.ask = c.live && IsTerminal(os.Stdin)
	c.color = c.live
	for _, pair := range environ {
		if name, value, _ := strings.Cut(pair, "="); name == "NO_COLOR" && value != "" {
			c.color = false
		}
	}
	return c
}

// IsTerminal tells whether a file is one.
func IsTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }

// Out is standard output, for results.
func (c *Console) Out() io.Writer { return c.out }

// Err is standard error, for streams of child processes.
func (c *Console) Err() io.Writer { return c.err }

// Hide makes every later output show a mask in place of secret.
func (c *Console) Hide(secret string) { c.redact.Hide(secret) }

// Redacted gives text with a mask in place of every secret that was hidden.
func (c *Console) Redacted(text string) string { return c.redact.Text(text) }

// Printf writes a result, without adding a line end.
func (c *Console) Printf(format string, args ...any) { fmt.Fprintf(c.out, format, args...) }

// JSON writes v as indented JSON with a line end.
func (c *Console) JSON(v any) error {
	enc := json.NewEncoder(c.out)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// Say writes one line of the story.
func (c *Console) Say(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	fmt.Fprintf(c.err, format+"\n", args...)
}

// Warn writes one line of the story that deserves attention.
func (c *Console) Warn(format string, args ...any) {
	c.Say("%s %s", c.Paint(Yellow, "warning:"), fmt.Sprintf(format, args...))
}

// Findings prints all findings, sorted, and a line that counts them.
func (c *Console) Findings(list finding.List) {
	if len(list) == 0 {
		return
	}
	for _, f := range list.Sorted() {
		text := f.String()
		word := f.Severity.String() + ":"
		c.Say("%s", strings.Replace(text, word, c.Paint(severityColor(f.Severity), word), 1))
	}
	c.Say("%s, %s", Count(list.Count(finding.Error), "error"), Count(list.Count(finding.Warning), "warning"))
}

func severityColor(s finding.Severity) Color {
	switch s {
	case finding.Error:
		return Red
	case finding.Warning:
		return Yellow
	case finding.Note:
		return Dim
	default:
		return Dim
	}
}

// Fault prints an error: what, and on lines of their own where, why and the next step, as far as they are known.
func (c *Console) Fault(err error) {
	f, ok := errors.AsType[*fault.Error](err)
	if !ok {
		c.Say("%s %v", c.Paint(Red, "error:"), err)
		return
	}
	c.Say("%s %s", c.Paint(Red, "error:"), f.What)
	for _, part := range []struct{ label, text string }{{"where:", f.Where}, {"why:", f.Cause()}, {"next:", f.Next}} {
		if part.text != "" {
			c.Say("  %-6s %s", part.label, strings.ReplaceAll(part.text, "\n", "\n         "))
		}
	}
}

// Confirm asks a yes-or-no question on the terminal; only "y" and "yes" agree. Without a terminal it fails with a fault of
// code Refused that names -yes. A cancelled context ends the wait.
func (c *Console) Confirm(ctx context.Context, question string) (bool, error) {
	if !c.ask {
		return false, &fault.Error{
			Code: fault.Refused,
			What: "this needs a confirmation, and there is no terminal to ask on",
			Why:  question,
			Next: "add -yes (make: YES=1) when you are sure",
		}
	}
	fmt.Fprintf(c.err, "%s [y/N] ", question)
	answer := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(c.in).ReadString('\n')
		answer <- strings.ToLower(strings.TrimSpace(line))
	}()
	select {
	case <-ctx.Done():
		return false, ctx.Err()
	case text := <-answer:
		return text == "y" || text == "yes", nil
	}
}

// Count gives "1 error", "2 errors".
func Count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
