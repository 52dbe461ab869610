package prefect

import (
	"context"
	"maps"
	"net/http"
	"slices"
)

// pageSize is the most rows that a server gives at once (PREFECT_SERVER_API_DEFAULT_LIMIT; a larger limit answers 422).
const pageSize = 200

func anyOf(values []string) map[string]any { return map[string]any{"any_": values} }

// criteria are what a filter asks for, by the API's names. What is empty does not restrict, and is left out.
type criteria map[string]any

func (c criteria) oneOf(name string, values []string) criteria {
	return c.unlessEmpty(len(values), name, anyOf(values))
}

func (c criteria) allOf(name string, values []string) criteria {
	return c.unlessEmpty(len(values), name, map[string]any{"all_": values})
}

func (c criteria) all(name string, inner criteria) criteria {
	return c.unlessEmpty(len(inner), name, inner)
}

func (c criteria) unlessEmpty(size int, name string, v any) criteria {
	if size > 0 {
		c[name] = v
	}
	return c
}

// inParts asks for at most so many distinct values at a time. No values are no request.
func inParts[T any](values []string, most int, ask func([]string) ([]T, error)) ([]T, error) {
	values = slices.Compact(slices.Sorted(slices.Values(values)))
	var out []T
	for part := range slices.Chunk(values, most) {
		got, err := ask(part)
		if err != nil {
			return nil, err
		}
		out = append(out, got...)
	}
	return out, nil
}

// once leaves out rows that stand twice, as they do when rows move between two pages.
func once[T any](rows []T, id func(T) string) []T {
	seen := make(map[string]bool, len(rows))
	return slices.DeleteFunc(rows, func(row T) bool {
		again := seen[id(row)]
		seen[id(row)] = true
		return again
	})
}

// readAll reads pages until one is not full, at most limit rows when limit is above zero.
func readAll[T any](ctx context.Context, c *Client, path string, body map[string]any, limit int) ([]T, error) {
	return readFrom[T](ctx, c, path, body, 0, limit)
}

// readFrom is readAll that skips the first offset rows.
func readFrom[T any](ctx context.Context, c *Client, path string, body map[string]any, offset, limit int) ([]T, error) {
	var all []T
	for {
		size := pageSize
		if limit > 0 {
			size = min(size, limit-len(all))
		}
		page, err := inHalves(offset+len(all), size, func(offset, limit int) ([]T, error) {
			part := maps.Clone(body)
			part["limit"], part["offset"] = limit, offset
			var page elements[T]
			_, err := c.do(ctx, call{method: http.MethodPost, path: path, in: part, out: &page})
			return page, err
		})
		if err != nil {
			return nil, err
		}
		all = append(all, page...)
		if len(page) < size || limit > 0 && len(all) >= limit {
			return all, nil
		}
	}
}

// NamesAtOnce keeps a list of names or ids below what databases take as variables of one statement.
const NamesAtOnce = 500

// DeploymentsByID gives the deployments of those ids, however many.
func (c *Client) DeploymentsByID(ctx context.Context, ids []string) ([]Deployment, error) {
	return inParts(ids, NamesAtOnce, func(part []string) ([]Deployment, error) { return c.Deployments(ctx, DeploymentFilter{IDs: part}) })
}

// DeploymentsByName gives the deployments of those names, however many, of whatever flow.
func (c *Client) DeploymentsByName(ctx context.Context, names []string) ([]Deployment, error) {
	return inParts(names, NamesAtOnce, func(part []string) ([]Deployment, error) { return c.Deployments(ctx, DeploymentFilter{Names: part}) })
}

// FlowNames gives the names of the deployments' flows, by the flows' ids.
func (c *Client) FlowNames(ctx context.Context, list []Deployment) (map[string]string, error) {
	ids := make([]string, 0, len(list))
	for _, d := range list {
		ids = append(ids, d.FlowID)
	}
	flows, err := c.FlowsByID(ctx, ids)
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
