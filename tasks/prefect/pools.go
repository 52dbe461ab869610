package prefect

import (
	"context"
	"encoding/json"
	"net/http"
	"time"
)

// WorkPool is a work pool. In [Client.CreateWorkPool] only the fields without "read only" count.
type WorkPool struct {
	ID          string `json:"id"` // read only
	Name        string `json:"name"`
	Type        string `json:"type"` // process, docker, kubernetes, …
	Description string `json:"description"`
	// BaseJobTemplate has job_configuration and variables; {} means the worker's own default.
	BaseJobTemplate  json.RawMessage `json:"base_job_template"`
	Paused           bool            `json:"is_paused"`
	ConcurrencyLimit *int            `json:"concurrency_limit"`
	Status           string          `json:"status"`  // read only: READY, NOT_READY or PAUSED
	Created          time.Time       `json:"created"` // read only
	Updated          time.Time       `json:"updated"` // read only
}

// WorkPool gives the work pool of that name and whether there is one.
func (c *Client) WorkPool(ctx context.Context, name string) (WorkPool, bool, error) {
	return ifThere(get[WorkPool](ctx, c, route("work_pools", name)))
}

// WorkPools gives all work pools.
func (c *Client) WorkPools(ctx context.Context) ([]WorkPool, error) {
	return readAll[WorkPool](ctx, c, "/work_pools/filter", map[string]any{}, 0)
}

// CreateWorkPool creates a work pool and gives it as stored. Type is needed: the server's default is one that no worker serves. A name that exists is a
// conflict (409), one that starts with "prefect" is refused (403).
func (c *Client) CreateWorkPool(ctx context.Context, p WorkPool) (WorkPool, error) {
	body := map[string]any{"name": p.Name, "type": p.Type, "is_paused": p.Paused}
	if p.Description != "" {
		body["description"] = p.Description
	}
	if len(p.BaseJobTemplate) > 0 {
		body["base_job_template"] = p.BaseJobTemplate
	}
	if p.ConcurrencyLimit != nil {
		body["concurrency_limit"] = *p.ConcurrencyLimit
	}
	var out WorkPool
	got, err := c.do(ctx, call{method: http.MethodPost, path: "/work_pools/", in: body, out: &out})
	if got.attempts > 1 && IsConflict(err) {
		// An earlier attempt may have created it though its answer was lost.
		if have, ok, readErr := c.WorkPool(ctx, p.Name); readErr == nil && ok && have.Type == p.Type && have.Description == p.Description {
			return have, nil
		}
	}
	return out, err
}

// UpdateWorkPool changes the given fields of a work pool: description, base_job_template, concurrency_limit (null: none), is_paused. Its type
// can't be changed.
func (c *Client) UpdateWorkPool(ctx context.Context, name string, fields map[string]any) error {
	return c.patch(ctx, route("work_pools", name), fields)
}

// DeleteWorkPool deletes a work pool with its queues; [IsNotFound] tells when there is none. Deployments in it lose it.
func (c *Client) DeleteWorkPool(ctx context.Context, name string) error {
	return c.delete(ctx, route("work_pools", name))
}

// Worker is a process that takes runs from a pool.
type Worker struct {
	ID            string     `json:"id"`
	Name          string     `json:"name"`
	Status        string     `json:"status"` // ONLINE or OFFLINE
	LastHeartbeat *time.Time `json:"last_heartbeat_time"`
	Interval      float64    `json:"heartbeat_interval_seconds"`
}

// WorkQueue is one of the queues of a work pool.
type WorkQueue struct {
	ID               string     `json:"id"`
	Name             string     `json:"name"`
	Description      string     `json:"description"`
	Paused           bool       `json:"is_paused"`
	ConcurrencyLimit *int       `json:"concurrency_limit"`
	Priority         int        `json:"priority"` // 1 is served first; no two queues of a pool have the same
	Status           string     `json:"status"`   // READY, NOT_READY or PAUSED
	LastPolled       *time.Time `json:"last_polled"`
}

// WorkQueues gives the queues of a pool; [IsNotFound] tells when there is no such pool.
func (c *Client) WorkQueues(ctx context.Context, pool string) ([]WorkQueue, error) {
	return readAll[WorkQueue](ctx, c, route("work_pools", pool, "queues", "filter"), map[string]any{}, 0)
}

// CreateWorkQueue adds a queue to a pool, with name, description, concurrency_limit and priority; a queue that has that priority moves behind
// it. A name that exists is a conflict (409).
func (c *Client) CreateWorkQueue(ctx context.Context, pool string, fields map[string]any) error {
	got, err := c.do(ctx, call{method: http.MethodPost, path: route("work_pools", pool, "queues"), in: fields})
	if got.attempts > 1 && IsConflict(err) {
		return nil // an earlier attempt made it though its answer was lost
	}
	return err
}

// UpdateWorkQueue changes the given fields of a queue. A queue that has the new priority moves behind it.
func (c *Client) UpdateWorkQueue(ctx context.Context, pool, queue string, fields map[string]any) error {
	return c.patch(ctx, route("work_pools", pool, "queues", queue), fields)
}

// DeleteWorkQueue deletes a queue; [IsNotFound] tells when there is none. Deployments in it lose it. A pool's default queue can't be deleted.
func (c *Client) DeleteWorkQueue(ctx context.Context, pool, queue string) error {
	return c.delete(ctx, route("work_pools", pool, "queues", queue))
}

// Workers gives all workers that a pool has known, dead ones too. A pool that is not there has none.
func (c *Client) Workers(ctx context.Context, pool string) ([]Worker, error) {
	list, err := readAll[Worker](ctx, c, route("work_pools", pool, "workers", "filter"), map[string]any{}, 0)
	if IsNotFound(err) {
		return nil, nil
	}
	return list, err
}

// OnlineWorkers gives the workers of a pool whose last heartbeat is younger than three of their intervals (90 s usually). So a
// killed worker is listed for a while.
func (c *Client) OnlineWorkers(ctx context.Context, pool string) ([]Worker, error) {
	return readAll[Worker](ctx, c, route("work_pools", pool, "workers", "filter"), map[string]any{
		"workers": map[string]any{"status": anyOf([]string{"ONLINE"})},
	}, 0)
}
