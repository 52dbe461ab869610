package deploying

import (
	"bytes"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/session"
)

// TestCleanImages removes one image from a daemon that keeps the other.
func TestCleanImages(t *testing.T) {
	t.Parallel()
	daemon := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer, status := "[]", http.StatusOK
		switch {
		case strings.HasSuffix(r.URL.Path, "/_ping"):
			w.Header().Set("Api-Version", "1.41")
		case strings.HasSuffix(r.URL.Path, "/images/json"):
			answer = `[{"Id":"sha256:1","RepoTags":["shop-a:1"],"Created":2},{"Id":"sha256:2","RepoTags":["shop-b:2"],"Created":1}]`
		case strings.HasSuffix(r.URL.Path, "/images/shop-b:2"):
			answer, status = `{"message":"container 5678 is using it"}`, http.StatusConflict
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(answer))
	}))
	t.Cleanup(daemon.Close)
	const removed = "removed   shop-a:1\n"
	for name, test := range map[string]struct {
		options     CleanOptions
		out, beside string
	}{
		"for people":   {CleanOptions{}, removed, ""},
		"for programs": {CleanOptions{JSON: true}, "", removed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out, beside bytes.Buffer
			s := &session.Session{Console: console.New(&out, &beside), Environ: []string{"DOCKER_HOST=tcp://" + strings.TrimPrefix(daemon.URL, "http://"), "HOME=" + t.TempDir()}}
			err := cleanImages(t.Context(), s, test.options, "shop")
			if f, ok := errors.AsType[*fault.Error](err); !ok || f.Code != fault.Partial || !strings.Contains(f.Cause(), "shop-b:2") || !strings.Contains(f.Cause(), "container 5678 is using it") {
				t.Errorf("which image stays and why is not told: %v", err)
			}
			if diff := cmp.Diff([]string{test.out, test.beside}, []string{out.String(), beside.String()}); diff != "" {
				t.Error(diff)
			}
		})
	}
}
