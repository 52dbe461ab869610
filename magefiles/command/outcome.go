package command

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/prefect"
)

func (to server) runLink(id string) string {
	return prefect.FlowRunLink(to.ui, id)
}

// started tells of a run that nobody waits for.
func (s *Session) started(o RunOptions, run prefect.FlowRun, to server) error {
	if o.JSON {
		return s.Console.JSON(map[string]any{"id": run.ID, "name": run.Name, "state": run.State.Type, "link": to.runLink(run.ID)})
	}
	s.Console.Printf("%-9s %s  %s\n", "started", run.Name, to.runLink(run.ID))
	return nil
}

// interrupted tells that the run goes on without us, and offers to cancel it where there is somebody to ask.
func (s *Session) interrupted(ctx context.Context, err error, run prefect.FlowRun, to server) error {
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
		s.Console.Say("no longer following %s; it goes on: %s", run.Name, to.runLink(run.ID))
		return err
	}
	cancelled, failed := cancelRun(asking, to.api, run.ID)
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

// ended shows how a run ended: code Run unless it is COMPLETED.
func (s *Session) ended(ctx context.Context, o RunOptions, run prefect.FlowRun, to server) error {
	link := to.runLink(run.ID)
	artifacts, err := to.api.RunArtifacts(ctx, run.ID)
	if err != nil {
		return err
	}
	var keys []string
	for _, a := range artifacts {
		keys = append(keys, a.Key)
		if a.Key != "" {
			s.Console.Say("  artifact %s  %s", a.Key, prefect.ArtifactLink(to.ui, a.Key))
		}
	}
	var reason string
	if run.State.Type != prefect.StateCompleted {
		if reason, err = whyEnded(ctx, to.api, run); err != nil {
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

// whyEnded finds the reason of a run that did not complete. Of a crash the state tells only that the process has ended; the reason stands in
// the run's errors, or nowhere on the server when the process could not even write there.
func whyEnded(ctx context.Context, api *prefect.Client, run prefect.FlowRun) (string, error) {
	logs, err := api.Logs(ctx, run.ID, prefect.LogQuery{MinLevel: prefect.LevelError})
	if err != nil {
		return "", err
	}
	reason := ""
	for _, l := range logs {
		lines := strings.Split(strings.TrimSpace(l.Message), "\n")
		if len(lines) > 1 { // a traceback ends with what was raised
			reason = strings.TrimSpace(lines[len(lines)-1])
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
