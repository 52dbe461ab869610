package prefect

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/flowmage/flowmage/tasks/fault"
)

// script is a server that gives one prepared reply after the other, the last one for ever, and keeps what it was asked.
type script struct {
	mutex   sync.Mutex
	replies []reply
	asked   []asked
}

type asked struct {
	Method string
	Path   string // as it came over the wire, escaped, with query
	Body   string
	header http.Header
	length int64
}

type reply func(w http.ResponseWriter, r *http.Request)

func (s *script) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	s.mutex.Lock()
	s.asked = append(s.asked, asked{r.Method, r.RequestURI, string(body), r.Header.Clone(), r.ContentLength})
	next := s.replies[0]
	if len(s.replies) > 1 {
		s.replies = s.replies[1:]
	}
	s.mutex.Unlock()
	next(w, r)
}

func (s *script) requests() []asked {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return append([]asked(nil), s.asked...)
}

// says gives a reply with a JSON body and headers in pairs.
func says(status int, body string, header ...string) reply {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// resets breaks the connection without an answer.
func resets(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

// breaksOff announces more than it sends.
func breaksOff(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "100")
	_, _ = io.WriteString(w, `{"id":`)
	if f, ok := w.(http.Flusher); ok {
		f.Flush()
	}
	panic(http.ErrAbortHandler)
}

const busy = `{"exception_message":"Service Unavailable"}`

func repeat(n int, r reply) []reply {
	out := make([]reply, n)
	for i := range out {
		out[i] = r
	}
	return out
}

// waits records the pauses that the client would make.
type waits struct {
	mutex sync.Mutex
	list  []time.Duration
}

func (w *waits) pause(d time.Duration) time.Duration {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.list = append(w.list, d)
	return 0
}

// serve starts a scripted server and gives a client to it that never waits.
func serve(t *testing.T, replies ...reply) (*Client, *script, *waits) {
	t.Helper()
	return serveWith(t, Options{}, replies...)
}

func serveWith(t *testing.T, o Options, replies ...reply) (*Client, *script, *waits) {
	t.Helper()
	s := &script{replies: replies}
	server := httptest.NewUnstartedServer(s)
	server.Config.ErrorLog = nil
	server.Start()
	t.Cleanup(server.Close)
	o.URL = server.URL + "/api"
	c, w := client(t, o)
	return c, s, w
}

func client(t *testing.T, o Options) (*Client, *waits) {
	t.Helper()
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	w := &waits{}
	c.pause, c.random = w.pause, func() float64 { return 0 }
	return c, w
}

// wantFault checks that err is a fault of the server with a next step, whose text has all the parts.
func wantFault(t *testing.T, err error, parts ...string) {
	t.Helper()
	_ = faultOf(t, err, fault.Server, parts...)
}

// faultOf does so for any code and gives the fault.
func faultOf(t *testing.T, err error, code fault.Code, parts ...string) *fault.Error {
	t.Helper()
	f, ok := errors.AsType[*fault.Error](err)
	if !ok {
		t.Fatalf("got %v (%T), want a fault", err, err)
	}
	if f.Code != code || f.What == "" || f.Next == "" {
		t.Errorf("incomplete fault: %+v", f)
	}
	text := f.Error() + " | " + f.Next
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%q lacks %q", text, part)
		}
	}
	return f
}

func object(t *testing.T, text string) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	return m
}
