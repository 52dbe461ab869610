package command

import (
	"context"
	"fmt"
	"strings"

	"github.com/flowmage/flowmage/tasks/browser"
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
	if browser.Unattended(s) {
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
		return open(ctx, s, browser.Page{Address: strings.TrimSuffix(to.UI, "/") + page}, o.Address)
	}
	e, err := to.Embedded.NewEntry(to.UI, page)
	if err != nil {
		return err
	}
	defer e.Done()
	return open(ctx, s, browser.Page{Address: e.Address, File: e.File, Seen: e.Taken}, o.Address)
}

func open(ctx context.Context, s *session.Session, page browser.Page, printed bool) error {
	if printed {
		s.Console.Printf("%s\n", page.Address)
		return nil
	}
	return browser.Show(ctx, s, page)
}
