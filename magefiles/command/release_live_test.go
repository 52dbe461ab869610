//go:build e2e

package command

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/prefecttest"

	"github.com/flowmage/flowmage/tasks/deploying"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/git"
	"github.com/flowmage/flowmage/tasks/live"
	"github.com/flowmage/flowmage/tasks/ownership"
	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/prerequisite"
	"github.com/flowmage/flowmage/tasks/receipt"
	"github.com/flowmage/flowmage/tasks/session"
)

// A release that is interrupted ends as such, and its receipts know what is still ours.
func TestReleaseInterrupted(t *testing.T) {
	t.Parallel()
	const word = "command-release"
	api, err := prefect.New(prefect.Options{URL: prerequisite.Server(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(api.Close)
	owner := ownership.Owner{Project: word, Env: "dev"}
	f, err := api.EnsureFlow(t.Context(), word)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx := context.WithoutCancel(t.Context())
		_ = prefecttest.DeleteFlow(ctx, api, f.ID)
		_ = receipt.Forget(ctx, api, owner)
	})
	for _, name := range []string{"one", "two"} {
		if _, err := prefecttest.CreateDeployment(t.Context(), api, map[string]any{"name": name, "flow_id": f.ID, "tags": []string{owner.Tag()}}); err != nil {
			t.Fatal(err)
		}
	}
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	s := behind(t, api, word, func(r *http.Request) {
		if r.Method == http.MethodPatch && strings.HasPrefix(r.URL.Path, "/api/deployments/") {
			interrupt()
		}
	})
	if err := Release(ctx, s, deploying.ReleaseOptions{All: true, Yes: true}); fault.CodeOf(err) != fault.Interrupted {
		t.Errorf("code %d: %v", fault.CodeOf(err), err)
	}
	known, err := receipt.Recall(t.Context(), api, owner)
	if err != nil {
		t.Fatal(err)
	}
	list, err := live.Holdings(t.Context(), api, owner, known)
	if err != nil || len(list) == 0 || list[len(list)-1].Name != "two" {
		t.Errorf("%v %+v", err, list)
	}
}

// behind gives a session of a project whose requests somebody sees before the server does.
func behind(t *testing.T, api *prefect.Client, project string, see func(r *http.Request)) *session.Session {
	t.Helper()
	target, err := url.Parse(api.URL())
	if err != nil {
		t.Fatal(err)
	}
	target.Path = ""
	pass := httputil.NewSingleHostReverseProxy(target)
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		see(r)
		pass.ServeHTTP(w, r)
	}))
	t.Cleanup(front.Close)
	root := t.TempDir()
	for name, text := range map[string]string{"base.yaml": "project: " + project + "\n", "dev.yaml": ""} {
		file := filepath.Join(root, "envs", name)
		if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return &session.Session{
		Root: root, Environ: []string{"PREFECT_API_URL=" + front.URL + "/api"}, Console: console.New(&bytes.Buffer{}, &bytes.Buffer{}), Git: git.Open(root),
	}
}
