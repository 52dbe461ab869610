package prefect

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"time"
)

// Artifact is a document on the server. All artifacts of one key make a history, which the UI shows under
// /artifacts/key/<key>.
type Artifact struct {
	ID          string            `json:"id"`
	Key         string            `json:"key"`  // small letters, digits, dashes
	Type        string            `json:"type"` // markdown, table, json
	Description string            `json:"description"`
	Data        json.RawMessage   `json:"data"` // a JSON string for markdown
	Metadata    map[string]string `json:"metadata_"`
	Created     time.Time         `json:"created"`
}

// CreateArtifact stores an artifact; ID and Created are the server's. A repetition after a lost answer would store it twice, so
// there is none.
func (c *Client) CreateArtifact(ctx context.Context, a Artifact) (Artifact, error) {
	var out Artifact
	_, err := c.do(ctx, call{method: http.MethodPost, path: "/artifacts/", out: &out, once: true, in: map[string]any{
		"key": a.Key, "type": a.Type, "description": a.Description, "data": a.Data, "metadata_": a.Metadata,
	}})
	return out, err
}

// Artifacts gives the artifacts of a key, each once, newest first, at most limit when that is above zero.
func (c *Client) Artifacts(ctx context.Context, key string, limit int) ([]Artifact, error) {
	all, err := readAll[Artifact](ctx, c, "/artifacts/filter", map[string]any{
		"artifacts": map[string]any{"key": anyOf([]string{key})}, "sort": "CREATED_DESC",
	}, limit)
	all = slices.DeleteFunc(all, func(a Artifact) bool { return a.Key != key }) // a filter is trusted for finding, not for deleting
	return once(all, func(a Artifact) string { return a.ID }), err
}

// RunArtifacts gives what a flow run has left, its tasks' artifacts included, oldest first.
func (c *Client) RunArtifacts(ctx context.Context, flowRunID string) ([]Artifact, error) {
	all, err := readAll[Artifact](ctx, c, "/artifacts/filter", map[string]any{
		"artifacts": map[string]any{"flow_run_id": anyOf([]string{flowRunID})}, "sort": "CREATED_DESC",
	}, 0)
	slices.Reverse(all)
	return all, err
}

// DeleteArtifact removes an artifact; [IsNotFound] tells when there is none.
func (c *Client) DeleteArtifact(ctx context.Context, id string) error {
	return c.delete(ctx, route("artifacts", id))
}
