package prefect

import (
	"context"
	"slices"
)

// NamesAtOnce keeps a list of names or ids below what databases take as variables of one statement.
const NamesAtOnce = 500

// DeploymentsByID gives the deployments of those ids, however many.
func (c *Client) DeploymentsByID(ctx context.Context, ids []string) ([]Deployment, error) {
	return c.deploymentsInParts(ctx, ids, func(part []string) DeploymentFilter { return DeploymentFilter{IDs: part} })
}

// DeploymentsByName gives the deployments of those names, however many, of whatever flow.
func (c *Client) DeploymentsByName(ctx context.Context, names []string) ([]Deployment, error) {
	return c.deploymentsInParts(ctx, names, func(part []string) DeploymentFilter { return DeploymentFilter{Names: part} })
}

func (c *Client) deploymentsInParts(ctx context.Context, words []string, filter func([]string) DeploymentFilter) ([]Deployment, error) {
	var out []Deployment
	for part := range slices.Chunk(words, NamesAtOnce) {
		more, err := c.Deployments(ctx, filter(part))
		if err != nil {
			return nil, err
		}
		out = append(out, more...)
	}
	return out, nil
}

// FlowNames gives the names of the deployments' flows, by the flows' ids.
func (c *Client) FlowNames(ctx context.Context, list []Deployment) (map[string]string, error) {
	ids := make([]string, 0, len(list))
	for _, d := range list {
		ids = append(ids, d.FlowID)
	}
	slices.Sort(ids)
	flows, err := c.FlowsByID(ctx, slices.Compact(ids))
	if err != nil {
		return nil, err
	}
	out := make(map[string]string, len(flows))
	for _, f := range flows {
		out[f.ID] = f.Name
	}
	return out, nil
}

// Text gives a text of an answer, "" where the API says null.
func Text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
