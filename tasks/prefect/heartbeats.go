package prefect

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"
)

// heartbeatsAtOnce keeps the answer below the 50 events that a server gives at most: a run sends no more than one in 30 s.
const heartbeatsAtOnce = 10

// Heartbeats gives, by the run's id, the last sign of life of those of the runs that gave one since then. A run gives one at its start and
// then as often as PREFECT_FLOWS_HEARTBEAT_FREQUENCY says where it runs: 180 s unless set, 30 s at least. Releases without that
// setting give none.
func (c *Client) Heartbeats(ctx context.Context, runIDs []string, since time.Time) (map[string]time.Time, error) {
	const prefix = "prefect.flow-run."
	out := map[string]time.Time{}
	for part := range slices.Chunk(runIDs, heartbeatsAtOnce) {
		resources := make([]string, 0, len(part))
		for _, id := range part {
			resources = append(resources, prefix+id)
		}
		var page struct {
			Events []struct {
				Occurred time.Time         `json:"occurred"`
				Resource map[string]string `json:"resource"`
			} `json:"events"`
		}
		_, err := c.do(ctx, call{method: http.MethodPost, path: "/events/filter", out: &page, in: map[string]any{
			"limit": 50,
			"filter": map[string]any{
				"event": map[string]any{"name": []string{"prefect.flow-run.heartbeat"}}, "occurred": map[string]any{"since": since},
				"resource": map[string]any{"id": resources}, "order": "DESC",
			},
		}})
		if err != nil {
			return nil, err
		}
		for _, e := range page.Events {
			id := strings.TrimPrefix(e.Resource["prefect.resource.id"], prefix)
			if e.Occurred.After(out[id]) {
				out[id] = e.Occurred
			}
		}
	}
	return out, nil
}
