package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/flowmage/flowmage/tasks/prefect"
)

// replayWord is the first argument with which this program sends recorded creations.
const replayWord = "replay"

const flowSource = `from prefect import flow, task


@task
def step(n: int) -> int:
    return n + 1


@flow(name="bench-%[1]d-%[2]d")
def run(count: int = %[2]d, note: str | None = None) -> int:
    """Count.

    Args:
        count: Where to start.
    """
    return step(count)
`

// many is a repository of n flows in place of the samples, with a project of its own.
type many struct {
	*lab
	n       int
	project string
	flows   []string
}

// plant writes n flows and the settings for them.
func (l *lab) plant(n int) (*many, error) {
	m := &many{lab: l, n: n, project: fmt.Sprintf("bench%d", n)}
	if err := os.RemoveAll(filepath.Join(l.root, "flows")); err != nil {
		return nil, err
	}
	files := map[string]string{"envs/base.yaml": "project: " + m.project + "\ntags: [bench]\nenv: {LEVEL: info}\n", "envs/dev.yaml": "{}\n"}
	for i := range n {
		name := fmt.Sprintf("bench-%d-%d", n, i)
		m.flows = append(m.flows, name)
		files[fmt.Sprintf("flows/f%04d/workflow.py", i)] = fmt.Sprintf(flowSource, n, i)
	}
	for name, text := range files {
		path := filepath.Join(l.root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil { //nolint:gosec // a scratch folder
			return nil, err
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// floor is the read of everything that a plan must know.
func (m *many) floor(ctx context.Context, self string) contender {
	return contender{"floor: the same reads and nothing else", func(api string) (turn, error) {
		return m.exec(ctx, nil, self, floorWord, api, "flowmage:"+m.project+"/dev", m.project+"-dev")
	}}
}

// manyUnchanged plans and deploys n deployments that are there already.
func manyUnchanged(ctx context.Context, l *lab, n, rounds int, withPrefect bool) ([]row, error) {
	m, err := l.plant(n)
	if err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	if _, err := m.tool(ctx, "", "deploy:all"); err != nil {
		return nil, err
	}
	contenders := []contender{{"`mage deploy:all`", func(api string) (turn, error) { return m.tool(ctx, api, "deploy:all") }}, m.floor(ctx, self)}
	if withPrefect {
		if err := foreignManifest(filepath.Join(m.root, "prefect.dev.yaml"), filepath.Join(m.root, "prefect.cli.yaml"), "flowmage:"+m.project+"/dev"); err != nil {
			return nil, err
		}
		contenders = append(contenders, contender{"`prefect deploy --all`", func(api string) (turn, error) {
			return m.prefect(ctx, api, "deploy", "--all", "--prefect-file", "prefect.cli.yaml")
		}})
	}
	return l.measured(fmt.Sprintf("%d deployments, unchanged", n), rounds, contenders)
}

// oneChanged changes a parameter of one of n deployments, to and fro.
func oneChanged(ctx context.Context, l *lab, n, rounds int) ([]row, error) {
	m, err := l.plant(n)
	if err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	if _, err := m.tool(ctx, "", "deploy:all"); err != nil {
		return nil, err
	}
	turns := 0
	change := func(api string) (turn, error) {
		turns++
		text := fmt.Sprintf("flows: {%s: {parameters: {count: %d}}}\n", m.flows[n/2], turns)
		if err := os.WriteFile(filepath.Join(m.root, "envs", "dev.yaml"), []byte(text), 0o600); err != nil {
			return turn{}, err
		}
		return m.tool(ctx, api, "deploy:all")
	}
	return l.measured(fmt.Sprintf("1 changed of %d", n), rounds, []contender{{"`mage deploy:all`", change}, m.floor(ctx, self)})
}

// firstDeploy creates n deployments, whose flows exist from the time before.
func firstDeploy(ctx context.Context, l *lab, n, rounds int) ([]row, error) {
	m, err := l.plant(n)
	if err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	bodies := filepath.Join(m.root, "bodies.jsonl")
	if err := m.record(ctx, bodies); err != nil {
		return nil, err
	}
	clean := func() error { _, err := m.tool(ctx, "", "deploy:clean", "-yes"); return err }
	return compete(fmt.Sprintf("first deploy of %d", n), m.url, rounds, []contender{
		{"`mage deploy:all`", func(api string) (turn, error) {
			if err := clean(); err != nil {
				return turn{}, err
			}
			return m.tool(ctx, api, "deploy:all")
		}},
		{"floor: the same creations, one after the other", func(api string) (turn, error) {
			if err := clean(); err != nil {
				return turn{}, err
			}
			return m.exec(ctx, nil, self, replayWord, api, bodies)
		}},
	})
}

// record deploys through a proxy and keeps the bodies of the creations.
func (m *many) record(ctx context.Context, file string) error {
	target, err := url.Parse(strings.TrimSuffix(m.url, "/api"))
	if err != nil {
		return err
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	var mu sync.Mutex
	var seen bytes.Buffer
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/deployments/") {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				http.Error(w, err.Error(), http.StatusBadRequest)
				return
			}
			mu.Lock()
			seen.Write(append(body, '\n'))
			mu.Unlock()
			r.Body = io.NopCloser(bytes.NewReader(body))
		}
		proxy.ServeHTTP(w, r)
	}))
	defer server.Close()
	if _, err := m.tool(ctx, "", "deploy:clean", "-yes"); err != nil {
		return err
	}
	if _, err := m.tool(ctx, server.URL+"/api", "deploy:all"); err != nil {
		return err
	}
	return os.WriteFile(file, seen.Bytes(), 0o600)
}

// replay sends recorded creations: replay URL FILE.
func replay(ctx context.Context, args []string) error {
	if len(args) != 2 {
		return fmt.Errorf("replay takes 2 arguments, not %d", len(args))
	}
	api, err := prefect.New(prefect.Options{URL: args[0]})
	if err != nil {
		return err
	}
	file, err := os.Open(args[1]) //nolint:gosec // our own caller names it
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // it was read only
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var body map[string]any
		if err := json.Unmarshal(lines.Bytes(), &body); err != nil {
			return err
		}
		if _, err := api.CreateDeployment(ctx, body); err != nil {
			return err
		}
	}
	return lines.Err()
}
