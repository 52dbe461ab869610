package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// registry is a server that gives things ids of its own choosing, and takes them back by these alone.
type registry struct {
	mu    sync.Mutex
	made  int
	there map[string]bool
	log   []string
}

func (s *registry) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	s.log = append(s.log, strings.TrimSpace(r.Method+" "+r.URL.RequestURI()+" "+string(body)))
	id, isThing := strings.CutPrefix(r.URL.Path, "/api/things/")
	switch {
	case r.Method == http.MethodPost && isThing:
		s.made++
		id := fmt.Sprintf("00000000-0000-0000-0000-%012d", s.made)
		s.there[id] = true
		w.WriteHeader(http.StatusCreated)
		_ = json.NewEncoder(w).Encode(map[string]any{"things": []any{map[string]any{"id": id, "name": "a"}}})
	case r.Method == http.MethodDelete && s.there[id]:
		delete(s.there, id)
		w.WriteHeader(http.StatusNoContent)
	case r.Method == http.MethodGet, strings.HasSuffix(r.URL.Path, "/artifacts/"):
		_, _ = io.WriteString(w, "[]")
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

// What was sent once can be sent again: in the order of the first time, with ids that the server gives now, and with receipts out of the way.
func TestAgain(t *testing.T) {
	t.Parallel()
	fake := &registry{there: map[string]bool{}}
	server := httptest.NewServer(fake)
	defer server.Close()
	calls, err := tap(server.URL+"/api", func(api string) error {
		ask(t, http.MethodGet, api+"/all?limit=3", "")
		ask(t, http.MethodPost, api+"/things/", `{"name":"a"}`)
		ask(t, http.MethodPost, api+"/artifacts/", `{"key":"receipt","of":"00000000-0000-0000-0000-000000000001"}`)
		ask(t, http.MethodDelete, api+"/things/00000000-0000-0000-0000-000000000001", "")
		return nil
	})
	if err != nil || len(calls) != 4 || writesOf(calls) != 3 {
		t.Fatal(calls, err)
	}
	file := filepath.Join(t.TempDir(), "again.json")
	busy := sent{Method: http.MethodPost, Path: "/api/things/", Status: http.StatusServiceUnavailable}
	if err := repeatable(slices.Insert(calls, 1, &busy), file); err != nil {
		t.Fatal(err)
	}
	fake.log = nil
	if err := again(t.Context(), []string{server.URL + "/api", file}); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"GET /api/all?limit=3",
		`POST /api/things/ {"name":"a"}`,
		`POST /api/artifacts/ {"key":"receipt-floor","of":"00000000-0000-0000-0000-000000000002"}`,
		"DELETE /api/things/00000000-0000-0000-0000-000000000002",
	}
	if diff := cmp.Diff(want, fake.log); diff != "" {
		t.Error(diff)
	}
}

// Who is answered otherwise than the first time measures something else.
func TestAnotherAnswer(t *testing.T) {
	t.Parallel()
	fake := &registry{there: map[string]bool{}}
	server := httptest.NewServer(fake)
	defer server.Close()
	file := filepath.Join(t.TempDir(), "again.json")
	if err := repeatable([]*sent{{Method: http.MethodDelete, Path: "/api/things/1", Status: http.StatusNoContent}}, file); err != nil {
		t.Fatal(err)
	}
	err := again(t.Context(), []string{server.URL + "/api", file})
	if err == nil || !strings.Contains(err.Error(), "answered with 204 the first time, and with 404 now") {
		t.Error(err)
	}
}

func ask(t *testing.T, method, url, body string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close() //nolint:errcheck // nothing of it is wanted
	if answer.StatusCode >= http.StatusBadRequest {
		t.Errorf("%s %s: %s", method, url, answer.Status)
	}
}

func TestSameReads(t *testing.T) {
	t.Parallel()
	read := &sent{Method: http.MethodPost, Path: "/api/flows/filter", Body: `{"limit":200}`}
	page := &sent{Method: http.MethodPost, Path: "/api/flows/filter", Body: `{"limit":200,"offset":200}`}
	write := &sent{Method: http.MethodPost, Path: "/api/flows/"}
	for name, test := range map[string]struct {
		ours, floor []*sent
		wrong       string
	}{
		"the same, in another order": {[]*sent{read, page}, []*sent{page, read}, ""},
		"without our writes":         {[]*sent{read, write}, []*sent{read}, ""},
		"one less":                   {[]*sent{read, page}, []*sent{read}, `-1 POST /api/flows/filter {"limit":200,"offset":200}`},
		"one twice":                  {[]*sent{read}, []*sent{read, read}, "+1 POST /api/flows/filter"},
		"a write":                    {[]*sent{read, write}, []*sent{read, write}, "+1 POST /api/flows/"},
	} {
		err := sameReads(test.ours, test.floor)
		if (err == nil) != (test.wrong == "") || err != nil && !strings.Contains(err.Error(), test.wrong) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Only what has made a deployment is made again: not what a busy server refused, nor anything else.
func TestCreations(t *testing.T) {
	t.Parallel()
	body := `{"name":"one-python-dev","flow_id":"1"}`
	got, err := creations([]*sent{
		{Method: http.MethodPost, Path: "/api/deployments/", Body: body, Status: http.StatusServiceUnavailable},
		{Method: http.MethodPost, Path: "/api/deployments/", Body: body, Status: http.StatusCreated},
		{Method: http.MethodPost, Path: "/api/deployments/filter", Body: `{}`, Status: http.StatusOK},
		{Method: http.MethodPost, Path: "/api/flows/", Body: `{"name":"one"}`, Status: http.StatusCreated},
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]creation{{"one", json.RawMessage(body)}}, got); diff != "" {
		t.Error(diff)
	}
}
