package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"

	"github.com/flowmage/flowmage/tasks/prefect"
)

// sent is a request that went to a server, and what came back.
type sent struct {
	Method, Path string // with its query
	Body         string
	Status       int
	Answer       string

	began, ended int // places in the order of everything that began and ended
}

func (s *sent) writes() bool { return prefect.IsWrite(s.Method, s.Path) }

type sentKey struct{}

// wire is a way to a server that keeps what goes along it, in the order in which it began.
type wire struct {
	mu    sync.Mutex
	clock int
	calls []*sent
}

// tap puts a wire before the server, gives the address of its end to do, and then all that was sent.
func tap(api string, do func(api string) error) ([]*sent, error) {
	target, err := url.Parse(strings.TrimSuffix(api, "/api"))
	if err != nil {
		return nil, err
	}
	w := &wire{}
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.ModifyResponse = w.answered
	server := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(out, err.Error(), http.StatusBadRequest)
			return
		}
		call := w.begin(r, body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		r.Header.Del("Accept-Encoding") // what is kept must be readable
		proxy.ServeHTTP(out, r.WithContext(context.WithValue(r.Context(), sentKey{}, call)))
	}))
	defer server.Close()
	err = do(server.URL + "/api")
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.calls, err
}

func (w *wire) begin(r *http.Request, body []byte) *sent {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.clock++
	call := &sent{Method: r.Method, Path: r.URL.RequestURI(), Body: string(body), began: w.clock}
	w.calls = append(w.calls, call)
	return call
}

// answered keeps an answer, but for what is a stream from then on.
func (w *wire) answered(resp *http.Response) error {
	var text []byte
	if resp.StatusCode != http.StatusSwitchingProtocols {
		var err error
		if text, err = io.ReadAll(resp.Body); err != nil {
			return err
		}
		resp.Body = io.NopCloser(bytes.NewReader(text))
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.clock++
	if call, ok := resp.Request.Context().Value(sentKey{}).(*sent); ok {
		call.Status, call.Answer, call.ended = resp.StatusCode, string(text), w.clock
	}
	return nil
}
