package prefect

import (
	"context"
	"net/http"
)

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
