package local

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
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

// provenOurs tells whether the server that answers on our port is ours, with its guard in front. Somebody else's may have taken the port
// while ours was loading, so it is not asked with the auth string, but shows that it knows it.
func (l *Local) provenOurs(ctx context.Context, r record) bool {
	nonce, shown := rand.Text(), ""
	return l.get(ctx, "http://"+address(r.Port)+"/flowmage/proof?nonce="+nonce, 5*time.Second, &shown) &&
		shown != "" && hmac.Equal([]byte(shown), []byte(proof(l.Auth(), nonce, r.Port)))
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
