//go:build unix

package targets

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	ps "github.com/shirou/gopsutil/v4/process"

	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/prerequisite"
)

// cluster is Prefect past one machine: Postgres, Redis, two API processes behind the proxy that env:render sets up, services.
type cluster struct {
	dir, proxy string            // the proxy's API address
	direct     []string          // the API processes' own addresses
	pids       map[string]int    // by name: postgres, redis, services, api-1, api-2
	lab        *lab              // a repository that deploys there
	workers    map[string]worker // by name
}

type worker struct {
	cmd  *exec.Cmd
	log  string
	name string
}

// newCluster starts it, and ends it with the test. The repository has the given number of flows.
func newCluster(t *testing.T, flows int) *cluster {
	t.Helper()
	prerequisite.Program(t, "/usr/lib/postgresql/*/bin/initdb")
	prerequisite.Program(t, "redis-server")
	haproxy := prerequisite.Program(t, "haproxy")
	c := &cluster{dir: t.TempDir(), pids: map[string]int{}, workers: map[string]worker{}}
	script, err := filepath.Abs("../../.ci/cluster")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if out, err := exec.CommandContext(context.Background(), script, "stop", c.dir).CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
	})
	start := exec.CommandContext(t.Context(), script, c.dir, "2", "apart")
	var says bytes.Buffer
	start.Env, start.Stderr = clean(), &says
	out, err := start.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, says.String())
	}
	c.direct = strings.Fields(string(out))
	pids, err := os.ReadFile(filepath.Join(c.dir, "pids"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(pids)) {
		words := strings.Fields(line)
		if c.pids[words[0]], err = strconv.Atoi(words[1]); err != nil {
			t.Fatal(err)
		}
	}
	port := freePort(t)
	c.proxy = fmt.Sprintf("http://127.0.0.1:%d/api", port)
	c.lab = manyFlows(t, flows, c.proxy)
	c.startProxy(t, haproxy, port)
	return c
}

func freePort(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close() //nolint:errcheck // it is only about the number
	return listener.Addr().(*net.TCPAddr).Port
}

// manyFlows makes a repository with flows that sleep a little and then leave a line for their run.
func manyFlows(t *testing.T, flows int, api string) *lab {
	t.Helper()
	root := filepath.Join(t.TempDir(), "project")
	l := &lab{root: root, mage: program(t), environ: append(clean(), "CI=")}
	l.edit(t, "envs/base.yaml", "project: many\n")
	l.edit(t, "envs/staging.yaml", fmt.Sprintf("server: {url: %q}\ncode: {directory: %q}\n", api, root))
	if err := os.Mkdir(filepath.Join(root, "done"), 0o755); err != nil {
		t.Fatal(err)
	}
	for i := range flows {
		l.edit(t, fmt.Sprintf("flows/f%03d.py", i), fmt.Sprintf(`import time
from pathlib import Path

from prefect import flow, runtime


@flow
def f%03d(seconds: float = 1.0):
    time.sleep(seconds)
    with open(Path("done") / str(runtime.flow_run.id), "a") as out:
        out.write("done\n")
`, i))
	}
	return l
}

// What is changed in the rendered configuration of the proxy: there are no containers here whose names could be looked up.
var (
	bind    = regexp.MustCompile(`bind :4200`)
	servers = regexp.MustCompile(`(?m)^ *server-template .*$`)
)

// startProxy starts HAProxy with the configuration that env:render writes.
func (c *cluster) startProxy(t *testing.T, haproxy string, port int) {
	t.Helper()
	c.lab.run(t, 0, "env:render", "-env=staging")
	config, err := os.ReadFile(filepath.Join(c.lab.root, "rendered", "staging", "haproxy.cfg"))
	if err != nil {
		t.Fatal(err)
	}
	var list strings.Builder
	for i, api := range c.direct {
		fmt.Fprintf(&list, "    server api%d %s\n", i+1, strings.TrimSuffix(strings.TrimPrefix(api, "http://"), "/api"))
	}
	text := servers.ReplaceAllString(bind.ReplaceAllString(string(config), fmt.Sprintf("bind 127.0.0.1:%d", port)), list.String())
	file := filepath.Join(c.dir, "haproxy.cfg")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, path := range map[string]string{"the rendered": filepath.Join(c.lab.root, "rendered", "staging", "haproxy.cfg"), "our": file} {
		if out, err := exec.CommandContext(t.Context(), haproxy, "-c", "-f", path).CombinedOutput(); err != nil {
			t.Fatalf("HAProxy refuses %s configuration: %s", name, out)
		}
	}
	c.background(t, "haproxy", exec.CommandContext(context.Background(), haproxy, "-db", "-f", file))
	await(t, "the proxy answers", hangs, func() bool {
		resp, err := http.Get(c.proxy + "/ready")
		return err == nil && resp.Body.Close() == nil && resp.StatusCode == http.StatusOK
	})
}

// background starts a process in a group of its own, with a log, and ends it with the test.
func (c *cluster) background(t *testing.T, name string, cmd *exec.Cmd) string {
	t.Helper()
	path := filepath.Join(c.dir, name+".log")
	log, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr, cmd.SysProcAttr = log, log, &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		family(t, cmd.Process.Pid)
		if err := cmd.Wait(); err != nil {
			t.Logf("%s: %v", name, err) // it was told to end
		}
		if err := log.Close(); err != nil {
			t.Error(err)
		}
	})
	return path
}

// family kills a process and all that it has started, as the end of a container does. The parent goes first: it must not see its
// children die. Each is stopped before its children are listed: one that it starts afterwards would live on, and do its work.
func family(t *testing.T, pid int) {
	t.Helper()
	send := func(pid int, signal syscall.Signal) {
		if err := syscall.Kill(pid, signal); err != nil && !errors.Is(err, syscall.ESRCH) {
			t.Errorf("process %d: %v", pid, err)
		}
	}
	all := []int{pid}
	for i := 0; i < len(all); i++ {
		send(all[i], syscall.SIGSTOP)
		p, err := ps.NewProcess(int32(all[i]))
		if err != nil {
			continue
		}
		children, err := p.Children()
		if err != nil && !errors.Is(err, ps.ErrorNoChildren) {
			t.Logf("children of %d: %v", all[i], err)
		}
		for _, child := range children {
			all = append(all, int(child.Pid))
		}
	}
	for _, pid := range all {
		send(pid, syscall.SIGKILL)
	}
}

// startWorker starts a process worker with the settings that env:render gives to workers.
func (c *cluster) startWorker(t *testing.T, name string, limit int) {
	t.Helper()
	cmd := exec.CommandContext(context.Background(), filepath.Join(c.dir, "python", "bin", "python"), "-m", "prefect", "worker", "start",
		"--pool", "many-staging", "--type", "process", "--name", name, "--limit", strconv.Itoa(limit))
	cmd.Dir = c.lab.root
	cmd.Env = append(clean(), "PREFECT_API_URL="+c.proxy, "PREFECT_HOME="+filepath.Join(c.dir, name), "PREFECT_WORKER_QUERY_SECONDS=1",
		"PREFECT_FLOWS_HEARTBEAT_FREQUENCY=30")
	c.workers[name] = worker{cmd, c.background(t, name, cmd), name}
}

func (c *cluster) api(t *testing.T) *prefect.Client {
	t.Helper()
	api, err := prefect.New(prefect.Options{URL: c.proxy})
	if err != nil {
		t.Fatal(err)
	}
	return api
}

// await asks again and again until the answer is yes.
func await(t *testing.T, what string, limit time.Duration, yes func() bool) {
	t.Helper()
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(limit)
	for !yes() {
		select {
		case <-deadline:
			t.Fatalf("after %s it is not so that %s", limit, what)
		case <-tick.C:
		}
	}
}
