package command

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/local"
	"github.com/flowmage/flowmage/tasks/session"
)

// OpenOptions are the choices of env:open.
type OpenOptions struct {
	Env     string
	Page    string // a link or a path in the UI; empty: its first page
	Address bool   // print the address, open nothing
}

// Open shows the UI of an environment's server in the user's browser. The embedded one lets that browser in by a code that works once.
func Open(ctx context.Context, s *session.Session, o OpenOptions) error {
	if unattended(s) {
		return &fault.Error{
			Code: fault.Refused, What: "no way into the UI is made here", Why: "its address lets everybody in who reads it, and this command's output is kept in a log",
			Next: "type mage env:open on the machine whose browser it is for",
		}
	}
	env, err := session.LoadEnv(ctx, s, o.Env, nil)
	if err != nil {
		return err
	}
	to, err := s.Connect(ctx, env, session.Access{})
	if err != nil {
		return err
	}
	page, ok := local.PageOf(to.UI, o.Page)
	if !ok {
		return &fault.Error{
			Code: fault.Usage, What: fmt.Sprintf("%q is no page of %s", o.Page, to.UI),
			Next: "mage env:open -env=" + env.Name + " -page=/deployments",
		}
	}
	if to.Embedded == nil {
		return show(ctx, s, shown{address: strings.TrimSuffix(to.UI, "/") + page}, o.Address)
	}
	e, err := to.Embedded.NewEntry(to.UI, page)
	if err != nil {
		return err
	}
	defer e.Done()
	return show(ctx, s, shown{address: e.Address, file: e.File, seen: e.Taken}, o.Address)
}

// shown is what a browser is to show.
type shown struct {
	address string
	file    string      // leads there, and says nothing on a command line; empty: the address is no secret
	seen    func() bool // a browser has come; nil: it is not known
}

// comes is how long a browser may take to start.
const comes = 30 * time.Second

// show opens the browser and waits until it has come, or prints the address where that does not work.
func show(ctx context.Context, s *session.Session, page shown, printed bool) error {
	if printed {
		s.Console.Printf("%s\n", page.address)
		return nil
	}
	target := page.address
	if page.file != "" {
		target = page.file
	}
	ended, err := local.Browse(s.Environ, target)
	if err == nil {
		if page.seen == nil {
			s.Console.Say("opening %s", page.address)
			return nil
		}
		if err = awaitBrowser(ctx, s, page.seen, ended); err == nil || ctx.Err() != nil {
			return err
		}
	}
	if !s.Console.Attended() {
		return &fault.Error{Code: fault.Unexpected, What: "can't open a browser", Err: err, Next: program(s) + " env:open -address prints the address to open"}
	}
	s.Console.Say("no browser has come (%v): open this address yourself; it works once, within ten minutes", err)
	s.Console.Printf("%s\n", page.address)
	return nil
}

// awaitBrowser waits until a browser has taken the code.
func awaitBrowser(ctx context.Context, s *session.Session, seen func() bool, ended <-chan error) error {
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

// unattended tells whether this runs in continuous integration, by the variables that its services set: what a command says stays in a log
// there, though some give it a terminal.
func unattended(s *session.Session) bool {
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

// program gives how this program is typed.
func program(s *session.Session) string {
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

// offerEntry tells how to see the embedded server's UI, until a browser has been let in: with an address that works once where somebody
// sits at a terminal, else by the command that makes one.
func offerEntry(s *session.Session, to session.Server) {
	if to.Embedded == nil || unattended(s) || to.Embedded.Entered() {
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
