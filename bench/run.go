package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/flowmage/flowmage/tasks/prefect"
)

// runWord is the first argument with which this program starts a run and waits for it.
const runWord = "run"

// How the runs of this scenario go: they are played, since a worker's own seconds would drown what is to be measured.
const (
	playedFor = time.Second            // from RUNNING to COMPLETED
	lastWords = 300 * time.Millisecond // from COMPLETED to the last line of its log, as workers send it
	lookEvery = 20 * time.Millisecond  // at scheduled runs
	pollEvery = 500 * time.Millisecond // of the floor, as the tool does without streams
	finished  = "Finished in state Completed()"
)

// running compares a run that the tool starts and follows with the run itself. Nobody works on the pool but the player.
func running(ctx context.Context, l *lab, rounds int) ([]row, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	tool := func(api string, args ...string) (turn, error) {
		// By its name the server is another than the embedded one, for which a worker would be started.
		address := strings.Replace(api, "127.0.0.1", "localhost", 1)
		environ := []string{"PREFECT_API_URL=" + address, "FLOWMAGE_PROJECT=benchmark-run", "FLOWMAGE_SUFFIX=-played"}
		return l.exec(ctx, environ, l.mage, args...)
	}
	if _, err := tool(l.url, "deploy:all", "-only=rpa1"); err != nil {
		return nil, err
	}
	api, err := prefect.New(prefect.Options{URL: l.url})
	if err != nil {
		return nil, err
	}
	d, err := api.DeploymentByName(ctx, "rpa1", "rpa1-python-dev-played")
	if err != nil {
		return nil, err
	}
	played := func(do func() (turn, error)) (turn, error) {
		over := make(chan error, 1)
		go func() { over <- play(ctx, api, d.ID) }()
		t, err := do()
		return t, errors.Join(err, <-over)
	}
	contenders := []contender{
		{name: "`mage flows:run`", run: func(api string) (turn, error) {
			return played(func() (turn, error) { return tool(api, "flows:run", "rpa1", "-timeout=2m") })
		}},
		{name: "floor: created, asked for every 500 ms", run: func(api string) (turn, error) {
			return played(func() (turn, error) { return l.exec(ctx, nil, self, runWord, api, d.ID) })
		}},
		{name: "bare API: created, played, its last line stored", run: func(api string) (turn, error) {
			start := time.Now()
			_, err := played(func() (turn, error) { return turn{}, create(ctx, api, d.ID) })
			return turn{wall: time.Since(start)}, err
		}},
	}
	return measured(ctx, race{job: "a run of 1.3 s, followed to its end", api: l.url, rounds: rounds, rest: quiet, contenders: contenders})
}

func create(ctx context.Context, url, deployment string) error {
	api, err := prefect.New(prefect.Options{URL: url})
	if err != nil {
		return err
	}
	_, err = api.CreateFlowRun(ctx, deployment, prefect.FlowRunRequest{})
	return err
}

// play waits for a run of the deployment and does what a worker and the run's process would tell the server.
func play(ctx context.Context, api *prefect.Client, deployment string) error {
	var run prefect.FlowRun
	for run.ID == "" {
		list, err := api.ScheduledRuns(ctx, []string{deployment})
		if err != nil {
			return err
		}
		for _, r := range list {
			if !r.AutoScheduled {
				run = r
			}
		}
		time.Sleep(lookEvery)
	}
	if _, err := api.SetFlowRunState(ctx, run.ID, prefect.State{Type: prefect.StateRunning, Name: "Running"}, true); err != nil {
		return err
	}
	time.Sleep(playedFor)
	if _, err := api.SetFlowRunState(ctx, run.ID, prefect.State{Type: prefect.StateCompleted, Name: "Completed"}, true); err != nil {
		return err
	}
	time.Sleep(lastWords)
	return log(ctx, api, run.ID, finished)
}

// log writes a line of a run, which is nothing that the tool itself ever does.
func log(ctx context.Context, api *prefect.Client, run, message string) error {
	body, err := json.Marshal([]map[string]any{{
		"name": "prefect.flow_runs", "level": prefect.LevelInfo, "message": message, "timestamp": time.Now(), "flow_run_id": run,
	}})
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, api.URL()+"/logs/", bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close() //nolint:errcheck // nothing is in it
	if answer.StatusCode != http.StatusCreated {
		return fmt.Errorf("a line of a log was answered with %s", answer.Status)
	}
	return nil
}

// follow is the floor: run URL DEPLOYMENT.
func follow(ctx context.Context, args []string) error {
	if len(args) != 2 {
		return fmt.Errorf("run takes 2 arguments, not %d", len(args))
	}
	api, err := prefect.New(prefect.Options{URL: args[0]})
	if err != nil {
		return err
	}
	run, err := api.CreateFlowRun(ctx, args[1], prefect.FlowRunRequest{})
	for err == nil {
		if run, err = api.FlowRun(ctx, run.ID); err != nil {
			return err
		}
		logs, err := api.Logs(ctx, run.ID, prefect.LogQuery{})
		if err != nil {
			return err
		}
		if run.State.Terminal() && len(logs) > 0 && logs[len(logs)-1].Message == finished {
			return nil
		}
		time.Sleep(pollEvery)
	}
	return err
}
