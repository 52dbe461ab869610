//go:build e2e

package apply_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/flowmage/flowmage/tasks/prefect"
)

// bent is a proxy that lies, or does something at the right moment. Its functions may be nil.
type bent struct {
	// asks sees a request and gives the body that the server gets.
	asks func(r *http.Request, body []byte) []byte
	// tells sees the server's answer and gives the one that is passed on.
	tells func(r *http.Request, status int, body []byte) []byte
	// loses tells whether the answer is lost.
	loses func(r *http.Request) bool
	// refuses gives the status of an answer that the server does not get to give, 0 for none.
	refuses func(r *http.Request) int

	mu sync.Mutex // one at a time
}

// through has the bench speak to its server through the proxy; straight is the client that it had.
func (b *bench) through(t *testing.T, p *bent) (straight *prefect.Client) {
	t.Helper()
	straight = b.api
	target, err := url.Parse(strings.TrimSuffix(b.api.URL(), "/api"))
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.Transport = &http.Transport{DisableKeepAlives: true} // a busy server hangs up
	server := httptest.NewServer(p.handler(proxy))
	t.Cleanup(server.Close)
	api, err := prefect.New(prefect.Options{URL: server.URL + "/api"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		b.api = straight
		api.Close()
	})
	b.api = api
	return straight
}

func (p *bent) handler(server http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		defer p.mu.Unlock()
		body, _ := io.ReadAll(r.Body)
		if p.asks != nil {
			body = p.asks(r, body)
		}
		if p.refuses != nil {
			if status := p.refuses(r); status != 0 {
				http.Error(w, `{"detail":"no"}`, status)
				return
			}
		}
		r.ContentLength = int64(len(body))
		r.Header.Set("Content-Length", strconv.Itoa(len(body)))
		r.Header.Del("Accept-Encoding")
		var answer *httptest.ResponseRecorder
		for range 20 { // a busy server's refusal is none of what is told or lost
			r.Body, answer = io.NopCloser(bytes.NewReader(body)), httptest.NewRecorder()
			if server.ServeHTTP(answer, r); answer.Code != http.StatusServiceUnavailable {
				break
			}
		}
		if p.loses != nil && p.loses(r) {
			hangUp(w)
			return
		}
		told := answer.Body.Bytes()
		if p.tells != nil {
			told = p.tells(r, answer.Code, told)
		}
		maps.Copy(w.Header(), answer.Header())
		w.Header().Set("Content-Length", strconv.Itoa(len(told)))
		w.WriteHeader(answer.Code)
		_, _ = w.Write(told)
	})
}

// creates tells whether a request is the one that makes a deployment.
func creates(r *http.Request) bool {
	return r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/deployments/")
}

// first is true once.
func first() func(bool) bool {
	done := false
	return func(now bool) bool {
		if done || !now {
			return false
		}
		done = true
		return true
	}
}

// rows changes the list in an answer to …/filter.
func rows(path string, change func(list []map[string]any) []map[string]any) func(*http.Request, int, []byte) []byte {
	return func(r *http.Request, status int, body []byte) []byte {
		if status != http.StatusOK || !strings.HasSuffix(r.URL.Path, path) {
			return body
		}
		d := json.NewDecoder(bytes.NewReader(body))
		d.UseNumber()
		var list []map[string]any
		if d.Decode(&list) != nil {
			return body
		}
		out, err := json.Marshal(change(list))
		if err != nil {
			return body
		}
		return out
	}
}

// fields changes keys of a body.
func fields(body []byte, set map[string]any) []byte {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var m map[string]any
	if d.Decode(&m) != nil {
		return body
	}
	maps.Copy(m, set)
	out, err := json.Marshal(m)
	if err != nil {
		return body
	}
	return out
}

// twice gives each row two times, one of them far away.
func twice(list []map[string]any) []map[string]any {
	return slices.Insert(slices.Clone(list), 0, list...)
}

// tagsAutomations tells whether the server knows tags of automations.
func (b *bench) tagsAutomations(t *testing.T) bool {
	t.Helper()
	version, err := b.api.Version(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	release, err := prefect.ParseRelease(version)
	return err == nil && release.AtLeast(prefect.FullAutomations())
}

// automate makes an automation that runs deployments and belongs to none; it is deleted at the end.
func (b *bench) automate(t *testing.T, name string, tags []string, runs ...string) (id string) {
	t.Helper()
	actions := []any{}
	for _, run := range runs {
		actions = append(actions, map[string]any{"type": "run-deployment", "source": "selected", "deployment_id": run})
	}
	body := map[string]any{
		"name": name, "actions": actions,
		"trigger": map[string]any{"type": "event", "posture": "Reactive", "expect": []any{"x"}, "threshold": 1, "within": 0},
	}
	if b.tagsAutomations(t) {
		body["tags"] = tags
	}
	api := b.api
	made, err := api.CreateAutomation(t.Context(), "00000000-0000-4000-8000-000000000000", body)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = api.DeleteAutomation(deadline(t), made.ID) })
	return made.ID
}

// deadline gives a context for cleaning up.
func deadline(t *testing.T) context.Context { return context.WithoutCancel(t.Context()) }

// read gets one thing from the API; nil when it is not there.
func read(t *testing.T, address string) map[string]any {
	t.Helper()
	for range 20 {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		var out map[string]any
		err = json.NewDecoder(resp.Body).Decode(&out)
		_ = resp.Body.Close()
		switch {
		case resp.StatusCode == http.StatusNotFound:
			return nil
		case resp.StatusCode == http.StatusOK && err == nil:
			return out
		}
	}
	t.Fatalf("GET %s: no answer", address)
	return nil
}
