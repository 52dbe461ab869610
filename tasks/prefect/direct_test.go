package prefect

import (
	"context"
	"net/http"
)

// CreateDeployment creates the deployment that the body describes in the API's words, or overwrites the one of that flow_id and
// name. In the second case fields that are left out keep their value, but schedules and parameters are then emptied, and null
// is refused for tags, parameters, paused, enforce_parameter_schema, job_variables and schedules. The work pool must exist.
// The tool itself overwrites nothing, see [Client.MakeDeployment].
func (c *Client) CreateDeployment(ctx context.Context, body map[string]any) (Deployment, error) {
	return c.deployment(ctx, call{method: http.MethodPost, path: "/deployments/", in: body})
}

// DeleteFlow deletes a flow, and with it its deployments and the history of its runs, which the tool never does.
func (c *Client) DeleteFlow(ctx context.Context, id string) error {
	return c.delete(ctx, route("flows", id))
}
