package prefect

import (
	"context"
	"time"
)

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
