package prefect

import (
	"context"
	"crypto/rand"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// csrfMargin is how long before its end a token is renewed. Tokens live an hour.
const csrfMargin = time.Minute

// csrf holds the token of servers that protect their writes with one. It is learnt from the first refusal, because most servers
// don't: they cost no request.
type csrf struct {
	mutex  sync.Mutex
	client string // who we are to the server, once for the life of the client
	token  string // empty: none needed so far
	until  time.Time
}

// apply sets the headers if a token is needed, renewing one that is about to end.
func (s *csrf) apply(ctx context.Context, c *Client, h http.Header) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.token == "" {
		return nil
	}
	if !c.now().Before(s.until.Add(-csrfMargin)) {
		if err := s.fetch(ctx, c); err != nil {
			return err
		}
	}
	h.Set(csrfHeader, s.token)
	h.Set(csrfFromHeader, s.client)
	return nil
}

// learn fetches a token after a request with the given one was refused, unless another request has just done so: a new token
// makes the server forget the one before.
func (s *csrf) learn(ctx context.Context, c *Client, refused string) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.token != refused {
		return nil
	}
	return s.fetch(ctx, c)
}

func (s *csrf) fetch(ctx context.Context, c *Client) error {
	if s.client == "" {
		s.client = rand.Text()
	}
	var got struct {
		Token      string    `json:"token"`
		Expiration time.Time `json:"expiration"`
	}
	_, err := c.do(ctx, call{
		method: http.MethodGet, path: "/csrf-token", query: url.Values{"client": {s.client}}, out: &got,
	})
	if err != nil {
		return err
	}
	s.token, s.until = got.Token, got.Expiration
	return nil
}

// refusesCSRF tells whether the server wants a (better) token. Prefect: server/api/csrf_token.py.
func (a httpAnswer) refusesCSRF() bool {
	if a.status != http.StatusForbidden {
		return false
	}
	message := strings.ToLower(parseError(a.body).Message)
	return strings.Contains(message, "csrf token") || strings.Contains(message, "client identifier")
}
