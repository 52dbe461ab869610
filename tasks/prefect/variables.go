package prefect

import (
	"context"
	"encoding/json"
	"net/http"
	"time"
)

// Variable is a named JSON value of at most 5000 bytes.
type Variable struct {
	ID      string          `json:"id"`
	Name    string          `json:"name"` // small letters, digits, underscores
	Value   json.RawMessage `json:"value"`
	Tags    []string        `json:"tags"`
	Created time.Time       `json:"created"`
	Updated time.Time       `json:"updated"`
}

// Variable gives a variable; ok is false when there is none.
func (c *Client) Variable(ctx context.Context, name string) (v Variable, ok bool, err error) {
	return ifThere(get[Variable](ctx, c, route("variables", "name", name)))
}

// MakeVariable makes a variable. [IsConflict] tells that the name is taken.
func (c *Client) MakeVariable(ctx context.Context, name string, value any) (Variable, error) {
	return post[Variable](ctx, c, "/variables/", map[string]any{"name": name, "value": value})
}

// ChangeVariable changes the value of a variable, by its id: no other one that has got the name meanwhile. [IsNotFound] tells when it is gone.
func (c *Client) ChangeVariable(ctx context.Context, id string, value any) error {
	return c.patch(ctx, route("variables", id), map[string]any{"value": value})
}

// RemoveVariable removes a variable, by its id: no other one that has got the name meanwhile. [IsNotFound] tells when it is gone.
func (c *Client) RemoveVariable(ctx context.Context, id string) error {
	return c.delete(ctx, route("variables", id))
}

// HasBlock tells whether there is a block document of that name and type slug, such as secret. Its content is not asked for.
func (c *Client) HasBlock(ctx context.Context, typeSlug, name string) (bool, error) {
	_, there, err := ifThere(c.do(ctx, call{method: http.MethodGet, path: route("block_types", "slug", typeSlug, "block_documents", "name", name)}))
	return there, err
}
