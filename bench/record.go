package main

import (
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

// creation is what made a deployment.
type creation struct {
	Flow string
	Body json.RawMessage
}

// record deploys to the server and keeps the creations.
func (m *many) record(ctx context.Context, api, file string) error {
	if err := m.wipe(ctx, api); err != nil {
		return err
	}
	if err := pause(ctx, settle); err != nil {
		return err
	}
	calls, err := tap(api, func(api string) error {
		_, err := m.tool(ctx, api, "deploy:all")
		return err
	})
	if err != nil {
		return err
	}
	list, err := creations(calls)
	if err != nil {
		return err
	}
	data, err := json.Marshal(list)
	return errors.Join(err, os.WriteFile(file, data, 0o600))
}

// creations are what made something: what a busy server refused was sent again, and must not be sent twice by whoever repeats it.
func creations(calls []*sent) ([]creation, error) {
	var list []creation
	for _, c := range calls {
		if c.Method != http.MethodPost || !strings.HasSuffix(c.Path, "/deployments/") || c.Status != http.StatusCreated {
			continue
		}
		var named struct{ Name string }
		if err := json.Unmarshal([]byte(c.Body), &named); err != nil {
			return nil, err
		}
		list = append(list, creation{strings.TrimSuffix(named.Name, "-python-dev"), json.RawMessage(c.Body)})
	}
	return list, nil
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
	data, err := os.ReadFile(args[1]) //nolint:gosec // our own caller names it
	if err != nil {
		return err
	}
	var list []creation
	if err := json.Unmarshal(data, &list); err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(writers)
	for _, c := range list {
		group.Go(func() error {
			var body map[string]any
			if err := json.Unmarshal(c.Body, &body); err != nil {
				return err
			}
			_, err := api.MakeDeployment(ctx, c.Flow, body)
			if errors.Is(err, prefect.ErrThere) { // made by an attempt whose answer was lost
				return nil
			}
			return err
		})
	}
	return group.Wait()
}
