//go:build unix

package targets

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/flowmage/flowmage/tasks/prerequisite"
)

// Two people who build the same sources get the same bytes, wherever those lie and whatever their shells have set; nothing in them tells where
// they were built.
func TestReproducibleBuild(t *testing.T) {
	t.Parallel()
	prerequisite.Whole(t)
	prerequisite.Program(t, "make")
	built := func(folder string, variables ...string) []byte {
		for _, name := range []string{"go.mod", "go.sum", "Makefile", "magefiles", "tasks", "templates"} {
			from, to := filepath.Join("..", "..", name), filepath.Join(folder, name)
			info, err := os.Stat(from)
			if err != nil {
				t.Fatal(err)
			}
			if info.IsDir() {
				err = os.CopyFS(to, os.DirFS(from))
			} else {
				err = copyFile(from, to)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		cmd := exec.CommandContext(t.Context(), "make", ".flowmage/bin/mage")
		cmd.Dir, cmd.Env = folder, append(clean(), variables...)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		data, err := os.ReadFile(filepath.Join(folder, ".flowmage", "bin", "mage"))
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(data, []byte(folder)) {
			t.Errorf("the program names the folder that it was built in, %s", folder)
		}
		return data
	}
	first := filepath.Join(t.TempDir(), "one")
	second := filepath.Join(t.TempDir(), "another", "and longer")
	for _, dir := range []string{first, second} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(built(first), built(second, "GOFLAGS=-v", "CGO_ENABLED=1", "USER=somebody", "TZ=Asia/Tokyo", "GOAMD64=v3")) {
		t.Error("the two programs differ")
	}
}

func copyFile(from, to string) error {
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, data, 0o600)
}

// The program says which one it is: on its command line, as JSON, to doctor and to the server.
func TestVersion(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	agents := map[string]bool{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		agents[r.Header.Get("User-Agent")] = true
		mu.Unlock()
		http.NotFound(w, r)
	}))
	t.Cleanup(server.Close)
	l := &lab{root: t.TempDir(), mage: program(t), environ: append(clean(), "PREFECT_API_URL="+server.URL+"/api")}
	l.edit(t, "envs/base.yaml", "project: shop\n")
	l.edit(t, "envs/dev.yaml", "{}\n")
	line := l.run(t, 0, "--version").stdout
	if !strings.HasPrefix(line, "flowmage ") || !strings.Contains(line, ", go1.") || strings.Count(line, "\n") != 1 {
		t.Errorf("--version: %q", line)
	}
	for _, args := range [][]string{{"-version"}, {"env:version"}} {
		if got := l.run(t, 0, args...).stdout; got != line {
			t.Errorf("%v: %q, want %q", args, got, line)
		}
	}
	var told struct{ Version, Go, System string }
	if err := json.Unmarshal([]byte(l.run(t, 0, "env:version", "-json").stdout), &told); err != nil || told.Version == "" || told.Go == "" || told.System == "" {
		t.Error(told, err)
	}
	doctor := l.start(t, "env:doctor", "-json").wait(t).stdout
	var facts struct{ Facts struct{ Version string } }
	if err := json.Unmarshal([]byte(doctor), &facts); err != nil || facts.Facts.Version == "" || !strings.Contains(line, facts.Facts.Version) {
		t.Errorf("doctor says %q: %v", facts.Facts.Version, err)
	}
	mu.Lock()
	defer mu.Unlock()
	if len(agents) != 1 || !agents["flowmage/"+told.Version] {
		t.Errorf("the server hears of %v, want flowmage/%s", agents, told.Version)
	}
}
