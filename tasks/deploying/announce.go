package deploying

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/ladder"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/session"
)

// Variables of the process that ask for a summary of a deploy.
const (
	webhookVariable = "DEPLOY_WEBHOOK"      // an address that takes JSON with a "text", as Slack, Teams and Mattermost do
	stepVariable    = "GITHUB_STEP_SUMMARY" // a file, set by GitHub's runner
)

// Announce tells others about a deploy that wrote something, where that is asked for. A deploy doesn't fail because nobody listens.
func Announce(ctx context.Context, s *session.Session, out Deployed, rungs ladder.Rungs) {
	if out.Plan.Empty() {
		return
	}
	text := s.Console.Redacted(summary(out, rungs))
	if file, set := s.Environ.Lookup(stepVariable); set && file != "" {
		if err := appendTo(file, text+"\n"); err != nil {
			s.Console.Warn("the step summary can't be written: %v", err)
		}
	}
	if address, set := s.Environ.Lookup(webhookVariable); set && address != "" {
		s.Console.Hide(address) // whoever knows it may post
		if err := post(ctx, address, text); err != nil {
			s.Console.Warn("the webhook of %s was not told: %v", webhookVariable, err)
		}
	}
}

// summary is a deploy in Markdown.
func summary(out Deployed, rungs ladder.Rungs) string {
	var b strings.Builder
	fmt.Fprintf(&b, "### %s to %s: %s\n\n%s, commit %s\n\n", marked(out.Plan.Project), marked(out.Plan.Env), marked(out.Plan.Summary()), out.Plan.API, out.Plan.Commit)
	for _, o := range out.Result.Outcomes {
		switch {
		case o.Err != nil:
			fmt.Fprintf(&b, "- **failed** %s: %s\n", marked(o.Name), marked(o.Failure))
		case o.Op == plan.Create || o.Op == plan.Update:
			fmt.Fprintf(&b, "- %s [%s](%s)\n", o.Op, marked(o.Name), out.Server.DeploymentLink(o.ID))
		case o.Op == plan.Delete || o.Op == plan.Blocked:
			fmt.Fprintf(&b, "- %s %s\n", o.Op, marked(o.Name))
		}
	}
	for _, r := range rungs {
		if r.State == ladder.Failed || r.State == ladder.Warned {
			fmt.Fprintf(&b, "- **%s** %s\n", r.State, marked(r.Told()))
		}
	}
	return b.String()
}

// marked gives a text as part of a line of Markdown.
func marked(text string) string { return console.Inert(text, console.Markdown) }

func appendTo(name, text string) error {
	file, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = file.WriteString(text)
	return errors.Join(err, file.Close())
}

// post sends the summary. Errors don't repeat the address: it is a secret.
func post(ctx context.Context, address, text string) error {
	body, err := json.Marshal(map[string]string{"text": text})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return errors.New("its address can't be parsed")
	}
	r.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(r)
	if u, ok := errors.AsType[*url.Error](err); ok {
		return u.Err
	}
	if err != nil {
		return err
	}
	defer resp.Body.Close() //nolint:errcheck // nothing is read
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("it answers with %s", resp.Status)
	}
	return nil
}
