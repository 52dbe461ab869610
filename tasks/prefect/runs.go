package prefect

import (
	"cmp"
	"context"
	"crypto/rand"
	"net/http"
	"slices"
	"strings"
	"time"
)

// The state types of a flow run.
const (
	StateScheduled  = "SCHEDULED"
	StatePending    = "PENDING"
	StateRunning    = "RUNNING"
	StateCompleted  = "COMPLETED"
	StateFailed     = "FAILED"
	StateCancelled  = "CANCELLED"
	StateCrashed    = "CRASHED"
	StatePaused     = "PAUSED"
	StateCancelling = "CANCELLING"
)

// State is a state of a flow run. Requests leave Timestamp out.
type State struct {
	Message   string    `json:"message,omitempty"`
	Name      string    `json:"name,omitempty"` // usually the type in words; "Late" is a SCHEDULED one
	Timestamp time.Time `json:"timestamp,omitzero"`
	Type      string    `json:"type"`
}

// Terminal tells whether the run is over.
func (s State) Terminal() bool {
	return slices.Contains([]string{StateCompleted, StateFailed, StateCancelled, StateCrashed}, s.Type)
}

// FlowRun is a run of a flow.
type FlowRun struct {
	ID            string         `json:"id"`
	Name          string         `json:"name"`
	FlowID        string         `json:"flow_id"`
	DeploymentID  string         `json:"deployment_id"` // empty for a run without one
	State         State          `json:"state"`         // zero for a run that has none yet
	Parameters    map[string]any `json:"parameters"`
	JobVariables  map[string]any `json:"job_variables"`
	Tags          []string       `json:"tags"`
	AutoScheduled bool           `json:"auto_scheduled"` // created by a schedule
	WorkPoolName  string         `json:"work_pool_name"`
	Labels        map[string]any `json:"labels"`
	ExpectedStart *time.Time     `json:"expected_start_time"`
	Start         *time.Time     `json:"start_time"`
	End           *time.Time     `json:"end_time"`
	TotalRunTime  float64        `json:"total_run_time"` // seconds
	Created       time.Time      `json:"created"`
	Updated       time.Time      `json:"updated"`
}

// FlowRunRequest says how a run is created. All fields are optional.
type FlowRunRequest struct {
	// IdempotencyKey makes repeated requests give the same run. Empty means a fresh random one.
	IdempotencyKey string         `json:"idempotency_key"`
	JobVariables   map[string]any `json:"job_variables,omitempty"` // over the deployment's own
	Name           string         `json:"name,omitempty"`
	Parameters     map[string]any `json:"parameters,omitempty"` // over the deployment's own
	State          *State         `json:"state,omitempty"`      // nil is SCHEDULED now
	Tags           []string       `json:"tags,omitempty"`       // besides the deployment's own
}

// CreateFlowRun creates a run of a deployment, to start now unless the request's state says otherwise. Parameters that don't fit
// the deployment's schema, missing ones included, are a conflict (409).
func (c *Client) CreateFlowRun(ctx context.Context, deploymentID string, r FlowRunRequest) (FlowRun, error) {
	r.IdempotencyKey = cmp.Or(r.IdempotencyKey, rand.Text())
	return post[FlowRun](ctx, c, route("deployments", deploymentID, "create_flow_run"), r)
}

// FlowRun gives one run; [IsNotFound] tells when there is none.
func (c *Client) FlowRun(ctx context.Context, id string) (FlowRun, error) {
	return get[FlowRun](ctx, c, route("flow_runs", id))
}

// StateAnswer is what became of a wish to change a run's state.
type StateAnswer struct {
	Status  string `json:"status"` // ACCEPT, REJECT, WAIT or ABORT
	State   State  `json:"state"`
	Details struct {
		Reason string `json:"reason"`
	} `json:"details"`
}

// Accepted tells whether the run is in the wanted state now.
func (a StateAnswer) Accepted() bool { return a.Status == "ACCEPT" }

// SetFlowRunState asks for another state; force leaves out the server's rules. To stop a running run ask for CANCELLING, and
// for CANCELLED when it has not started. A repetition whose first answer was lost may be told ABORT though the wish was
// fulfilled: read the run before calling that a failure.
func (c *Client) SetFlowRunState(ctx context.Context, runID string, s State, force bool) (StateAnswer, error) {
	return post[StateAnswer](ctx, c, route("flow_runs", runID, "set_state"), map[string]any{"state": s, "force": force})
}

// FlowRunFilter selects runs. Empty fields don't restrict.
type FlowRunFilter struct {
	IDs            []string
	DeploymentIDs  []string
	FlowIDs        []string
	States         []string // types, such as RUNNING
	StateNames     []string // names, such as Late
	Tags           []string // having all of these
	ExpectedAfter  time.Time
	ExpectedBefore time.Time
	Sort           string // the API's word; empty is EXPECTED_START_TIME_DESC, the newest first
	Limit          int    // zero is all
}

func (f FlowRunFilter) body() map[string]any {
	state := criteria{}.oneOf("type", f.States).oneOf("name", f.StateNames)
	runs := criteria{}.oneOf("id", f.IDs).oneOf("deployment_id", f.DeploymentIDs).allOf("tags", f.Tags).all("state", state)
	runs.all("expected_start_time", between(f.ExpectedAfter, f.ExpectedBefore))
	body := criteria{"sort": cmp.Or(f.Sort, "EXPECTED_START_TIME_DESC")}
	return body.all("flow_runs", runs).all("flows", criteria{}.oneOf("id", f.FlowIDs))
}

func between(after, before time.Time) criteria {
	span := criteria{}
	if !after.IsZero() {
		span["after_"] = after
	}
	if !before.IsZero() {
		span["before_"] = before
	}
	return span
}

// FlowRuns gives the runs that the filter selects.
func (c *Client) FlowRuns(ctx context.Context, f FlowRunFilter) ([]FlowRun, error) {
	return readAll[FlowRun](ctx, c, "/flow_runs/filter", f.body(), f.Limit)
}

// workerLabel is the label by which a worker signs for the runs that it takes.
const workerLabel = "prefect.worker.name"

// Worker gives the name of the worker that took the run; empty when none has signed for it.
func (r FlowRun) Worker() string {
	name, _ := r.Labels[workerLabel].(string)
	return name
}

// ScheduledRuns gives the runs of the deployments that are to start, the next one first.
func (c *Client) ScheduledRuns(ctx context.Context, deploymentIDs []string) ([]FlowRun, error) {
	if len(deploymentIDs) == 0 {
		return nil, nil
	}
	return c.FlowRuns(ctx, FlowRunFilter{DeploymentIDs: deploymentIDs, States: []string{StateScheduled}, Sort: "EXPECTED_START_TIME_ASC"})
}

// heartbeatsAtOnce keeps the answer below the 50 events that a server gives at most: a run sends no more than one in 30 s.
const heartbeatsAtOnce = 10

// Heartbeats gives, by the run's id, the last sign of life of those of the runs that gave one since then. A run gives one at its start and
// then as often as PREFECT_FLOWS_HEARTBEAT_FREQUENCY says where it runs: 180 s unless set, 30 s at least. Releases without that
// setting give none.
func (c *Client) Heartbeats(ctx context.Context, runIDs []string, since time.Time) (map[string]time.Time, error) {
	const prefix = "prefect.flow-run."
	out := map[string]time.Time{}
	for part := range slices.Chunk(runIDs, heartbeatsAtOnce) {
		resources := make([]string, 0, len(part))
		for _, id := range part {
			resources = append(resources, prefix+id)
		}
		var page struct {
			Events []struct {
				Occurred time.Time         `json:"occurred"`
				Resource map[string]string `json:"resource"`
			} `json:"events"`
		}
		_, err := c.do(ctx, call{method: http.MethodPost, path: "/events/filter", out: &page, in: map[string]any{
			"limit": 50,
			"filter": map[string]any{
				"event": map[string]any{"name": []string{"prefect.flow-run.heartbeat"}}, "occurred": map[string]any{"since": since},
				"resource": map[string]any{"id": resources}, "order": "DESC",
			},
		}})
		if err != nil {
			return nil, err
		}
		for _, e := range page.Events {
			id := strings.TrimPrefix(e.Resource["prefect.resource.id"], prefix)
			if e.Occurred.After(out[id]) {
				out[id] = e.Occurred
			}
		}
	}
	return out, nil
}

// Log levels, as in Python's logging.
const (
	LevelInfo    = 20
	LevelWarning = 30
	LevelError   = 40
)

// Log is one line that a run left on the server.
type Log struct {
	ID        string    `json:"id"`
	Logger    string    `json:"name"` // prefect.flow_runs, prefect.task_runs, …
	Level     int       `json:"level"`
	Message   string    `json:"message"` // may have several lines
	Timestamp time.Time `json:"timestamp"`
	TaskRunID string    `json:"task_run_id"` // empty for the flow run's own
}

// LogQuery selects logs of a run. The zero value is all of them.
type LogQuery struct {
	// After leaves out older ones. A line of exactly that time is given again, so drop known ids when following.
	After    time.Time
	MinLevel int
	Offset   int // skips that many
	Limit    int // zero is all
}

// Logs gives a run's log, oldest first. Lines reach the server in batches of about 2 s and may arrive out of order, so a late line can
// be older than one already seen.
func (c *Client) Logs(ctx context.Context, flowRunID string, q LogQuery) ([]Log, error) {
	filter := map[string]any{"flow_run_id": anyOf([]string{flowRunID})}
	if q.MinLevel > 0 {
		filter["level"] = map[string]any{"ge_": q.MinLevel}
	}
	if span := between(q.After, time.Time{}); len(span) > 0 {
		filter["timestamp"] = span
	}
	body := map[string]any{"logs": filter, "sort": "TIMESTAMP_ASC"}
	return readFrom[Log](ctx, c, "/logs/filter", body, q.Offset, q.Limit)
}
