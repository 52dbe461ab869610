package prefect

import (
	"cmp"
	"context"
	"net/http"
	"slices"

	"github.com/flowmage/flowmage/tasks/fault"
)

// DeploymentFilter selects deployments. Empty fields don't restrict; an empty filter is all deployments.
type DeploymentFilter struct {
	Tags  []string // having all of these
	Names []string // named one of these
	IDs   []string // being one of these
	// Or asks for deployments that fulfil any of the above instead of all.
	Or bool
}

func (f DeploymentFilter) body() map[string]any {
	filter := map[string]any{}
	if len(f.Tags) > 0 {
		filter["tags"] = map[string]any{"all_": f.Tags}
	}
	if len(f.Names) > 0 {
		filter["name"] = anyOf(f.Names)
	}
	if len(f.IDs) > 0 {
		filter["id"] = anyOf(f.IDs)
	}
	if f.Or && len(filter) > 1 {
		filter["operator"] = "or_"
	}
	return filter
}

// rereads is how often a listing starts anew because the server changed meanwhile.
const rereads = 4

// Deployments gives all deployments that the filter selects, sorted by name and id. It reads pages of 200; each page after the
// first begins with the last row of the one before, so that a deployment that appears or goes away between two pages is noticed
// and the reading starts again. Nothing is missing and nothing stands twice.
func (c *Client) Deployments(ctx context.Context, filter DeploymentFilter) ([]Deployment, error) {
	// The server sorts by name alone, so on Postgres rows of one name may change places between pages. After such a shift the
	// time of creation is the better order.
	sort := "NAME_ASC"
	for range rereads {
		all, whole, err := c.readDeployments(ctx, filter, sort)
		if err != nil {
			return nil, err
		}
		if whole {
			slices.SortFunc(all, func(a, b Deployment) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID)) })
			return all, nil
		}
		sort = "CREATED_DESC"
	}
	return nil, &fault.Error{
		Code: fault.Server, What: "the deployments on the server changed all the time while they were being listed", Where: c.URL(),
		Next: "let other deploys finish, then run the command again",
	}
}

// readDeployments reads all pages once and tells whether they fit together.
func (c *Client) readDeployments(ctx context.Context, filter DeploymentFilter, sort string) ([]Deployment, bool, error) {
	var all []Deployment
	seen := map[string]bool{}
	for {
		offset := max(len(all)-1, 0)
		var page []Deployment
		body := map[string]any{"sort": sort, "limit": pageSize, "offset": offset}
		if f := filter.body(); len(f) > 0 {
			body["deployments"] = f
		}
		if _, err := c.do(ctx, call{method: http.MethodPost, path: "/deployments/filter", in: body, out: &page}); err != nil {
			return nil, false, err
		}
		full := len(page) == pageSize
		if len(all) > 0 {
			if len(page) == 0 || page[0].ID != all[len(all)-1].ID {
				return nil, false, nil
			}
			page = page[1:]
		}
		for i := range page {
			if seen[page[i].ID] {
				return nil, false, nil
			}
			seen[page[i].ID] = true
			page[i].settle()
		}
		all = append(all, page...)
		if !full {
			return all, true, nil
		}
	}
}

// Deployment gives one deployment; [IsNotFound] tells when there is none.
func (c *Client) Deployment(ctx context.Context, id string) (Deployment, error) {
	return c.deployment(ctx, call{method: http.MethodGet, path: route("deployments", id)})
}

// DeploymentByName gives the deployment of a flow; [IsNotFound] tells when there is none.
func (c *Client) DeploymentByName(ctx context.Context, flow, name string) (Deployment, error) {
	return c.deployment(ctx, call{method: http.MethodGet, path: route("deployments", "name", flow, name)})
}

// CreateDeployment creates the deployment that the body describes in the API's words, or overwrites the one of that flow_id and
// name. In the second case fields that are left out keep their value, but schedules and parameters are then emptied, and null
// is refused for tags, parameters, paused, enforce_parameter_schema, job_variables and schedules. The work pool must exist.
func (c *Client) CreateDeployment(ctx context.Context, body map[string]any) (Deployment, error) {
	return c.deployment(ctx, call{method: http.MethodPost, path: "/deployments/", in: body})
}

func (c *Client) deployment(ctx context.Context, k call) (Deployment, error) {
	var d Deployment
	k.out = &d
	_, err := c.do(ctx, k)
	d.settle()
	return d, err
}

// UpdateDeployment changes the given fields, in the API's words, and leaves the others. Every call, even one that changes
// nothing, makes the server throw away the deployment's scheduled runs and create new ones within 5 s. Name, flow_id and labels can't
// be changed; a work pool must exist (else the server answers 500) and go along with the queue.
func (c *Client) UpdateDeployment(ctx context.Context, id string, fields map[string]any) error {
	_, err := c.do(ctx, call{method: http.MethodPatch, path: route("deployments", id), in: fields})
	return err
}

// DeleteDeployment deletes a deployment and its scheduled runs; other runs stay, and so do its automations, see
// [Client.DeleteAutomationsOwnedBy]. When there is none, [IsNotFound] tells.
func (c *Client) DeleteDeployment(ctx context.Context, id string) error {
	return c.delete(ctx, route("deployments", id))
}

// DeleteAutomationsOwnedBy deletes the automations that belong to a deployment. None is no error.
func (c *Client) DeleteAutomationsOwnedBy(ctx context.Context, deploymentID string) error {
	return c.delete(ctx, route("automations", "owned-by", "prefect.deployment."+deploymentID))
}
