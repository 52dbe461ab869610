package prefect

import (
	"context"
	"encoding/json"
	"net/http"
	"reflect"
	"slices"
	"time"
)

// Deployment is a deployment as the API gives it. A pointer is nil where the API says null. Numbers inside the free-form maps
// are json.Number. Deployments of one answer may share maps and lists: nobody may change them in place.
type Deployment struct {
	ID          string   `json:"id"`
	Name        string   `json:"name"`
	FlowID      string   `json:"flow_id"`
	Version     *string  `json:"version"`
	Description *string  `json:"description"`
	Entrypoint  *string  `json:"entrypoint"`
	Path        *string  `json:"path"`
	Tags        []string `json:"tags"`
	Paused      bool     `json:"paused"`

	Parameters      map[string]any   `json:"parameters"`
	ParameterSchema json.RawMessage  `json:"parameter_openapi_schema"`
	Enforce         bool             `json:"enforce_parameter_schema"`
	JobVariables    map[string]any   `json:"job_variables"`
	PullSteps       []map[string]any `json:"pull_steps"`
	Schedules       []Schedule       `json:"schedules"`
	Labels          map[string]any   `json:"labels"`

	// ConcurrencyLimit is the limit on runs at one time. The API stores it as a limit of its own, see GlobalLimit.
	ConcurrencyLimit   *int           `json:"concurrency_limit"`
	ConcurrencyOptions map[string]any `json:"concurrency_options"`
	GlobalLimit        *GlobalLimit   `json:"global_concurrency_limit"`

	// WorkPoolName is nil for what is served by a process and for what has no pool.
	WorkPoolName  *string    `json:"work_pool_name"`
	WorkQueueName *string    `json:"work_queue_name"`
	Status        string     `json:"status"` // READY or NOT_READY: whether a worker polls the pool
	LastPolled    *time.Time `json:"last_polled"`
	Created       time.Time  `json:"created"`
	Updated       time.Time  `json:"updated"` // not moved by edits through the schedule routes
	CreatedBy     *Author    `json:"created_by"`
}

// Author is who did something, where the server knows its users. One without accounts knows none.
type Author struct {
	Type string `json:"type"` // USER, SERVICE, AUTOMATION, …
	Name string `json:"display_value"`
}

// GlobalLimit is the concurrency limit behind [Deployment.ConcurrencyLimit].
type GlobalLimit struct {
	ID     string `json:"id"`
	Name   string `json:"name"` // deployment:<id> when made through a deployment
	Limit  int    `json:"limit"`
	Active bool   `json:"active"`
}

// settle fills what the API spreads over two fields.
func (d *Deployment) settle() {
	if d.GlobalLimit != nil {
		d.ConcurrencyLimit = &d.GlobalLimit.Limit
	}
}

// share takes what is the same as in another deployment from that one: most of an environment's have the same, and of tens of thousands
// only one copy should be kept.
func (d *Deployment) share(other Deployment) {
	takeSame(&d.JobVariables, other.JobVariables)
	takeSame(&d.Labels, other.Labels)
	takeSame(&d.ConcurrencyOptions, other.ConcurrencyOptions)
	takeSame(&d.PullSteps, other.PullSteps)
	takeSame(&d.Tags, slices.Clip(other.Tags))
}

func takeSame[T any](own *T, other T) {
	if reflect.DeepEqual(*own, other) {
		*own = other
	}
}

// Schedule is one schedule of a deployment.
type Schedule struct {
	ID         string         `json:"id"`
	Slug       string         `json:"slug"` // empty when it has none
	Active     bool           `json:"active"`
	Rule       Rule           `json:"schedule"`
	Parameters map[string]any `json:"parameters"`
	Created    time.Time      `json:"created"`
	Updated    time.Time      `json:"updated"`
}

// Rule says when a schedule runs: exactly one of Cron, Interval and RRule is set.
type Rule struct {
	Cron  string `json:"cron"`
	DayOr *bool  `json:"day_or"` // cron: day of month or day of week, the server's default true
	// Interval is in seconds, counted from AnchorDate, which the server sets to now when it is not sent.
	Interval   float64 `json:"interval"`
	AnchorDate string  `json:"anchor_date"`
	RRule      string  `json:"rrule"` // with a DTSTART line put in front by servers from 3.6.26
	Timezone   string  `json:"timezone"`
}

// CreateSchedules adds schedules to a deployment, each in the API's words: schedule, slug, active, parameters. A slug that the
// deployment already has is a conflict (409) and nothing is added. Give each schedule a slug: without, a request whose
// answer was lost can't be repeated.
func (c *Client) CreateSchedules(ctx context.Context, deploymentID string, schedules []map[string]any) ([]Schedule, error) {
	if len(schedules) == 0 {
		return nil, nil
	}
	slugs := map[string]bool{}
	for _, s := range schedules {
		if slug, ok := s["slug"].(string); ok && slug != "" {
			slugs[slug] = true
		}
	}
	var out []Schedule
	got, err := c.do(ctx, call{
		method: http.MethodPost, path: route("deployments", deploymentID, "schedules"), in: schedules, out: &out,
		once: len(slugs) < len(schedules),
	})
	if err == nil || got.attempts < 2 || !IsConflict(err) {
		return out, err
	}
	// An earlier attempt may have added them though its answer was lost.
	live, readErr := c.Schedules(ctx, deploymentID)
	if readErr != nil {
		return nil, readErr
	}
	out = nil
	for _, s := range live {
		if slugs[s.Slug] {
			out = append(out, s)
		}
	}
	if len(out) < len(slugs) {
		return nil, err
	}
	return out, nil
}

// Schedules gives the schedules of a deployment.
func (c *Client) Schedules(ctx context.Context, deploymentID string) ([]Schedule, error) {
	return get[[]Schedule](ctx, c, route("deployments", deploymentID, "schedules"))
}

// UpdateSchedule changes the given fields of a schedule and keeps its id. It does not move the deployment's Updated.
func (c *Client) UpdateSchedule(ctx context.Context, deploymentID, scheduleID string, fields map[string]any) error {
	return c.patch(ctx, route("deployments", deploymentID, "schedules", scheduleID), fields)
}

// DeleteSchedule removes a schedule; [IsNotFound] tells when there is none.
func (c *Client) DeleteSchedule(ctx context.Context, deploymentID, scheduleID string) error {
	return c.delete(ctx, route("deployments", deploymentID, "schedules", scheduleID))
}
