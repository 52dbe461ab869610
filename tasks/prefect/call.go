package prefect

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// call is one request to the API.
type call struct {
	method string
	path   string     // below the API's address, its variable parts escaped: see route
	query  url.Values // may be nil
	in     any        // sent as JSON, nil for no body
	out    any        // filled from the answer, nil to ignore it
	root   bool       // path stands below the server's root, not the API's
	once   bool       // the request is not idempotent
	// again is asked before each repetition; its error ends the call. It may be nil.
	again func(context.Context) error
	limit time.Duration
}

// httpAnswer is what came back for a call.
type httpAnswer struct {
	status   int
	kind     string // the content type
	location string
	body     []byte
	token    string // the CSRF token that went with the request
	attempts int
	asked    time.Duration // the Retry-After of a refusal, 0 when there was none
	// impatient says that it was not waited for.
	impatient bool
}

func (a httpAnswer) ok() bool { return a.status >= 200 && a.status < 300 }

func (a httpAnswer) html() bool {
	return strings.HasPrefix(a.kind, "text/html") || bytes.HasPrefix(bytes.TrimSpace(a.body), []byte("<"))
}

// route joins a path, escaping each of its parts: names may hold spaces, colons and anything else but / and %.
func route(parts ...string) string {
	var b strings.Builder
	for _, p := range parts {
		b.WriteString("/" + url.PathEscape(p))
	}
	return b.String()
}

// do sends the call, repeats it as retry.go decides, and decodes the answer. The answer is returned with an error too, for callers
// that know what a certain refusal means after a repetition.
func (c *Client) do(ctx context.Context, k call) (httpAnswer, error) {
	got, err := c.send(ctx, k)
	if err == nil && got.refusesCSRF() && k.method != http.MethodGet {
		if err = c.csrf.learn(ctx, c, got.token); err == nil {
			got, err = c.send(ctx, k)
		}
	}
	if err != nil {
		return got, err
	}
	if !got.ok() || got.html() {
		return got, c.refused(k, got)
	}
	if k.out == nil || got.status == http.StatusNoContent {
		return got, nil
	}
	if heavy(got.body) {
		return got, c.tooLarge(k, errTooLarge)
	}
	if err := decode(got.body, k.out); err != nil {
		return got, c.foreign(k, got, err)
	}
	return got, nil
}

// get asks for what stands at a path; [IsNotFound] tells when nothing does.
func get[T any](ctx context.Context, c *Client, path string) (out T, err error) {
	_, err = c.do(ctx, call{method: http.MethodGet, path: path, out: &out})
	return out, err
}

// post sends what may be sent again, and gives the answer.
func post[T any](ctx context.Context, c *Client, path string, in any) (out T, err error) {
	_, err = c.do(ctx, call{method: http.MethodPost, path: path, in: in, out: &out})
	return out, err
}

// patch changes the given fields of what stands at a path.
func (c *Client) patch(ctx context.Context, path string, fields map[string]any) error {
	_, err := c.do(ctx, call{method: http.MethodPatch, path: path, in: fields})
	return err
}

// delete removes what stands at a path. A 404 to a repeated request means that an earlier attempt did it though its answer was lost.
func (c *Client) delete(ctx context.Context, path string) error {
	got, err := c.do(ctx, call{method: http.MethodDelete, path: path})
	if got.attempts > 1 && IsNotFound(err) {
		return nil
	}
	return err
}

// ifThere tells whether what was asked for is there, where that is no error.
func ifThere[T any](v T, err error) (T, bool, error) {
	if IsNotFound(err) {
		return *new(T), false, nil
	}
	return v, err == nil, err
}

// decode keeps numbers inside free-form values as json.Number: parameters may hold integers that no float64 holds.
func decode(body []byte, out any) error {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var err error
	if l, ok := out.(interface{ decode(d *json.Decoder) error }); ok {
		err = l.decode(d)
	} else {
		err = d.Decode(out)
	}
	if err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("more than one JSON value")
	}
	return nil
}

// elements are a long list in an answer. It is decoded one element after the other, because a decoder keeps what it has not decoded yet a
// second time.
type elements[T any] []T

func (l *elements[T]) decode(d *json.Decoder) error {
	if start, err := d.Token(); err != nil || start != json.Delim('[') {
		return cmp.Or(err, fmt.Errorf("a list was expected, not %v", start))
	}
	out := elements[T]{}
	for d.More() {
		if len(out) == maxRows {
			return fmt.Errorf("a list of more than %d", maxRows)
		}
		out = append(out, *new(T))
		if err := d.Decode(&out[len(out)-1]); err != nil {
			return err
		}
	}
	*l = out
	_, err := d.Token()
	return err
}

// send is one request with its repetitions. Its error says why no answer came.
func (c *Client) send(ctx context.Context, k call) (httpAnswer, error) {
	policy := &attempts{client: c, route: k.path, once: k.once, limit: c.timeoutOf(k)}
	ctx = context.WithValue(ctx, attemptKey{}, policy)
	if c.await != nil {
		defer c.await(func() string { return policy.describe(k) })()
	}
	r, err := c.request(ctx, k)
	if err != nil {
		return httpAnswer{}, err
	}
	retrying := &retryablehttp.Client{
		HTTPClient: &http.Client{
			Transport: c.transport,
			// A redirect leads to a login page, to another host or from http to https: all for the user to know, none to follow.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		RetryMax:       math.MaxInt32, // the policy counts by itself, each kind of trouble on its own
		CheckRetry:     policy.check,
		Backoff:        policy.wait,
		ErrorHandler:   retryablehttp.PassthroughErrorHandler,
		RequestLogHook: func(_ retryablehttp.Logger, _ *http.Request, n int) { policy.number = n + 1 },
	}
	var ended error
	if k.again != nil {
		retrying.PrepareRetry = func(*http.Request) error {
			ended = k.again(ctx)
			return ended
		}
	}
	resp, err := retrying.Do(r) //nolint:bodyclose // it is in memory
	if ended != nil {
		return httpAnswer{attempts: policy.number}, ended
	}
	if err != nil {
		return httpAnswer{attempts: policy.number}, c.unanswered(ctx, k, policy, err)
	}
	body, _ := resp.Body.(wholeBody) // as the transport gives it
	asked, _ := retryAfter(resp.Header, c.now())
	return httpAnswer{
		asked: asked, status: resp.StatusCode, kind: resp.Header.Get("Content-Type"), location: resp.Header.Get("Location"),
		body: body.text, token: r.Header.Get(csrfHeader), attempts: policy.number, impatient: policy.impatient,
	}, nil
}

func (c *Client) request(ctx context.Context, k call) (*retryablehttp.Request, error) {
	var body any // an untyped nil is "no body" to retryablehttp
	if k.in != nil {
		data, err := json.Marshal(k.in)
		if err != nil {
			return nil, fmt.Errorf("%s %s: the body can't be written as JSON: %w", k.method, k.path, err)
		}
		body = data // bytes give a Content-Length, without which Cloud answers 411
	}
	r, err := retryablehttp.NewRequestWithContext(ctx, k.method, c.address(k), body)
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", k.method, k.path, err)
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if k.method != http.MethodGet {
		if err := c.csrf.apply(ctx, c, r.Header); err != nil {
			return nil, err
		}
	}
	return r, nil
}

func (c *Client) address(k call) string {
	base := c.URL()
	if k.root {
		base = c.root()
	}
	if len(k.query) > 0 {
		return base + k.path + "?" + k.query.Encode()
	}
	return base + k.path
}

// root is where the server's UI lives: the API's address without /api, or the bare host where the API stands elsewhere.
func (c *Client) root() string {
	if root, ok := strings.CutSuffix(c.URL(), "/api"); ok {
		return root
	}
	return origin(c.base)
}

func (c *Client) timeoutOf(k call) time.Duration {
	switch {
	case k.limit > 0 && (c.timeout <= 0 || k.limit < c.timeout):
		return k.limit
	case c.timeout > 0:
		return c.timeout
	case IsWrite(k.method, k.path):
		return writeTimeout
	default:
		return readTimeout
	}
}

// IsWrite tells whether a request changes something on the server: any but GET and HEAD, and POST to …/filter, …/count,
// …/paginate and …/count-by. The path may have a query or not.
func IsWrite(method, path string) bool {
	switch method {
	case http.MethodGet, http.MethodHead, "":
		return false
	case http.MethodPost:
		path, _, _ = strings.Cut(path, "?")
		parts := strings.Split(strings.TrimRight(path, "/"), "/")
		last := parts[len(parts)-1]
		if len(parts) > 1 && parts[len(parts)-2] == "count-by" { // …/count-by/event
			return false
		}
		return last != "filter" && last != "count" && last != "paginate" && last != "count-by"
	default:
		return true
	}
}
