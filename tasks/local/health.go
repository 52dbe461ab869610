package local

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"path/filepath"
	"time"
)

func (r record) url() string { return "http://" + address(r.Port) + "/api" }

// healthy tells whether the server of a record answers (Prefect: GET /health gives true).
func (l *Local) healthy(ctx context.Context, r record, patience time.Duration) bool {
	var well bool
	return l.get(ctx, r.url()+"/health", patience, &well) && well
}

// answersAtOnce tells whether a server that was proven to be ours answers; the one at the address answered is not asked again.
func (l *Local) answersAtOnce(ctx context.Context, r record, answered string) bool {
	return r.Ready && (r.url() == answered || l.healthy(ctx, r, 2*time.Second))
}

// provenOurs tells whether the server that answers on our port works in our folder. Somebody else's may have taken the port
// while ours was loading (Prefect: GET /admin/settings names PREFECT_HOME).
func (l *Local) provenOurs(ctx context.Context, r record) bool {
	var settings struct {
		Home string `json:"home"`
	}
	return l.get(ctx, r.url()+"/admin/settings", 5*time.Second, &settings) &&
		filepath.Clean(settings.Home) == l.path("server")
}

// get reads JSON; false for every kind of failure.
func (l *Local) get(ctx context.Context, url string, patience time.Duration, into any) bool {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return false
	}
	response, err := l.client.Do(request)
	if err != nil {
		return false
	}
	defer response.Body.Close() //nolint:errcheck // it was only read
	data, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	return err == nil && response.StatusCode == http.StatusOK && json.Unmarshal(data, into) == nil
}
