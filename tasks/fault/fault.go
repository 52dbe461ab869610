// Package fault holds the errors that stop a command: what happened, where, why, and the next step to take,
// together with the exit code of the whole command.
//
// Start with [Error]. A package that knows the cause of a failure builds one; callers add their own subject by wrapping
// with fmt.Errorf and %w. [CodeOf] finds the exit code of a chain. Judgements about the user's files that don't stop us at
// once are findings, see package finding.
package fault

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"github.com/flowmage/flowmage/tasks/pattern"
)

// Code is the exit code of a command. docs/exit-codes.md has a line for each.
type Code int

// The exit codes. Scripts depend on them: a new meaning gets a new number.
const (
	OK          Code = 0
	Unexpected  Code = 1   // a failure nobody foresaw
	Usage       Code = 2   // the command line is wrong; also mage's own code for that
	Findings    Code = 3   // errors in flows or settings, or deployments blocked by them
	Server      Code = 4   // the Prefect server can't be reached or refuses
	Image       Code = 5   // an image build failed, or Docker is missing where it was asked for
	Partial     Code = 6   // some writes failed, others went through
	Refused     Code = 7   // lock held, guard refused, confirmation missing
	Run         Code = 8   // a flow run ended in another state than COMPLETED
	Changes     Code = 10  // there are changes or drift, only with -exitcode
	Interrupted Code = 130 // Ctrl-C or SIGTERM
)

var meanings = map[Code]string{ //nolint:gochecknoglobals // a constant table
	OK: "ok", Unexpected: "unexpected", Usage: "usage", Findings: "findings or blocked deployments", Server: "Prefect server unreachable or refusing",
	Image: "image build or Docker", Partial: "partly failed", Refused: "refused", Run: "flow run not completed", Changes: "changes", Interrupted: "interrupted",
}

// String gives the code's meaning in a few words, as the last line of a failed command shows it.
func (c Code) String() string { return cmp.Or(meanings[c], meanings[Unexpected]) }

// Error is a failure told in full. What is never empty; the other texts are left empty when they don't apply.
type Error struct {
	Code  Code
	What  string // the problem with the value that caused it: `unknown environment "prd"`
	Where string // file:line, key, deployment or URL
	Why   string // the cause, when it is known
	Next  string // the next step: a command to type or lines to write
	Err   error  // the underlying error; its text is shown as the cause when Why is empty
}

// Error gives what, where and why in one line. Next is left out: the console prints it on a line of its own.
func (e *Error) Error() string {
	var b strings.Builder
	if e.Where != "" {
		b.WriteString(e.Where + ": ")
	}
	b.WriteString(e.What)
	if why := e.Cause(); why != "" {
		b.WriteString(": " + why)
	}
	return b.String()
}

// Cause is Why, or the underlying error's text.
func (e *Error) Cause() string {
	if e.Why == "" && e.Err != nil {
		return e.Err.Error()
	}
	return e.Why
}

// Unwrap gives the underlying error.
func (e *Error) Unwrap() error { return e.Err }

// CodeOf gives the exit code that belongs to err: OK for nil, Interrupted for a cancelled context, the code of the
// outermost [Error] in the chain, else Unexpected.
func CodeOf(err error) Code {
	if err == nil {
		return OK
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	if errors.Is(err, context.Canceled) {
		return Interrupted
	}
	return Unexpected
}

// Of gives an error's fault, or one that says the same.
func Of(err error) *Error {
	if f, ok := errors.AsType[*Error](err); ok {
		return f
	}
	return &Error{Code: Unexpected, What: err.Error()}
}

// Flag is a flag of a command line. One that has no value and is not on is left out.
type Flag struct {
	Name, Value string
	On          bool // it stands without a value
}

// Command gives the command line of a target as it can be typed: for the next step of an [Error], and for receipts.
func Command(target string, flags ...Flag) string {
	words := []string{"mage", target}
	for _, f := range flags {
		switch {
		case f.Value != "":
			words = append(words, "-"+f.Name+"="+Typed(f.Value))
		case f.On:
			words = append(words, "-"+f.Name)
		}
	}
	return strings.Join(words, " ")
}

// special is what a shell would not take as it stands.
var special = pattern.New(`[^A-Za-z0-9_./:,=@%+-]`)

// Typed gives a word as a shell takes it.
func Typed(word string) string {
	if word == "" || special.MatchString(word) {
		return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
	}
	return word
}
