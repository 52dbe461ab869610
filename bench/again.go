package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// againWord is the first argument with which this program sends what was sent before.
const againWord = "again"

// repeated is a request to be sent again, after those whose answers were there before it began the first time. The order, and what goes side by
// side, are thus the same.
type repeated struct {
	sent

	After []int
}

// repeatable puts what was sent into a file, without what a busy server refused and had sent again. Receipts get a key of their own: ours must find the latest one of ours.
func repeatable(calls []*sent, file string) error {
	calls = slices.DeleteFunc(slices.Clone(calls), func(c *sent) bool { return c.Status == http.StatusServiceUnavailable })
	list := make([]repeated, 0, len(calls))
	for _, c := range calls {
		next := repeated{sent: *c}
		if strings.HasSuffix(c.Path, "/artifacts/") {
			next.Body = artifactKey.ReplaceAllString(c.Body, `${1}-floor"`)
		}
		for k, earlier := range calls {
			if earlier.ended > 0 && earlier.ended < c.began {
				next.After = append(next.After, k)
			}
		}
		list = append(list, next)
	}
	data, err := json.Marshal(list)
	if err != nil {
		return err
	}
	return os.WriteFile(file, data, 0o600)
}

var (
	artifactKey = regexp.MustCompile(`("key":"[^"]*)"`)
	uuid        = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)
)

// again is the floor of a deploy that changes something: again URL FILE. Answers to reads are received and not decoded.
func again(ctx context.Context, args []string) error {
	if len(args) != 2 {
		return fmt.Errorf("again takes 2 arguments, not %d", len(args))
	}
	data, err := os.ReadFile(args[1]) //nolint:gosec // our own caller names it
	if err != nil {
		return err
	}
	r := &repetition{api: strings.TrimSuffix(args[0], "/api"), ids: map[string]string{}}
	r.client.Transport = &http.Transport{MaxIdleConnsPerHost: 100}
	if err := json.Unmarshal(data, &r.list); err != nil {
		return err
	}
	return r.run(ctx)
}

// repetition is the sending of a list of requests. Ids that the server gives anew take the place of those that it gave the first time.
type repetition struct {
	api    string
	client http.Client
	list   []repeated

	mu  sync.Mutex
	ids map[string]string
}

func (r *repetition) run(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	done := make([]chan struct{}, len(r.list))
	for i := range done {
		done[i] = make(chan struct{})
	}
	var group sync.WaitGroup
	for i, call := range r.list {
		group.Go(func() {
			defer close(done[i])
			for _, k := range call.After {
				<-done[k]
			}
			if err := r.send(ctx, call.sent); err != nil {
				cancel(err)
			}
		})
	}
	group.Wait()
	return context.Cause(ctx)
}

// send sends one request, again while the server is busy, as ours does. Another answer than the first time is an error: then something else
// would be measured.
func (r *repetition) send(ctx context.Context, call sent) error {
	for tries := 0; ; tries++ {
		status, text, err := r.ask(ctx, call)
		if err != nil {
			return err
		}
		if status == call.Status {
			return r.learn(call, text)
		}
		if status != http.StatusServiceUnavailable || tries == 5 {
			return fmt.Errorf("%s %s was answered with %d the first time, and with %d now: %.300s", call.Method, call.Path, call.Status, status, text)
		}
		if err := pause(ctx, 500*time.Millisecond); err != nil {
			return err
		}
	}
}

func (r *repetition) ask(ctx context.Context, call sent) (status int, text []byte, err error) {
	request, err := http.NewRequestWithContext(ctx, call.Method, r.api+r.renamed(call.Path), strings.NewReader(r.renamed(call.Body)))
	if err != nil {
		return 0, nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	answer, err := r.client.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer answer.Body.Close() //nolint:errcheck // it was read
	text, err = io.ReadAll(answer.Body)
	return answer.StatusCode, text, err
}

func (r *repetition) renamed(text string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	for old, now := range r.ids {
		text = strings.ReplaceAll(text, old, now)
	}
	return text
}

// learn finds the ids of what a write has made.
func (r *repetition) learn(call sent, text []byte) error {
	if !call.writes() || len(text) == 0 {
		return nil
	}
	var before, now any
	if err := cmp.Or(json.Unmarshal([]byte(call.Answer), &before), json.Unmarshal(text, &now)); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.match(before, now)
	return nil
}

func (r *repetition) match(before, now any) {
	switch before := before.(type) {
	case string:
		if now, ok := now.(string); ok && now != before && uuid.MatchString(before) {
			r.ids[before] = now
		}
	case map[string]any:
		if now, ok := now.(map[string]any); ok {
			for k, v := range before {
				r.match(v, now[k])
			}
		}
	case []any:
		if now, ok := now.([]any); ok && len(now) == len(before) {
			for i, v := range before {
				r.match(v, now[i])
			}
		}
	}
}
