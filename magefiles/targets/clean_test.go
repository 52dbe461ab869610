//go:build unix

package targets

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/lock"
	"github.com/flowmage/flowmage/tasks/ownership"
	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/prerequisite"
	"github.com/flowmage/flowmage/tasks/receipt"
)

// gate passes requests on to a server and holds the first one of a kind up until it is opened.
type gate struct {
	api           string
	reached, open chan struct{}
}

func newGate(t *testing.T, api string, holds func(*http.Request) bool) *gate {
	t.Helper()
	target, err := url.Parse(strings.TrimSuffix(api, "/api"))
	if err != nil {
		t.Fatal(err)
	}
	g := &gate{reached: make(chan struct{}), open: make(chan struct{})}
	proxy := httputil.NewSingleHostReverseProxy(target)
	first := make(chan struct{}, 1)
	first <- struct{}{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if holds(r) {
			select {
			case <-first:
				close(g.reached)
				<-g.open
			default:
			}
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	g.api = server.URL + "/api"
	return g
}

// TestCleanBesideDeploy runs a clean and a deploy at once, in every order. Whatever is there in the end has its history, and nothing else has one.
func TestCleanBesideDeploy(t *testing.T) {
	t.Parallel()
	taking := func(r *http.Request) bool {
		return strings.HasSuffix(r.URL.Path, "/concurrency_limits/increment-with-lease")
	}
	leaving := func(r *http.Request) bool {
		return r.Method == http.MethodDelete && strings.Contains(r.URL.Path, "/concurrency_limits/")
	}
	creating := func(r *http.Request) bool {
		return r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/deployments/")
	}
	for name, test := range map[string]struct {
		held      []string                 // the command that is held up
		at        func(*http.Request) bool // this request
		meanwhile []string
		waits     bool // the other one waits for the first
		left      int
	}{
		"deploy after clean's list":      {[]string{"deploy:clean", "-yes"}, taking, []string{"deploy:all"}, false, 0},
		"clean after deploy's plan":      {[]string{"deploy:all"}, taking, []string{"deploy:clean", "-yes"}, false, 3},
		"deploy waits for clean":         {[]string{"deploy:clean", "-yes"}, leaving, []string{"deploy:all"}, true, 3},
		"clean waits for deploy":         {[]string{"deploy:all"}, creating, []string{"deploy:clean", "-yes"}, true, 0},
		"deploy after one's clean list":  {[]string{"deploy:clean", "-yes", "-only=FLOW-1"}, taking, []string{"deploy:all"}, false, 2},
		"one's clean after deploys plan": {[]string{"deploy:all"}, taking, []string{"deploy:clean", "-yes", "-only=FLOW-1"}, false, 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			project := "beside-" + strings.ToLower(strings.ReplaceAll(strings.ReplaceAll(name, " ", "-"), "'", ""))
			s := newStage(t, project, 2, nil)
			s.run(t, 0, "deploy:all")
			s.edit(t, "flows/third/workflow.py", fmt.Sprintf(servedFlow, project+"-3"))
			g := newGate(t, prerequisite.Server(t), test.at)
			named := func(words []string) []string {
				out := []string{}
				for _, w := range words {
					out = append(out, strings.ReplaceAll(w, "FLOW", project))
				}
				return out
			}
			held := s.with("PREFECT_API_URL="+g.api).start(t, named(test.held)...)
			<-g.reached
			other := s.start(t, named(test.meanwhile)...)
			if test.waits {
				other.stderr.await(t, "waiting for the lock")
				close(g.open)
			}
			a := other.wait(t)
			if !test.waits {
				close(g.open)
			}
			b := held.wait(t)
			if a.code != 0 || b.code != 0 {
				t.Fatalf("%d\n%s\n%d\n%s", a.code, a.stderr, b.code, b.stderr)
			}
			s.consistent(t, project, test.left)
			s.run(t, 0, "deploy:clean", "-yes")
		})
	}
}

// consistent checks that what is there has a history which tells of all of it.
func (s *stage) consistent(t *testing.T, project string, left int) {
	t.Helper()
	owner := ownership.Owner{Project: project, Env: "dev"}
	list, err := s.api.Deployments(t.Context(), prefect.DeploymentFilter{Tags: []string{owner.Tag()}})
	if err != nil || len(list) != left {
		t.Errorf("%d deployments are left, not %d: %v", len(list), left, err)
	}
	var history []map[string]any
	if err := json.Unmarshal([]byte(s.run(t, 0, "deploy:history", "-json").stdout), &history); err != nil {
		t.Fatal(err)
	}
	if (len(history) > 0) != (left > 0) {
		t.Errorf("%d deployments, %d receipts", left, len(history))
	}
	if left == 0 {
		return
	}
	receipts, err := receipt.History(t.Context(), s.api, owner, 0)
	if err != nil {
		t.Fatal(err)
	}
	last, err := receipt.Load(t.Context(), s.api, receipts[len(receipts)-1])
	if err != nil {
		t.Fatal(err)
	}
	want, got := map[string]bool{}, map[string]bool{}
	for _, d := range list {
		want[d.ID] = true
	}
	for _, e := range last.Entries {
		if e.Hash != "" {
			got[e.ID] = true
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error("the last receipt does not tell of what is there:", diff)
	}
	if _, known, err := lock.Held(t.Context(), s.api, owner); known || err != nil {
		t.Error("somebody still holds the lock", err)
	}
}
