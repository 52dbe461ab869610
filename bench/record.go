package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/flowmage/flowmage/tasks/prefect"
)

// replayWord is the first argument with which this program sends recorded creations.
const replayWord = "replay"

// record deploys to the server through a proxy and keeps the bodies of the creations.
func (m *many) record(ctx context.Context, api, file string) error {
	target, err := url.Parse(strings.TrimSuffix(api, "/api"))
	if err != nil {
		return err
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	var mu sync.Mutex
	var seen bytes.Buffer
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/deployments/") {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				http.Error(w, err.Error(), http.StatusBadRequest)
				return
			}
			mu.Lock()
			seen.Write(append(body, '\n'))
			mu.Unlock()
			r.Body = io.NopCloser(bytes.NewReader(body))
		}
		proxy.ServeHTTP(w, r)
	}))
	defer server.Close()
	if err := m.wipe(ctx, api); err != nil {
		return err
	}
	if _, err := m.tool(ctx, server.URL+"/api", "deploy:all"); err != nil {
		return err
	}
	return os.WriteFile(file, seen.Bytes(), 0o600)
}

// pretend deploys to nowhere: flows and deployments are answered as if they had been made. It gives the bodies of the creations, each
// with its flow's name in place of an id. All else is asked of the server.
func (m *many) pretend(ctx context.Context, api string) ([]string, error) {
	target, err := url.Parse(strings.TrimSuffix(api, "/api"))
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	proxy := httputil.NewSingleHostReverseProxy(target)
	var mu sync.Mutex
	var bodies []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		create := r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/deployments/")
		if !create && (r.Method != http.MethodPost || !strings.HasSuffix(r.URL.Path, "/flows/")) {
			proxy.ServeHTTP(w, r)
			return
		}
		var body struct{ Name string }
		text, err := io.ReadAll(r.Body)
		if err == nil {
			err = json.Unmarshal(text, &body)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		if create {
			mu.Lock()
			defer mu.Unlock()
			if bodies = append(bodies, string(text)); len(bodies) == m.n {
				cancel() // reading back would find nothing
			}
		}
		w.WriteHeader(http.StatusCreated)
		_ = json.NewEncoder(w).Encode(map[string]string{"id": body.Name, "name": body.Name}) // the tool may be gone
	}))
	defer server.Close()
	_, err = m.tool(ctx, server.URL+"/api", "deploy:all")
	mu.Lock()
	defer mu.Unlock()
	if len(bodies) != m.n {
		return nil, errors.Join(fmt.Errorf("%d of %d creations", len(bodies), m.n), err)
	}
	return bodies, nil
}

// replay sends recorded creations: replay URL FILE WRITERS.
func replay(ctx context.Context, args []string) error {
	if len(args) != 3 {
		return fmt.Errorf("replay takes 3 arguments, not %d", len(args))
	}
	writers, err := strconv.Atoi(args[2])
	if err != nil {
		return err
	}
	api, err := prefect.New(prefect.Options{URL: args[0]})
	if err != nil {
		return err
	}
	file, err := os.Open(args[1]) //nolint:gosec // our own caller names it
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // it was read only
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(writers)
	for lines.Scan() {
		var body map[string]any
		if err := json.Unmarshal(lines.Bytes(), &body); err != nil {
			return err
		}
		group.Go(func() error {
			_, err := api.CreateDeployment(ctx, body)
			return err
		})
	}
	return errors.Join(group.Wait(), lines.Err())
}
