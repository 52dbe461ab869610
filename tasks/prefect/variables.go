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

// CreateVariable makes a variable. [IsConflict] tells that the name is taken.
func (c *Client) CreateVariable(ctx context.Context, name string, value any) error {
	_, err := c.do(ctx, call{method: http.MethodPost, path: "/variables/", in: map[string]any{"name": name, "value": value}})
	return err
}

// Variable gives a variable; ok is false when there is none.
func (c *Client) Variable(ctx context.Context, name string) (v Variable, ok bool, err error) {
	_, err = c.do(ctx, call{method: http.MethodGet, path: route("variables", "name", name), out: &v})
	if IsNotFound(err) {
		return Variable{}, false, nil
	}
	return v, err == nil, err
}

// SetVariable changes the value of a variable that exists; [IsNotFound] tells when there is none.
func (c *Client) SetVariable(ctx context.Context, name string, value any) error {
	_, err := c.do(ctx, call{method: http.MethodPatch, path: route("variables", "name", name), in: map[string]any{"value": value}})
	return err
}

// MakeVariable is CreateVariable that gives the variable back.
func (c *Client) MakeVariable(ctx context.Context, name string, value any) (v Variable, err error) {
	_, err = c.do(ctx, call{method: http.MethodPost, path: "/variables/", in: map[string]any{"name": name, "value": value}, out: &v})
	return v, err
}

// ChangeVariable is SetVariable by id: it changes no other one that has got the name meanwhile.
func (c *Client) ChangeVariable(ctx context.Context, id string, value any) error {
	_, err := c.do(ctx, call{method: http.MethodPatch, path: route("variables", id), in: map[string]any{"value": value}})
	return err
}

// RemoveVariable is DeleteVariable by id: it removes no other one that has got the name meanwhile.
func (c *Client) RemoveVariable(ctx context.Context, id string) error {
	return c.delete(ctx, route("variables", id))
}

// DeleteVariable removes a variable; [IsNotFound] tells when there is none.
func (c *Client) DeleteVariable(ctx context.Context, name string) error {
	return c.delete(ctx, route("variables", "name", name))
}

// HasBlock tells whether there is a block document of that name and type slug, such as secret. Its content is not asked for.
func (c *Client) HasBlock(ctx context.Context, typeSlug, name string) (bool, error) {
	_, err := c.do(ctx, call{method: http.MethodGet, path: route("block_types", "slug", typeSlug, "block_documents", "name", name)})
	if IsNotFound(err) {
		return false, nil
	}
	return err == nil, err
}
