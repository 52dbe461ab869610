package prefect

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/flowmage/flowmage/tasks/fault"
)

// DeploymentFilter selects deployments. Empty fields don't restrict; an empty filter is all deployments.
type DeploymentFilter struct {
	Tags  []string // having all of these
	Names []string // named one of these
	IDs   []string // being one of these
	Flows []string // of a flow that is named one of these
	Pools []string // in one of the work pools of these names
	// Queues asks for those in a work queue of one of these names, in whatever pool.
	Queues []string
	// Or asks for deployments that fulfil any of tags, names and ids instead of all.
	Or bool
}

// body gives the criteria as the routes filter and count take them.
func (f DeploymentFilter) body() map[string]any {
	own := criteria{}.allOf("tags", f.Tags).oneOf("name", f.Names).oneOf("id", f.IDs).oneOf("work_queue_name", f.Queues)
	if f.Or && len(own) > 1 {
		own["operator"] = "or_"
	}
	return criteria{}.all("deployments", own).all("flows", criteria{}.oneOf("name", f.Flows)).all("work_pools", criteria{}.oneOf("name", f.Pools))
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
			return slices.CompactFunc(all, func(a, b Deployment) bool { return a.ID == b.ID }), nil
		}
		sort = "CREATED_DESC"
	}
	return nil, &fault.Error{
		Code: fault.Server, What: "the deployments on the server changed all the time while they were being listed", Where: c.URL(),
		Next: "let other deploys finish, then run the command again",
	}
}

// pagesAtOnce is how many pages are asked for side by side once the first one has shown that there are more. A server with several
// processes gains by it, one alone loses nothing; what is in memory undecoded stays small.
const pagesAtOnce = 4

// readDeployments reads all pages once and tells whether they fit together.
func (c *Client) readDeployments(ctx context.Context, filter DeploymentFilter, sort string) ([]Deployment, bool, error) {
	first, err := c.deploymentPage(ctx, filter, sort, 0)
	if err != nil || len(first) < pageSize {
		return first, true, err
	}
	total, err := c.CountDeployments(ctx, filter)
	if err != nil {
		return nil, false, err
	}
	pages := make([][]Deployment, 1+max(total-pageSize+pageSize-2, 0)/(pageSize-1))
	pages[0] = first
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(pagesAtOnce)
	for i := 1; i < len(pages); i++ {
		group.Go(func() (err error) {
			pages[i], err = c.deploymentPage(ctx, filter, sort, i*(pageSize-1))
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, false, err
	}
	all, whole := joined(pages, total)
	return all, whole && len(all) == total, nil
}

// CountDeployments gives how many deployments the filter selects.
func (c *Client) CountDeployments(ctx context.Context, filter DeploymentFilter) (int, error) {
	return post[int](ctx, c, "/deployments/count", filter.body())
}

func (c *Client) deploymentPage(ctx context.Context, filter DeploymentFilter, sort string, offset int) ([]Deployment, error) {
	page, err := inHalves(offset, pageSize, func(offset, limit int) ([]Deployment, error) {
		var page elements[Deployment]
		body := filter.body()
		body["sort"], body["limit"], body["offset"] = sort, limit, offset
		_, err := c.do(ctx, call{method: http.MethodPost, path: "/deployments/filter", in: body, out: &page})
		return page, err
	})
	for i := range page {
		page[i].settle()
		if i > 0 {
			page[i].share(page[i-1])
		}
	}
	return page, err
}

// joined puts pages together of which each begins with the last row of the one before, and tells whether they do.
func joined(pages [][]Deployment, total int) ([]Deployment, bool) {
	all := append(make([]Deployment, 0, max(total, len(pages[0]))), pages[0]...)
	seen := make(map[string]bool, total)
	for _, d := range all {
		seen[d.ID] = true
	}
	for _, page := range pages[1:] {
		if len(page) == 0 || page[0].ID != all[len(all)-1].ID {
			return nil, false
		}
		for _, d := range page[1:] {
			if seen[d.ID] {
				return nil, false
			}
			seen[d.ID] = true
		}
		all = append(all, page[1:]...)
	}
	return all, true
}

// Deployment gives one deployment; [IsNotFound] tells when there is none.
func (c *Client) Deployment(ctx context.Context, id string) (Deployment, error) {
	return c.deployment(ctx, call{method: http.MethodGet, path: route("deployments", id)})
}

// DeploymentByName gives the deployment of a flow; [IsNotFound] tells when there is none.
func (c *Client) DeploymentByName(ctx context.Context, flow, name string) (Deployment, error) {
	return c.deployment(ctx, call{method: http.MethodGet, path: route("deployments", "name", flow, name)})
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
	return c.patch(ctx, route("deployments", id), fields)
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

// What speaks against a creation, see [Client.MakeDeployment].
var (
	// ErrThere says that there is a deployment of that flow and name by now. It was left as it is.
	ErrThere = errors.New("there is a deployment of that name by now")
	// ErrOverwritten says that somebody else had made one at the last moment, and that it holds now what was to be created.
	ErrOverwritten = errors.New("a deployment of that name appeared at the last moment and was overwritten")
)

// MakeDeployment creates the deployment that the body describes, of a flow that had none of its name a moment ago. The server takes the
// same request for a change of one that is there, so an answer that says so is [ErrOverwritten], with the deployment as it is now.
//
// An attempt whose answer was lost may have created it. Before it is repeated the server is asked: a deployment that is there comes back with
// [ErrThere], and whoever knows what was sent can tell whether it is that.
func (c *Client) MakeDeployment(ctx context.Context, flow string, body map[string]any) (Deployment, error) {
	name, _ := body["name"].(string)
	var made, there Deployment
	got, err := c.do(ctx, call{method: http.MethodPost, path: "/deployments/", in: body, out: &made, again: func(ctx context.Context) error {
		found, err := c.DeploymentByName(ctx, flow, name)
		switch {
		case IsNotFound(err):
			return nil
		case err == nil:
			there, err = found, ErrThere
		}
		return err
	}})
	if errors.Is(err, ErrThere) {
		return there, err
	}
	made.settle()
	// After a repetition it is an earlier attempt of ours that the server was still at when it was asked.
	if err == nil && got.status == http.StatusOK && got.attempts == 1 {
		err = ErrOverwritten
	}
	return made, err
}
