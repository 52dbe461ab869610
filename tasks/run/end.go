package run

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/session"
)

// Started tells of a run that nobody waits for.
func Started(s *session.Session, o Options, run prefect.FlowRun, to session.Server) error {
	if o.JSON {
		return s.Console.JSON(map[string]any{"id": run.ID, "name": run.Name, "state": run.State.Type, "link": to.RunLink(run.ID)})
	}
	s.Console.Printf("%-9s %s  %s\n", "started", run.Name, to.RunLink(run.ID))
	return nil
}

// Interrupted says that the run goes on without us when following it was cut short, and offers to cancel it where there is somebody to ask.
func Interrupted(ctx context.Context, s *session.Session, err error, run prefect.FlowRun, to session.Server) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return &fault.Error{
			Code: fault.Run, What: "the run did not end in the time allowed", Where: run.Name,
			Why: "no longer followed; it goes on", Next: "is a worker online? `mage verify:deployments` tells",
		}
	}
	if !errors.Is(err, context.Canceled) {
		return err
	}
	// The signal that ended the wait must not answer the question.
	asking, stop := signal.NotifyContext(context.WithoutCancel(ctx), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if yes, unasked := s.Console.Confirm(asking, "cancel "+run.Name+" too?"); unasked != nil || !yes {
		s.Console.Say("no longer following %s; it goes on: %s", run.Name, to.RunLink(run.ID))
		return err
	}
	cancelled, failed := cancelRun(asking, to.API, run.ID)
	switch {
	case failed != nil:
		return failed
	case cancelled:
		s.Console.Say("%s is being cancelled", run.Name)
	default:
		s.Console.Say("%s has ended already", run.Name)
	}
	return err
}

// cancelRun asks for a run's end: one that has not begun is over at once, another when its worker hears of it. It gives false for one that
// is over.
func cancelRun(ctx context.Context, api *prefect.Client, id string) (bool, error) {
	run, err := api.FlowRun(ctx, id)
	if err != nil || run.State.Terminal() {
		return false, err
	}
	state := prefect.State{Type: prefect.StateCancelling, Name: "Cancelling"}
	if run.State.Type == prefect.StateScheduled {
		state = prefect.State{Type: prefect.StateCancelled, Name: "Cancelled"}
	}
	answer, err := api.SetFlowRunState(ctx, id, state, false)
	return answer.Accepted(), err
}

// Ended shows how a run ended: code Run unless it is COMPLETED.
func Ended(ctx context.Context, s *session.Session, o Options, run prefect.FlowRun, to session.Server) error {
	link := to.RunLink(run.ID)
	artifacts, err := to.API.RunArtifacts(ctx, run.ID)
	if err != nil {
		return err
	}
	var keys []string
	for _, a := range artifacts {
		keys = append(keys, a.Key)
		if a.Key != "" {
			s.Console.Say("  artifact %s  %s", a.Key, prefect.ArtifactLink(to.UI, a.Key))
		}
	}
	var reason string
	if run.State.Type != prefect.StateCompleted {
		if reason, err = reasonOf(ctx, to.API, run); err != nil {
			return err
		}
	}
	if o.JSON {
		result := map[string]any{
			"id": run.ID, "name": run.Name, "state": run.State.Type, "message": run.State.Message, "seconds": run.TotalRunTime, "link": link,
			"reason": reason, "artifacts": append([]string{}, keys...),
		}
		if err := s.Console.JSON(result); err != nil {
			return err
		}
	} else {
		s.Console.Printf("%-9s %s  %s\n", strings.ToLower(run.State.Type), run.Name, link)
	}
	if run.State.Type == prefect.StateCompleted {
		return nil
	}
	return &fault.Error{
		Code: fault.Run, What: "the run ended as " + run.State.Type, Where: run.Name, Why: strings.Trim(run.State.Message+"\n"+reason, "\n"),
		Next: "the log above tells more; the page is " + link,
	}
}

// reasonOf finds the reason of a run that did not complete. Of a crash the state tells only that the process has ended; the reason stands in
// the run's errors, or nowhere on the server when the process could not even write there.
func reasonOf(ctx context.Context, api *prefect.Client, run prefect.FlowRun) (string, error) {
	logs, err := api.Logs(ctx, run.ID, prefect.LogQuery{MinLevel: prefect.LevelError})
	if err != nil {
		return "", err
	}
	reason := ""
	for _, l := range logs {
		if strings.Contains(strings.TrimSpace(l.Message), "\n") { // a traceback ends with what was raised
			reason = strings.TrimSpace(lastLine(l))
		}
	}
	switch {
	case reason == "" && len(logs) == 0 && run.State.Type == prefect.StateCrashed:
		return "the run has left no error: its process ended before it reached the server. The worker's own log tells more", nil
	case strings.Contains(run.State.Message, reason):
		return "", nil
	default:
		return reason, nil
	}
}

// lastLine gives the last line of a log's entry.
func lastLine(l prefect.Log) string {
	text := strings.TrimSpace(l.Message)
	return text[strings.LastIndexByte(text, '\n')+1:]
}
