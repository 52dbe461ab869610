package prefect

import (
	"context"
	"time"
)

// Flow is a flow as the server knows it: little more than a name.
type Flow struct {
	ID      string    `json:"id"`
	Name    string    `json:"name"`
	Tags    []string  `json:"tags"`
	Created time.Time `json:"created"`
	Updated time.Time `json:"updated"`
}

// EnsureFlow gives the flow of that name, creating it if need be. An existing one stays as it is.
func (c *Client) EnsureFlow(ctx context.Context, name string) (Flow, error) {
	return post[Flow](ctx, c, "/flows/", map[string]any{"name": name})
}

// FlowsByID gives the flows that exist among the ids, in no particular order.
func (c *Client) FlowsByID(ctx context.Context, ids []string) ([]Flow, error) {
	return c.flows(ctx, "id", ids)
}

// FlowsByName gives the flows that exist among the names, in no particular order.
func (c *Client) FlowsByName(ctx context.Context, names []string) ([]Flow, error) {
	return c.flows(ctx, "name", names)
}

func (c *Client) flows(ctx context.Context, field string, values []string) ([]Flow, error) {
	return inParts(values, pageSize, func(part []string) ([]Flow, error) {
		return post[[]Flow](ctx, c, "/flows/filter", map[string]any{"flows": map[string]any{field: anyOf(part)}, "limit": pageSize})
	})
}

// FlowsOfDeployments gives the flows that have a deployment with that tag, by name.
func (c *Client) FlowsOfDeployments(ctx context.Context, tag string) ([]Flow, error) {
	body := DeploymentFilter{Tags: []string{tag}}.body()
	body["sort"] = "NAME_ASC"
	return readAll[Flow](ctx, c, "/flows/filter", body, 0)
}
