// Package console is where the tool meets its user: results go to standard output, the story to standard error.
//
// Start with [Console]. Everything it writes passes the [Redactor], so that a secret which was named once is never shown, and is made inert
// ([Inert]), so that no text of a repository or a server does anything to the terminal or CI system that shows it.
// [Console.Begin] shows that a long step is alive. [Console.Fault] prints an error with its next step.
package console

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

	"golang.org/x/term"

	"github.com/flowmage/flowmage/tasks/environ"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/finding"
)

// Console writes for people and for pipes. The zero value is not usable: call [New] or [Standard].
type Console struct {
	out, err io.Writer
	screen   io.Writer // err for our own drawing, which is not made inert
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
		out: r.Writer(&quiet{to: results}), err: r.Writer(&quiet{to: err}), screen: r.Writer(err), in: strings.NewReader(""), redact: r, mu: &sync.Mutex{},
		results: results, waits: &waits{},
	}
}

// Standard gives the console of this process. Colour needs a terminal and no NO_COLOR (https://no-color.org).
func Standard(variables environ.List) *Console {
	c := New(os.Stdout, os.Stderr)
	c.in = os.Stdin
	c.live = IsTerminal(os.Stderr)
	c.ask = c.live && IsTerminal(os.Stdin)
	c.color = c.live && variables.Get("NO_COLOR") == ""
	c.err = c.redact.Writer(&quiet{to: os.Stderr, inert: inert{colors: c.color}})
	c.out = c.redact.Writer(&quiet{to: c.results, inert: inert{colors: c.color && term.IsTerminal(int(os.Stdout.Fd()))}})
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

// Flush writes what was held back because it might have been the beginning of a secret. It is called when a command ends.
func (c *Console) Flush() {
	for _, stream := range []io.Writer{c.out, c.err} {
		if r, ok := stream.(*redacting); ok {
			r.flush()
		}
	}
}

// Redacted gives text with a mask in place of every secret that was hidden.
func (c *Console) Redacted(text string) string { return c.redact.Text(text) }

// Printf writes a result, without adding a line end.
func (c *Console) Printf(format string, args ...any) { fmt.Fprint(c.out, sentence(format, args)) }

// JSON writes v as indented JSON with a line end. Secrets are masked within its texts: it stays JSON of the same shape.
func (c *Console) JSON(v any) error {
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return err
	}
	masked, err := c.redact.masked(text.Bytes())
	if err != nil {
		return err
	}
	return c.Result([]byte(Inert(string(masked), JSON)))
}

// Result writes a result that others have made ready: secrets are masked in it, and it is inert where it is shown, as the forms are that CI systems read.
func (c *Console) Result(text []byte) error {
	if r, ok := c.out.(*redacting); ok {
		r.flush()
	}
	_, err := c.results.Write(text)
	return err
}

// Say writes one line of the story. What is put into a sentence can't begin a line of its own: its lines are indented.
func (c *Console) Say(format string, args ...any) { c.say(sentence(format, args)) }

func (c *Console) say(line string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	fmt.Fprint(c.err, line+"\n")
}

// Warn writes one line of the story that deserves attention.
func (c *Console) Warn(format string, args ...any) {
	c.say(c.Paint(Yellow, "warning:") + " " + sentence(format, args))
}

// sentence fills a format in. A format that is nothing but its argument leaves that as it is: it is a text of several lines of ours.
func sentence(format string, args []any) string {
	if strings.TrimSpace(format) == "%s" {
		return fmt.Sprintf(format, args...)
	}
	inside := make([]any, len(args))
	for i, a := range args {
		inside[i] = a
		switch x := a.(type) {
		case string:
			inside[i] = sentencePart(x)
		case error:
			inside[i] = sentencePart(x.Error())
		}
	}
	return fmt.Sprintf(format, inside...)
}

// sentencePart is a text within a sentence.
type sentencePart string

// Format indents the lines after the first where they are shown as they are.
func (p sentencePart) Format(s fmt.State, verb rune) {
	text := string(p)
	if verb == 's' || verb == 'v' {
		text = indented(text)
	}
	fmt.Fprintf(s, fmt.FormatString(s, verb), text)
}

func indented(text string) string { return strings.ReplaceAll(text, "\n", "\n    ") }

var severities = map[finding.Severity]Color{finding.Error: Red, finding.Warning: Yellow} //nolint:gochecknoglobals // a constant table

// Findings prints all findings, sorted, and a line that counts them.
func (c *Console) Findings(list finding.List) {
	if len(list) == 0 {
		return
	}
	for _, f := range list.Sorted() {
		c.say(Told(f, c.Paint))
	}
	c.Say("%s, %s", Count(list.Count(finding.Error), "error"), Count(list.Count(finding.Warning), "warning"))
}

// Told gives a finding as it is shown, with its severity painted.
func Told(f finding.Finding, paint func(Color, string) string) string {
	f.Position.File, f.Subject = Inert(f.Position.File, Line), Inert(f.Subject, Line)
	f.Message, f.Source, f.Why = indented(f.Message), indented(f.Source), indented(f.Why)
	word := f.Severity.String() + ":"
	return strings.Replace(f.String(), word, paint(cmp.Or(severities[f.Severity], Dim), word), 1)
}

// Fault prints an error: what, and on lines of their own where, why and the next step, as far as they are known.
func (c *Console) Fault(err error) {
	f, ok := errors.AsType[*fault.Error](err)
	if !ok {
		c.say(c.Paint(Red, "error:") + " " + indented(err.Error()))
		return
	}
	c.say(c.Paint(Red, "error:") + " " + indented(f.What))
	for _, part := range []struct{ label, text string }{{"where:", f.Where}, {"why:", f.Cause()}, {"next:", f.Next}} {
		if part.text != "" {
			c.say(fmt.Sprintf("  %-6s %s", part.label, strings.ReplaceAll(part.text, "\n", "\n         ")))
		}
	}
}

// Attended tells whether somebody sits there: the story is shown on a terminal, and questions can be answered.
func (c *Console) Attended() bool { return c.ask }

// Confirm asks a yes-or-no question on the terminal; only "y" and "yes" agree. Without a terminal it fails with a fault of
// code Refused that names -yes. A cancelled context ends the wait.
func (c *Console) Confirm(ctx context.Context, question string) (bool, error) {
	if !c.ask {
		return false, &fault.Error{
			Code: fault.Refused, What: "this needs a confirmation, and there is no terminal to ask on", Why: question,
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

// ConfirmUnless confirms unless yes says so already. Any other answer is a fault of code Refused.
func (c *Console) ConfirmUnless(ctx context.Context, yes bool, question string) error {
	if yes {
		return nil
	}
	ok, err := c.Confirm(ctx, question)
	if err != nil || ok {
		return err
	}
	return &fault.Error{Code: fault.Refused, What: "not confirmed", Why: "nothing was written"}
}

// Count gives "1 error", "2 errors".
func Count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
