package prefect

import (
	"context"
	"net/http"
)

// HasBlock tells whether there is a block document of that name and type slug, such as secret. Its content is not asked for.
func (c *Client) HasBlock(ctx context.Context, typeSlug, name string) (bool, error) {
	_, err := c.do(ctx, call{method: http.MethodGet, path: route("block_types", "slug", typeSlug, "block_documents", "name", name)})
	if IsNotFound(err) {
		return false, nil
	}
	return err == nil, err
}
