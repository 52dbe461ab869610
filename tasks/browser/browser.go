// Package browser leads the user's browser to the Prefect UI and lets it into the embedded server's (env:open). Start with [Show], and with
// [Offer], by which other commands say how to get there.
package browser

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"time"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/identity"
	"github.com/flowmage/flowmage/tasks/interpreter"
	"github.com/flowmage/flowmage/tasks/local"
	"github.com/flowmage/flowmage/tasks/session"
)

// Page is what a browser is to show.
type Page struct {
	Address string
	File    string      // leads there, and tells nothing on a command line; empty: the address is no secret
	Seen    func() bool // a browser has come; nil: it is not known
}

// comes is how long a browser may take to start.
const comes = 30 * time.Second

// Show opens the browser and waits until it has come, or prints the address where that does not work.
func Show(ctx context.Context, s *session.Session, page Page) error {
	ended, err := browse(s.Environ, cmp.Or(page.File, page.Address))
	if err == nil {
		if page.Seen == nil {
			s.Console.Say("opening %s", page.Address)
			return nil
		}
		if err = arrival(ctx, s, page.Seen, ended); err == nil || ctx.Err() != nil {
			return err
		}
	}
	if !s.Console.Attended() {
		return &fault.Error{Code: fault.Unexpected, What: "can't open a browser", Err: err, Next: programFor(s) + " env:open -address prints the address to open"}
	}
	s.Console.Say("no browser has come (%v): open this address yourself; it works once, within ten minutes", err)
	s.Console.Printf("%s\n", page.Address)
	return nil
}

// browse shows a file or an address in the user's browser, which outlives this process. The channel tells how the program ended that looks
// for the browser; that it ended well does not mean that somebody saw the page. It fails where there is no desktop.
func browse(environ []string, target string) (<-chan error, error) {
	argv, err := starter(runtime.GOOS, environ)
	if err != nil {
		return nil, err
	}
	program, err := exec.LookPath(argv[0])
	if err != nil {
		return nil, errors.New(argv[0] + " is not on the PATH")
	}
	cmd := exec.Command(program, append(argv[1:], target)...) //nolint:noctx // a browser lives on
	cmd.Env = environ
	identity.Detach(cmd) // a Ctrl-C of the terminal is not meant for it
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	return ended, nil
}

// starter gives the beginning of the command line that shows something in the user's browser.
func starter(system string, environ interpreter.Variables) ([]string, error) {
	far := environ.Get("SSH_CONNECTION") != ""
	switch system {
	case "windows":
		return []string{"rundll32.exe", "url.dll,FileProtocolHandler"}, nil
	case "darwin":
		if far {
			return nil, errors.New("this is a session on another machine")
		}
		return []string{"open"}, nil
	default:
		if environ.Get("DISPLAY") == "" && environ.Get("WAYLAND_DISPLAY") == "" {
			return nil, errors.New("there is no desktop here")
		}
		return []string{"xdg-open"}, nil
	}
}

// arrival waits until a browser has taken the code.
func arrival(ctx context.Context, s *session.Session, seen func() bool, ended <-chan error) error {
	step := s.Console.Begin("opening the UI in your browser")
	late := time.After(comes)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !seen() {
		var err error
		select {
		case <-tick.C:
			continue
		case err = <-ended:
			if ended = nil; err == nil {
				continue
			}
		case <-late:
			err = fmt.Errorf("waited %s for it", comes)
		case <-ctx.Done():
			err = ctx.Err()
		}
		step.Fail()
		return err
	}
	step.Done("the UI is open, and this browser is let in from now on")
	return nil
}

// Unattended tells whether this runs in continuous integration, by the variables that its services set: what a command says stays in a log
// there, though some give it a terminal.
func Unattended(s *session.Session) bool {
	for _, name := range []string{"CI", "BUILD_NUMBER", "RUN_ID", "TF_BUILD", "CODEBUILD_BUILD_ID"} { // most; Jenkins, TeamCity; Taskcluster; Azure; AWS
		if value, _ := s.Environ.Lookup(name); value != "" && value != "false" && value != "0" {
			return true
		}
	}
	return false
}

// underMake tells whether make has called this command: then mage need not be on the user's PATH.
func underMake(s *session.Session) bool {
	level, _ := s.Environ.Lookup("MAKELEVEL")
	return level != ""
}

// programFor gives how this program is typed.
func programFor(s *session.Session) string {
	if underMake(s) {
		return local.Folder + "/bin/mage"
	}
	return "mage"
}

// opener gives the command that opens the UI.
func opener(s *session.Session) string {
	if underMake(s) {
		return "make env-open"
	}
	return "mage env:open"
}

// Offer tells how to see the embedded server's UI, until a browser has been let in: with an address that works once where somebody
// sits at a terminal, else by the command that makes one.
func Offer(s *session.Session, to session.Server) {
	if to.Embedded == nil || Unattended(s) || to.Embedded.Entered() {
		return
	}
	if !s.Console.Attended() {
		s.Console.Say("to let a browser into the UI, type %s", opener(s))
		return
	}
	e, err := to.Embedded.NewEntry(to.UI, "")
	if err != nil {
		s.Console.Warn("there is no address that lets a browser into the UI: %v", err)
		return
	}
	e.Done() // nobody opens the file
	s.Console.Say("the UI opens at this address, once and within ten minutes; %s makes another one:", opener(s))
	s.Console.Say("%s", e.Address)
}
