package prefect

import (
	"context"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"
)

// Stream tells when a flow run's state has changed. It gives no news itself: what is new is read from the API, which stays the one
// source. Nothing is heard from a server without streams, so ask now and then while it is not Live. Lines of logs are not told: a server
// streams them only when it is set up for that (PREFECT_SERVER_LOGS_STREAM_OUT_ENABLED), and does not say so.
type Stream struct {
	// Stirred receives when the run's state has changed, and when the server begins to tell of it. Several of these may be told as one.
	Stirred <-chan struct{}

	stirred chan struct{}
	live    atomic.Bool
}

const (
	// streamRest is how long a stream that broke off rests before it is asked for anew.
	streamRest = 3 * time.Second
	// longestMessage bounds what a stream may send at once. An event may carry the parameters of a run.
	longestMessage = 4 << 20
	// longestRun bounds for how long a stream is asked for: by itself it ends at the moment at which it began.
	longestRun = 366 * 24 * time.Hour
)

// Follow asks the server to tell of a run, until ctx ends. It never fails: a server that has no streams, or a proxy that lets none pass,
// leaves the stream silent.
func (c *Client) Follow(ctx context.Context, runID string) *Stream {
	s := &Stream{stirred: make(chan struct{}, 1)}
	s.Stirred = s.stirred
	go func() {
		for c.listen(ctx, runID, s) {
			select {
			case <-ctx.Done():
				return
			case <-time.After(streamRest):
			}
		}
	}()
	return s
}

// Live tells whether the server tells of every new state.
func (s *Stream) Live() bool { return s.live.Load() }

func (s *Stream) stir() {
	select {
	case s.stirred <- struct{}{}:
	default: // one is waiting already
	}
}

// listen passes on what the server tells, until the stream breaks off. It gives false when the server refuses it, so that asking again is
// of no use. (Prefect: server/api/events.py, stream_workspace_events_out.)
func (c *Client) listen(ctx context.Context, runID string, s *Stream) bool {
	header := c.transport.header.Clone()
	header.Del("Accept")
	client := &http.Client{Transport: c.transport.pool, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse // credentials don't go elsewhere
	}}
	conn, answer, err := websocket.Dial(ctx, c.base.String()+"/events/out", &websocket.DialOptions{ //nolint:bodyclose // the library closes it
		HTTPClient: client, HTTPHeader: header, Subprotocols: []string{"prefect"},
	})
	if err != nil {
		return answer == nil
	}
	defer conn.CloseNow() //nolint:errcheck // there is nothing to say good-bye for
	conn.SetReadLimit(longestMessage)
	var told struct {
		Type string `json:"type"`
	}
	if wsjson.Write(ctx, conn, map[string]any{"type": "auth", "token": c.token}) != nil ||
		wsjson.Read(ctx, conn, &told) != nil || told.Type != "auth_success" {
		return false
	}
	now := time.Now()
	filter := map[string]any{
		"event":    map[string]any{"prefix": []string{"prefect.flow-run."}},
		"resource": map[string]any{"id": []string{"prefect.flow-run." + runID}},
		"occurred": map[string]any{"since": now.Add(-time.Hour), "until": now.Add(longestRun)},
	}
	if wsjson.Write(ctx, conn, map[string]any{"type": "filter", "filter": filter, "backfill": false}) != nil {
		return true
	}
	s.live.Store(true)
	defer s.live.Store(false)
	for s.stir(); ; s.stir() {
		if _, _, err := conn.Read(ctx); err != nil {
			return true
		}
	}
}
