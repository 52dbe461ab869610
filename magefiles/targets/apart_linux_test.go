package targets

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/prerequisite"
	"github.com/flowmage/flowmage/tasks/receipt"
)

const (
	apartProject = "deploys-apart"
	apartFlow    = apartProject + "-1"
	apartLease   = 60 * time.Second // for which a deploy holds the lock without a sign of life
)

// barrier stands between deploys and their server, and holds up who writes to a deployment, as only the holder of the lock may.
type barrier struct {
	opened chan struct{} // closed when they may go on

	mu    sync.Mutex
	came  []string // who wants to write, in order
	wrote []string // who has written
}

func newBarrier() *barrier { return &barrier{opened: make(chan struct{})} }

func (b *barrier) note(list *[]string, name string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	*list = append(*list, name)
}

// first waits for somebody to come who wants to write.
func (b *barrier) first(t *testing.T) string {
	t.Helper()
	var name string
	await(t, "a deploy is about to write", hangs, func() bool {
		b.mu.Lock()
		defer b.mu.Unlock()
		if len(b.came) > 0 {
			name = b.came[0]
		}
		return name != ""
	})
	return name
}

func (b *barrier) has(name string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Contains(b.came, name)
}

// way gives an address at which the server is reached through the barrier, for one whom it knows by that name.
func (b *barrier) way(t *testing.T, api, name string) string {
	t.Helper()
	target, err := url.Parse(strings.TrimSuffix(api, "/api"))
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.Transport = &http.Transport{DisableKeepAlives: true} // the server ends connections that nobody uses just when they are used again
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if prefect.IsWrite(r.Method, r.URL.Path) && strings.HasPrefix(r.URL.Path, "/api/deployments") {
			body, err := io.ReadAll(r.Body) // or the end of the client would not be noticed
			if err != nil {
				return
			}
			r.Body = io.NopCloser(bytes.NewReader(body))
			b.note(&b.came, name)
			select {
			case <-b.opened:
			case <-r.Context().Done(): // it was killed
				return
			}
			b.note(&b.wrote, name)
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL + "/api"
}

// checkouts are two of one repository, each with its own description of the flow.
type checkouts struct {
	*stage

	other *stage
	apart []string // the beginning of a line that starts a program in a namespace of its own
	count int
}

// deploying starts a deploy in a namespace of its own, or in ours, with something to write that nobody has written before. It gives what that is.
func (c *checkouts) deploying(t *testing.T, b *barrier, name string, apart bool) (*running, string) {
	t.Helper()
	s := c.stage
	if name == "other" {
		s = c.other
	}
	c.count++
	text := fmt.Sprintf("the %s one, %d", name, c.count)
	l := s.with("PREFECT_API_URL="+b.way(t, prerequisite.Server(t), name), "FLOWMAGE_FLOWS__DEPLOYS_APART_1__DESCRIPTION="+text)
	args := []string{"deploy:all", "-wait=5m"}
	if apart {
		args = slices.Concat(c.apart[1:], []string{l.mage}, args)
		l.mage = c.apart[0]
	}
	return l.start(t, args...), text
}

// TestDeploysApart deploys one project by two commands at the same time, in two namespaces of processes with one host name, as two containers
// on a machine would. Both have the process number 1.
func TestDeploysApart(t *testing.T) {
	t.Parallel()
	c := &checkouts{
		stage: newStage(t, apartProject, 1, nil), other: newStage(t, apartProject, 1, nil),
		apart: prerequisite.Unshared(t, "--mount-proc", "--uts", "--kill-child"),
	}
	for range prerequisite.Size(2, 20) {
		c.together(t)
	}
	for range prerequisite.Size(1, 5) {
		c.killedHere(t)
	}
	c.killedElsewhere(t)
	c.receiptsInOrder(t)
	c.run(t, 0, "deploy:clean", "-yes")
}

// together starts two at once: one waits for as long as the other holds the lock, and goes on from what that has left.
func (c *checkouts) together(t *testing.T) {
	t.Helper()
	before := len(c.receipts(t, apartProject))
	b := newBarrier()
	deploys, texts := map[string]*running{}, map[string]string{}
	for _, name := range []string{"one", "other"} {
		deploys[name], texts[name] = c.deploying(t, b, name, true)
	}
	first := b.first(t)
	second := map[string]string{"one": "other", "other": "one"}[first]
	await(t, "the second deploy tells that it waits, or writes", hangs, func() bool {
		return strings.Contains(deploys[second].stderr.String(), "waiting for the lock") || b.has(second)
	})
	if b.has(second) {
		t.Fatalf("the lock of a living deploy was taken:\n%s", deploys[second].stderr)
	}
	close(b.opened)
	for _, name := range []string{first, second} {
		if a := deploys[name].wait(t); a.code != 0 || !strings.Contains(a.stdout, apartFlow+"-python-dev") {
			t.Fatalf("the %s one: exit code %d\n%s\n%s", name, a.code, a.stdout, a.stderr)
		}
	}
	if diff := cmp.Diff([]string{first, second}, slices.Compact(b.wrote)); diff != "" {
		t.Errorf("who wrote (-want +got):\n%s", diff)
	}
	if got := c.description(t); got != texts[second] {
		t.Errorf("what stays is %q, not %q", got, texts[second])
	}
	if got := len(c.receipts(t, apartProject)) - before; got != 2 {
		t.Errorf("%d receipts, want 2", got)
	}
}

// killed starts a deploy and kills it while it holds the lock and is about to write.
func (c *checkouts) killed(t *testing.T, apart bool) {
	t.Helper()
	b := newBarrier()
	r, _ := c.deploying(t, b, "one", apart)
	b.first(t)
	if err := r.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = r.wait(t) // with what it has started
}

// killedHere leaves the lock to the next one at once, which need not wait at all.
func (c *checkouts) killedHere(t *testing.T) {
	t.Helper()
	c.killed(t, false)
	s := c.other.with("FLOWMAGE_FLOWS__DEPLOYS_APART_1__DESCRIPTION=after a killed one")
	s.run(t, 0, "deploy:all", "-wait=1ns")
	if got := c.description(t); got != "after a killed one" {
		t.Error(got)
	}
	s.with("FLOWMAGE_FLOWS__DEPLOYS_APART_1__DESCRIPTION=again").run(t, 0, "deploy:all", "-wait=1ns")
}

// killedElsewhere has nobody know that the holder is gone: its lock runs out, and not before.
func (c *checkouts) killedElsewhere(t *testing.T) {
	t.Helper()
	begun := time.Now()
	c.killed(t, true)
	s := c.other.with("FLOWMAGE_FLOWS__DEPLOYS_APART_1__DESCRIPTION=after one that was killed elsewhere")
	if a := s.run(t, 7, "deploy:all", "-wait=1ns"); !strings.Contains(a.stderr, "another deploy of the same project and environment is under way") {
		t.Error(a.stderr)
	}
	a := s.run(t, 0, "deploy:all", "-wait=5m")
	if took := time.Since(begun); took < apartLease || !strings.Contains(a.stderr, "waiting for the lock") {
		t.Errorf("the lock ran out after %s:\n%s", took, a.stderr)
	}
}

func (c *checkouts) description(t *testing.T) string {
	t.Helper()
	d, err := c.api.DeploymentByName(t.Context(), apartFlow, apartFlow+"-python-dev")
	if err != nil {
		t.Fatal(err)
	}
	if d.Description == nil {
		return ""
	}
	return *d.Description
}

// receiptsInOrder looks whether each deploy has replaced what the one before it has left.
func (c *checkouts) receiptsInOrder(t *testing.T) {
	t.Helper()
	left := ""
	for _, r := range c.receipts(t, apartProject) {
		whole, err := receipt.Load(t.Context(), c.api, r)
		if err != nil {
			t.Fatal(err)
		}
		if len(whole.Entries) != 1 {
			t.Fatalf("%+v", whole)
		}
		e := whole.Entries[0]
		if left != "" && (e.Prior == nil || e.Prior.Hash() != left) {
			t.Errorf("receipt %d does not follow the one before it: %+v", r.Number, e)
		}
		left = e.Hash
	}
}
